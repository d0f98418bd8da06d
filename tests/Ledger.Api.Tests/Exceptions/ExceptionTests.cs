using System.Text.Json;

namespace Ledger.Api.Tests.Exceptions;

public sealed class ExceptionTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task A_difference_opens_an_exception_people_speak_of_it_and_it_closes_with_its_cause()
    {
        await door.PostedOff("77");
        (await Keep()).Opened.ShouldBeGreaterThan(0);
        (await Keep()).ShouldBe((0, 0), "once said there is nothing more to say");

        var found = (await Listed("stream=invoice%2Fbilling:77")).ShouldHaveSingleItem();
        (found.Text("kind"), found.Text("class"), found.Text("status"), found.Text("owner"))
            .ShouldBe(("drift_case", "amount", "open", "erp"));
        (found.Text("amount"), found.Text("currency"), found.Text("since")).ShouldBe(("40", "GBP", "2026-03-02"));
        found.Text("suggestion").ShouldBe("erp: posting P-77, net: 460.00 GBP → 500.00 GBP");

        var path = $"/v1/exceptions/{found.Text("id")}";
        var explained = (await door.Get(path)).Json.GetProperty("explained");
        explained.GetProperty("root").Text("stream").ShouldBe("posting/erp:P-77");
        explained.GetProperty("counterpart").Text("value").ShouldBe("500.00 GBP");
        explained.GetProperty("parts")[0].Text("amount").ShouldBe("40.00");
        (await door.Command(path + "/explain", Said("typed by hand"))).Receipt().Text("verdict").ShouldBe("appended");
        (await door.Command(path + "/assign", new { actor = "i.halden", to = "GL team" })).Status.ShouldBe(422);
        (await door.Command(path + "/assign", new { reason = "theirs", actor = "i.halden", to = "GL team" })).Status
            .ShouldBe(201);
        (await door.Command(path + "/accept", new { reason = "until May", actor = "i.halden", until = "2099-05-31" }))
            .Status.ShouldBe(201);
        (await door.Command(path + "/explain", Said("typed by hand"))).Receipt().Text("verdict").ShouldBe("duplicate");
        var now = (await door.Get(path)).Json;
        (now.Text("status"), now.Text("assignee")).ShouldBe(("accepted", "GL team"));
        now.GetProperty("acceptance").Text("until").ShouldBe("2099-05-31");
        now.GetProperty("explanations").EnumerateArray().Single().Text("words").ShouldBe("typed by hand");

        await door.PostedRight("77");
        (await Keep()).ShouldBe((0, 1));
        now = (await door.Get(path)).Json;
        (now.Text("status"), now.Text("resolvedBy")).ShouldBe(("resolved", "ledger"));
        (await Listed("status=open&stream=invoice%2Fbilling:77")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_servers_at_once_open_a_case_once()
    {
        await door.PostedOff("78");
        await Task.WhenAll(Keep(), Keep(), Keep());
        var found = (await Listed("stream=invoice%2Fbilling:78")).ShouldHaveSingleItem();
        var stream = $"drift_case/{Uri.EscapeDataString("ledger:" + found.Text("id"))}";
        (await door.Get($"/v1/streams/{stream}")).Json.GetProperty("events").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Exceptions_are_narrowed_ordered_and_added_up()
    {
        await door.Told("clm", "k-1", "contract_stated", "contract/K1", "2026-01-02T10:00:00Z", new
        {
            observedAt = "2026-01-02T10:00:00Z", number = "K-1",
        });
        await door.PostedOff("M81");
        await door.PostedOff("M82", net: "300.00", contract: "K1");
        await Keep();
        const string both = "class=amount&text=p-m8";
        (await Invoices(both)).ShouldBe(["M81", "M82"]);
        (await Invoices(both + "&sort=amount")).ShouldBe(["M82", "M81"]);
        var first = (await door.Get($"/v1/exceptions?{both}&sort=amount&limit=1")).Json;
        (await Invoices($"{both}&sort=amount&limit=1&after={first.GetProperty("next").GetInt64()}")).ShouldBe(["M81"]);
        first.GetProperty("exceptions").GetInt64().ShouldBe(2, "totals are of all pages");
        var total = first.GetProperty("totals").EnumerateArray().Single();
        (total.Text("of"), total.Text("currency"), total.Text("amount")).ShouldBe(("amount", "GBP", "240"));
        foreach (var (asked, found) in new (string, string[])[]
        {
            ("minAmount=100", ["M82"]), ("engagement=contract%2Fclm:K1", ["M82"]), ("currency=USD", []),
            ("kind=posting", ["M81", "M82"]), ("kind=time", []), ("olderThan=30", ["M81", "M82"]),
            ("olderThan=100000", []), ("assigned=person", []), ("legalEntity=legal_entity%2Ferp:none", []),
        })
            (await Invoices($"{both}&{asked}")).ShouldBe(found, asked);

        var sums = (await door.Get($"/v1/exceptions?{both}&group=engagement")).Json.GetProperty("totals");
        sums.EnumerateArray().Select(t => $"{t.GetProperty("of")} {t.GetProperty("amount")}").ShouldBe(
            ["contract/clm:K1 200", " 40"]);
        sums[0].Text("name").ShouldBe("K-1");
        foreach (var grouping in (string[])["legal_entity", "source", "assignee", "severity"])
            (await door.Get($"/v1/exceptions?{both}&sort=severity&group={grouping}")).Json.GetProperty("totals")
                .EnumerateArray().Single().GetProperty("exceptions").GetInt64().ShouldBe(2);
        var item = (await door.Get($"/v1/exceptions/{first.GetProperty("items")[0].Text("id")}")).Json;
        item.GetRawText().ShouldStartWith(
            first.GetProperty("items")[0].GetRawText().TrimEnd('}'), Case.Sensitive,
            "the item says what the list says of it, and then how it is explained");
        item.GetProperty("ageDays").GetInt32().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_rule_gives_cases_to_somebody_and_a_person_goes_before_it()
    {
        await door.PostedOff("79");
        await Keep();
        var rule = new { assignee = "AR team", @class = "amount", system = "erp", reason = "they keep the books" };
        var tried = await door.Command("/v1/policies?dry-run=true", new { actor = "cfo", routing = rule });
        tried.Json.GetProperty("words").EnumerateArray().Select(w => w.GetString()).ShouldContain(
            w => w!.StartsWith("amount, looked at by AR team: ", StringComparison.Ordinal), tried.Body);
        var said = await door.Command("/v1/policies", new { actor = "cfo", routing = rule });
        var id = said.Receipt().Text("stream")!.Split(':', 2)[1];
        await Keep();
        var found = (await Listed("stream=invoice%2Fbilling:79&assigned=rule")).ShouldHaveSingleItem();
        (found.Text("assignee"), found.Text("assignedBy"), found.Text("rule")).ShouldBe(("AR team", "ledger", id));

        var path = $"/v1/exceptions/{found.Text("id")}";
        await door.Command(path + "/assign", new { reason = "knows them", actor = "cfo", to = "AR team" });
        await door.Send(HttpMethod.Delete, $"/v1/policies/{id}?reason=done&actor=cfo", null);
        await Keep();
        (await door.Get(path)).Json.Text("assignee").ShouldBe("AR team", "a person said so");
        (await door.Command(path + "/release", Said("left"))).Status.ShouldBe(201);
        (await door.Get(path)).Json.TryGetProperty("assignee", out _).ShouldBeFalse();
        (await door.Command("/v1/policies", new { actor = "cfo", routing = new { assignee = "x", @class = "amout" } }))
            .Json.GetProperty("errors")[0].Text("pointer").ShouldBe("/routing/class");
    }

    [Fact]
    public async Task A_case_is_looked_at_again_when_a_person_asks()
    {
        await door.PostedOff("80");
        await Keep();
        var path = "/v1/exceptions/" + (await Listed("stream=invoice%2Fbilling:80")).Single().Text("id");
        var replay = (await door.Command(path + "/replay", new { actor = "i.halden" })).Json.GetProperty("replay");
        replay.GetProperty("stands").GetBoolean().ShouldBeTrue();
        replay.Text("outcome")!.ShouldStartWith("2 records were folded from their events and compared");
        replay.GetProperty("changed").GetArrayLength().ShouldBe(0);
        await door.PostedRight("80");
        replay = (await door.Command(path + "/replay", Said("corrected"))).Json.GetProperty("replay");
        replay.Text("outcome")!.ShouldEndWith("Nothing is wrong any more.");
        var now = (await door.Get(path)).Json;
        (now.Text("status"), now.GetProperty("replayed").Text("by")).ShouldBe(("resolved", "i.halden"));
    }

    [Fact]
    public async Task A_record_that_stands_still_is_folded_again_when_a_person_asks()
    {
        await Worked("w-2", "2026-03-02T10:00:00Z");
        await Spoil("""{"spoilt":"yes"}""");
        await Worked("w-1", "2026-03-01T10:00:00Z");
        await Keep();
        var path = "/v1/exceptions/" + (await Listed("class=poisoned")).ShouldHaveSingleItem().Text("id");
        using var world = new Projections.LiveWorld(door.Ledger.Source);
        var before = (await world.Now(default)).Records["time/psa:W1"].Fold.Events;
        var replay = (await door.Command(path + "/replay", Said("?"))).Json.GetProperty("replay");
        replay.GetProperty("stands").GetBoolean().ShouldBeTrue();
        replay.Text("outcome")!.ShouldContain(", time_entry_recorded: ");
        await Spoil(null);
        replay = (await door.Command(path + "/replay", Said("mended"))).Json.GetProperty("replay");
        (replay.GetProperty("stands").GetBoolean(), replay.GetProperty("changed")[0].GetString())
            .ShouldBe((false, "time/psa:W1"));
        (await world.Now(default)).Records["time/psa:W1"].Fold.Events.ShouldBeGreaterThan(before);
        (await door.Get(path)).Json.Text("status").ShouldBe("resolved");

        Task Worked(string id, string time) => door.Told("psa", id, "time_entry_recorded", "time/W1", time, new
        {
            resource = new { kind = "resource", id = "anna" }, workedOn = "2026-03-02",
            quantity = new { value = "1", unit = "HUR" },
        });
    }

    private string kept = "";

    /// <summary>As if the program could not read the event; null = it learnt to.</summary>
    private async Task Spoil(string? body)
    {
        await door.Ledger.Projector.WaitFor(await door.Ledger.Store.Position(default), default);
        await using var command = door.Ledger.Source.CreateCommand(
            """
            update events.mt_events e set data = $1::jsonb from events.mt_events was
            where was.seq_id = e.seq_id and e.stream_id = 'time/psa:W1' and e.headers ->> 'source_id' = 'w-2'
            returning was.data::text
            """);
        command.Parameters.Add(new() { Value = body ?? kept });
        kept = (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task<string[]> Invoices(string filter) =>
    [
        .. (await Listed(filter)).Select(item => item.GetProperty("streams").EnumerateArray()
            .Select(s => s.GetString()!).First(s => s.StartsWith("invoice/", StringComparison.Ordinal)).Split(':')[1]),
    ];

    [Fact]
    public async Task What_is_asked_wrongly_is_told_so()
    {
        (await door.Get("/v1/exceptions?sort=luck")).ProblemType.ShouldBe("invalid-parameter");
        (await door.Get("/v1/exceptions?minAmount=-1")).ProblemType.ShouldBe("invalid-parameter");

        (await door.Get("/v1/exceptions?status=shut")).ProblemType.ShouldBe("invalid-parameter");
        (await door.Get("/v1/exceptions/0123456789abcdef")).Status.ShouldBe(404);
        (await door.Command("/v1/exceptions/0123456789abcdef/accept", Said("x"))).Status.ShouldBe(404);
        (await door.Command("/v1/exceptions/0123456789abcdef/close", Said("x"))).Status.ShouldBe(404);
    }

    private static object Said(string reason) => new { reason, actor = "i.halden" };

    private async Task<JsonElement[]> Listed(string filter)
    {
        var answer = await door.Get($"/v1/exceptions?{filter}&at-least={await door.Ledger.Store.Position(default)}");
        answer.Status.ShouldBe(200, answer.Body);
        return answer.Items;
    }

    private Task<(int Opened, int Closed)> Keep() => door.KeepExceptions();
}

/// <summary>An invoice that a general ledger books wrongly, and then rightly.</summary>
internal static class Bookings
{
    public static async Task PostedOff(
        this Door door, string invoice, int year = 2026, string net = "460.00", string? contract = null)
    {
        await door.Told("billing", $"i-{invoice}", "invoice_issued", $"invoice/{invoice}", $"{year}-03-01T10:00:00Z", new
        {
            number = $"N-{invoice}", issuedOn = $"{year}-03-01", currency = "GBP", documentType = "credit_note",
            lines = Array.Empty<object>(), totals = new { net = "500.00" },
            contracts = contract is null ? [] : new[] { new { kind = "contract", source = "clm", id = contract } },
        });
        await door.Posted(invoice, net, 1, year);
    }

    /// <summary>What the server does by itself, now.</summary>
    public static async Task<(int Opened, int Closed)> KeepExceptions(this Door door)
    {
        await door.Ledger.Projector.WaitFor(
            await door.Ledger.Store.Position(CancellationToken.None), CancellationToken.None);
        using var decisions = new Decisions(door.Ledger.Store, door.Ledger.Intake);
        using var drift = new Projections.Drift.LiveDrift(door.Ledger.Source, door.Ledger.Store);
        var kept = await new CaseKeeper(decisions, drift, door.Ledger.Source).Keep(false, CancellationToken.None);
        await door.Ledger.Projector.WaitFor(
            await door.Ledger.Store.Position(CancellationToken.None), CancellationToken.None);
        return (kept.Opened, kept.Closed);
    }

    public static Task PostedRight(this Door door, string invoice, int year = 2026) =>
        door.Posted(invoice, "500.00", 2, year);

    private static Task Posted(this Door door, string invoice, string net, int version, int year) => door.Told(
        "erp", $"p-{invoice}-{version}", "posting_recorded", $"posting/P-{invoice}",
        $"{year}-03-0{version + 1}T02:00:00Z", new
        {
            postedOn = $"{year}-03-02", period = $"{year}-03", currency = "GBP", totals = new { net },
            document = new { kind = "invoice", source = "billing", id = invoice },
        });

    public static async Task Told(
        this Door door, string source, string id, string type, string subject, string time, object data)
    {
        var answer = await door.Post(JsonSerializer.Serialize(new { id, source, type, subject, time, data }));
        answer.Verdict.ShouldBe("appended", answer.Body);
    }
}
