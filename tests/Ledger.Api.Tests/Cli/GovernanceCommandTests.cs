using Ledger.Testing;

namespace Ledger.Api.Tests.Cli;

public sealed class GovernanceCommandTests
{
    [Fact]
    public async Task A_person_decides_at_the_command_line_what_is_one_whose_word_counts_and_what_is_true()
    {
        await using var database = await TestDatabase.Create(CancellationToken.None);
        string[] on = ["--database", database.ConnectionString];
        const string why = "asked them";
        (await Running.ToEnd(["append", "-", .. on], string.Join('\n', Client("crm", "Gill Optics Ltd"),
            Client("erp", "Gill Optics Limited")))).ExitCode.ShouldBe(0);

        var proposals = await Running.ToEnd(["identity", "proposals", "--kind", "client", .. on]);
        var line = proposals.Lines.ShouldHaveSingleItem(proposals.Errors);
        line.ShouldContain("client/crm:1 \"Gill Optics Ltd\" ~ client/erp:1 \"Gill Optics Limited\": ");
        var id = line.Split(' ')[0];
        (await Running.ToEnd(["identity", "proposals", "--min-confidence", "1.5", .. on])).ExitCode.ShouldBe(2);
        (await Running.ToEnd(["identity", "confirm", id, .. on])).ExitCode.ShouldBe(2, "it needs a reason");

        var confirmed = await Running.ToEnd(["identity", "confirm", id, "--reason", why, "--actor", "ih", .. on]);
        confirmed.Lines.ShouldHaveSingleItem(confirmed.Errors).ShouldEndWith(" one: client/crm:1");
        (await Running.ToEnd(["identity", "confirm", id, "--reason", why, .. on])).Output
            .ShouldContain("decided so before");
        (await Running.ToEnd(["identity", "proposals", .. on])).Lines.ShouldBe(["no proposals"]);

        var assigned = await Running.ToEnd(["ownership", "assign", "client.name", "crm", "--reason", why, .. on]);
        assigned.Lines.ShouldHaveSingleItem(assigned.Errors).ShouldEndWith(" client.name: crm");
        var owners = await Running.ToEnd(["ownership", "list", .. on]);
        owners.Lines[0].ShouldStartWith("client.name in force: crm; ");
        owners.Output.ShouldContain("default: client: erp, ");
        (await Running.ToEnd(["ownership", "assign", "client.colour", "crm", "--reason", why, .. on])).Errors
            .ShouldContain("has no field 'colour'");

        var set = await Running.ToEnd(
            ["override", "set", "client/erp:1", "name", "Gill Optics Group", "--reason", why, .. on]);
        set.ExitCode.ShouldBe(0, set.Errors);
        var listed = (await Running.ToEnd(["override", "list", "client/crm:1", .. on])).Lines.ShouldHaveSingleItem();
        listed.ShouldContain(
            " in force: name of client/erp:1 = \"Gill Optics Group\", over \"Gill Optics Ltd\"; ");
        var withdrawn = await Running.ToEnd(
            ["override", "withdraw", listed.Split(' ')[0], "--reason", why, .. on]);
        withdrawn.Output.ShouldEndWith(": withdrawn\n");

        var parted = await Running.ToEnd(
            ["identity", "unlink", "client/crm:1", "client/erp:1", "--reason", why, .. on]);
        parted.Lines.ShouldHaveSingleItem(parted.Errors).ShouldEndWith(" two: client/crm:1 and client/erp:1");
        var joined = await Running.ToEnd(["identity", "link", "client/crm:1", "client/erp:1", "--reason", why, .. on]);
        joined.Lines.ShouldHaveSingleItem(joined.Errors).ShouldEndWith(" one: client/crm:1");
    }

    [Fact]
    public async Task What_changes_money_is_shown_first_and_decided_with_approval_only()
    {
        await using var database = await TestDatabase.Create(CancellationToken.None);
        string[] on = ["--database", database.ConnectionString];
        (await Running.ToEnd(["append", "-", .. on], string.Join('\n', Invoice("billing", "100.00"),
            Invoice("erp", "120.55"), Linked()))).ExitCode.ShouldBe(0);
        string[] assign = ["ownership", "assign", "invoice", "erp", "--reason", "the books are right", .. on];
        var tried = await Running.ToEnd([.. assign, "--dry-run"]);
        (tried.ExitCode, tried.Output).ShouldBe((0, "1 invoice changes: GBP 20.55\n"), tried.Errors);
        var refused = await Running.ToEnd(assign);
        refused.ExitCode.ShouldBe(5, refused.Errors);
        refused.Errors.ShouldContain("--approve");
        (await Running.ToEnd(["ownership", "list", .. on])).Output.ShouldNotContain("in force");
        (await Running.ToEnd([.. assign, "--approve"])).Output.ShouldContain("invoice: erp");
        (await Running.ToEnd(["ownership", "list", .. on])).Lines[0].ShouldStartWith("invoice in force: erp; ");
    }

    [Fact]
    public async Task A_person_says_at_the_command_line_what_a_payment_settles()
    {
        await using var database = await TestDatabase.Create(CancellationToken.None);
        string[] on = ["--database", database.ConnectionString];
        (await Running.ToEnd(["append", "-", .. on], string.Join('\n', Client("erp", "Gill Optics"),
            Invoice("billing", "100.00").Replace("\"currency\"", "\"client\":{\"kind\":\"client\",\"source\":\"erp\","
                + "\"id\":\"1\"},\"currency\"", StringComparison.Ordinal), Sample.OneLine("""
            {"id":"p","source":"bank","type":"payment_received","subject":"payment/1","time":"2026-03-20T09:30:00Z",
            "data":{"receivedOn":"2026-03-20","amount":"100","currency":"GBP",
            "client":{"kind":"client","source":"erp","id":"1"} } }
            """)))).ExitCode.ShouldBe(0);
        var line = (await Running.ToEnd(["coverage", "proposals", .. on])).Lines.ShouldHaveSingleItem();
        line.ShouldEndWith(
            " 0.80 100.00 GBP payment/bank:1 settles invoice/billing:1 \"billing-1\": "
            + "100.00 GBP is what is left of it; one client");
        var id = line.Split(' ')[0];
        var confirmed = await Running.ToEnd(["coverage", "confirm", id, "--reason", "the advice", .. on]);
        confirmed.Lines.ShouldHaveSingleItem(confirmed.Errors).ShouldEndWith(" payment/bank:1 covers it");
        (await Running.ToEnd(["coverage", "proposals", .. on])).Lines.ShouldBe(["no proposals"]);
        var rejected = await Running.ToEnd(["coverage", "reject", id, "--reason", "not theirs", .. on]);
        rejected.Lines.ShouldHaveSingleItem(rejected.Errors).ShouldEndWith(" payment/bank:1 does not cover it");
        (await Running.ToEnd(["coverage", "proposals", .. on])).Lines.ShouldBe(["no proposals"]);
    }

    [Fact]
    public async Task A_token_for_people_who_decide_is_made_without_registering_a_system()
    {
        await using var database = await TestDatabase.Create(CancellationToken.None);
        string[] on = ["--database", database.ConnectionString];
        var added = await Running.ToEnd(["source", "add", "ledger", .. on]);
        added.ExitCode.ShouldBe(0, added.Errors);
        added.Lines.ShouldHaveSingleItem().ShouldStartWith("pls_");
        (await Running.ToEnd(["source", "list", .. on])).Lines.ShouldHaveSingleItem().ShouldContain("not registered");
    }

    [Fact]
    public async Task Finance_says_at_the_command_line_what_it_tolerates_and_sees_first_what_that_changes()
    {
        await using var database = await TestDatabase.Create(CancellationToken.None);
        string[] on = ["--database", database.ConnectionString];
        (await Running.ToEnd(["append", "-", .. on], string.Join('\n', Invoice("billing", "100.00"), Sample.OneLine("""
            {"id":"p","source":"erp","type":"posting_recorded","subject":"posting/1","time":"2026-03-20T09:30:00Z",
            "data":{"postedOn":"2026-03-20","period":"2026-03","currency":"GBP","totals":{"net":"95"},
            "document":{"kind":"invoice","source":"billing","id":"1"} } }
            """)))).ExitCode.ShouldBe(0);
        string[] set = [
            "policy", "set", "tolerance", "class=amount", "amount=5", "currency=GBP", "between=billing,erp",
            "--reason", "bank charges", .. on];
        (await Running.ToEnd([.. set, "--dry-run"])).Lines
            .ShouldBe(["amount, medium: 1 less (1 → 0)", "amount, tolerated: 1 more (0 → 1)"]);
        var said = await Running.ToEnd(set);
        var id = said.Lines.ShouldHaveSingleItem(said.Errors).Trim().Split(' ', ':')[1];
        (await Running.ToEnd([.. set, "--dry-run"])).Output.ShouldBe("nothing changes\n");
        var listed = await Running.ToEnd(["policy", "list", .. on]);
        listed.Lines[0].ShouldStartWith($"{id} in force: tolerance {{\"class\":\"amount\",\"amount\":\"5\"");
        listed.Output.ShouldContain("default: tax: 0.01 for each category");
        (await Running.ToEnd(["policy", "set", "lag", "system=erp", "days=soon", "--reason", "x", .. on])).ExitCode
            .ShouldBe(1);
        (await Running.ToEnd(["policy", "set", "status_map", "system=erp", "of=invoice", "sent=issued",
            "--reason", "x", .. on])).ExitCode.ShouldBe(0);
        (await Running.ToEnd(["policy", "end", id, "--reason", "fixed", .. on])).Output.ShouldEndWith(": ended\n");
        (await Running.ToEnd(["policy", "list", .. on])).Lines[0].ShouldStartWith($"{id} not in force today: ");
    }

    [Fact]
    public async Task A_person_signs_a_month_at_the_command_line_and_is_told_what_suspended_it()
    {
        await using var database = await TestDatabase.Create(CancellationToken.None);
        string[] on = ["--database", database.ConnectionString];
        (await Running.ToEnd(["append", "-", .. on], Invoice("billing", "100.00"))).ExitCode.ShouldBe(0);
        string[] sign = ["sign-off", "sign", "--period", "2026-03", "--reason", "March closed", "--actor", "cfo", .. on];
        (await Running.ToEnd([.. sign, "--dry-run"])).Output
            .ShouldStartWith("2026-03-01 to 2026-03-31 as of position 1: 1 record, 0 exceptions open, 0 accepted, 1 ");
        var signed = await Running.ToEnd(sign);
        signed.Output.ShouldContain(" signed 2026-03-01 to 2026-03-31 the whole firm, as of position 1; cfo, ");
        (await Running.ToEnd(sign)).Output.ShouldContain("decided so before");
        (await Running.ToEnd(["append", "-", .. on], Invoice("erp", "120.55"))).ExitCode.ShouldBe(0);
        (await Running.ToEnd(["sign-off", "keep", "--dry-run", .. on])).Output
            .ShouldBe("1 to suspend, looked at up to position 3\n");
        (await Running.ToEnd(["sign-off", "keep", .. on])).Output
            .ShouldBe("1 suspended, looked at up to position 3\n");
        (await Running.ToEnd(["sign-off", "keep", .. on])).Output
            .ShouldBe("0 suspended, looked at up to position 4\n");
        (await Running.ToEnd(["sign-off", "list", .. on])).Lines.ShouldHaveSingleItem()
            .ShouldEndWith(" (event 3) brought something into what was signed, of 2026-03-14.");
    }

    private static string Client(string source, string name) => Sample.OneLine($$"""
        {"id":"{{source}}-1","source":"{{source}}","type":"client_registered","subject":"client/1",
        "time":"2026-03-14T09:30:00Z","data":{"name":"{{name}}","emails":["accounts@gill.example"]} }
        """);

    private static string Invoice(string source, string net) => Sample.OneLine($$"""
        {"id":"{{source}}-i","source":"{{source}}","type":"invoice_issued","subject":"invoice/1",
        "time":"2026-03-14T09:30:00Z","data":{"documentType":"invoice","number":"{{source}}-1","issuedOn":"2026-03-14",
        "currency":"GBP","lines":[{"line":"1","kind":"time","net":"{{net}}"}],"totals":{"net":"{{net}}","gross":"{{net}}","payable":"{{net}}"} } }
        """);

    private static string Linked() => Sample.OneLine("""
        {"id":"link","source":"billing","type":"identity_linked","subject":"identity/1","time":"2026-03-14T09:30:00Z",
        "data":{"a":{"kind":"invoice","source":"billing","id":"1"},"b":{"kind":"invoice","source":"erp","id":"1"} } }
        """);
}
