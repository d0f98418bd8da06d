using System.Text.Json;
using Ledger.Testing;

namespace Ledger.Api.Tests.Cli;

public sealed class CommandLineTests
{
    [Fact]
    public async Task The_demo_runs_from_nothing_and_again_on_what_is_there()
    {
        await using var folder = new TemporaryFolder();
        var first = await Running.ToEnd(["demo", "--exit", "--data", folder.Path]);
        first.ExitCode.ShouldBe(0, first.Errors);
        first.Lines[0].ShouldStartWith("Verdicts: ");
        first.Lines[0].ShouldContain(" appended");
        var all = first.Lines.Single(line => line.StartsWith("all ", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        all[1].ShouldNotBe("0");
        all[2..5].ShouldAllBe(count => count == all[1], "all that was planted is found, with its event and its money");
        all[5].ShouldBe("0", "and nothing else");
        first.Output.ShouldContain("Lineage of invoice/");

        var again = await Running.ToEnd(["demo", "--exit", "--data", folder.Path]);
        again.ExitCode.ShouldBe(0, again.Errors);
        again.Lines[0].ShouldNotContain(" appended");
        again.Lines[1..].ShouldBe(first.Lines[1..], "the same events, the same report");

        var verified = await Running.ToEnd(["verify", "--data", folder.Path]);
        verified.ExitCode.ShouldBe(0, verified.Errors);
        (await Running.ToEnd(["rebuild", "--data", folder.Path])).ExitCode.ShouldBe(0);
        await Reports(folder.Path);
        await Serves(folder.Path);
    }

    private static async Task Reports(string data)
    {
        var text = await Running.ToEnd(["reconcile", "--data", data]);
        text.ExitCode.ShouldBe(0, text.Errors);
        text.Output.ShouldContain("erp-uk");
        var json = await Running.ToEnd(["reconcile", "--format", "json", "--data", data]);
        var findings = JsonElement.Parse(json.Output).GetProperty("findings").EnumerateArray().ToArray();
        findings.ShouldNotBeEmpty();
        foreach (var finding in findings)
            new[] { "class", "streams", "events", "sentence" }
                .Except(finding.EnumerateObject().Select(member => member.Name)).ShouldBeEmpty();
        string[] recorded = ["reconcile", "--as-of", "0", "--record", "--data", data];
        var once = await Running.ToEnd(recorded);
        once.ExitCode.ShouldBe(0, once.Errors);
        once.Errors.ShouldContain("on record at position ");
        (await Running.ToEnd(recorded)).Errors.Split('\n')[^2].ShouldBe(
            once.Errors.Split('\n')[^2], "a position is put on record once");
        var proof = await Running.ToEnd(["prove", "--data", data]);
        proof.ExitCode.ShouldBe(1, "the firm of the sample has faults");
        proof.Lines[0].ShouldStartWith("Proof as of position");
        proof.Output.ShouldContain("Does not foot");
        var proven = await Running.ToEnd(["prove", "--to", "2026-08-31", "--format", "json", "--data", data]);
        JsonElement.Parse(proven.Output).GetProperty("accounts").GetArrayLength().ShouldBeGreaterThan(0);

        var invoice = findings.SelectMany(f => f.GetProperty("streams").EnumerateArray()).Select(s => s.GetString()!)
            .First(s => s.StartsWith("invoice/", StringComparison.Ordinal));
        var lineage = await Running.ToEnd(["lineage", invoice, "--format", "json", "--data", data]);
        JsonElement.Parse(lineage.Output).GetProperty("lines").GetArrayLength().ShouldBeGreaterThan(0);
        var unknown = await Running.ToEnd(["lineage", "invoice/billing:nobody", "--data", data]);
        (unknown.ExitCode, unknown.Output).ShouldBe((1, ""));
    }

    private static async Task Serves(string data)
    {
        await using var server = Running.Start(["serve", "--data", data, "--urls", "http://127.0.0.1:0"]);
        var address = (await server.Says("Listening at ")).Split(' ')[2].TrimEnd(';');
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        (await client.GetAsync(new Uri("/health/ready", UriKind.Relative))).EnsureSuccessStatusCode();

        // Another command joins the same private server.
        (await Running.ToEnd(["append", "-", "--data", data], Sample.Time("cli"))).ExitCode.ShouldBe(0);
        (await client.GetAsync(new Uri("/v1/receipts/psa/cli", UriKind.Relative))).EnsureSuccessStatusCode();
        var taken = await Running.ToEnd(["serve", "--data", data, "--urls", address]);
        taken.ExitCode.ShouldBe(1);
        taken.Errors.ShouldContain($"listens at {address}");
        taken.Errors.ShouldNotContain("Exception");
        (await server.Stop()).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_named_database_is_migrated_only_when_asked()
    {
        await using var database = await TestDatabase.CreateEmpty(CancellationToken.None);
        string[] on = ["--database", database.ConnectionString];
        var early = await Running.ToEnd(["serve", .. on]);
        early.ExitCode.ShouldBe(1);
        early.Errors.ShouldContain("ledger migrate");
        var dry = await Running.ToEnd(["migrate", "--dry-run", .. on]);
        dry.Lines.ShouldContain("pending 0001-store");
        var done = await Running.ToEnd(["migrate", .. on]);
        done.Lines.ShouldContain("applied 0001-store");
        (await Running.ToEnd(["migrate", .. on])).Lines.ShouldBe(["nothing to apply"]);

        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"[{Sample.Time("a")},{Sample.Time("b", minutes: "x")},{Sample.Time("a")}]");
        var appended = await Running.ToEnd(["append", file, .. on]);
        appended.ExitCode.ShouldBe(1, "one is rejected");
        appended.Lines.ShouldBe(["1 appended, 1 duplicate, 1 rejected"]);
        appended.Errors.ShouldContain("/data/quantity/value");
        var piped = await Running.ToEnd(
            ["append", "-"], $"{Sample.Time("a")}\n{Sample.Time("c")}\n",
            ("LEDGER_DATABASE", database.ConnectionString));
        piped.Lines.ShouldBe(["1 appended, 1 duplicate"]);
        var firstIsBad = await Running.ToEnd(["append", "-", .. on], $"{{\"id\":\n{Sample.Time("d")}\n");
        firstIsBad.Lines.ShouldBe(["1 appended, 1 rejected"]);
        File.Delete(file);
    }

    [Fact]
    public async Task Reads_the_documents_of_a_folder_and_of_those_below_it()
    {
        var folder = Directory.CreateTempSubdirectory("ledger-import-");
        var below = folder.CreateSubdirectory("2026");
        const string Record = """{"id":"ID","number":"1","lastModifiedDateTime":"2026-04-01T09:00:00Z"}""";
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "customers.json"), Record);
        await File.WriteAllTextAsync(Path.Combine(below.FullName, "salesInvoices.JSON"), Record);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "notes.txt"), "no document");
        string[] import = ["import", "business-central", folder.FullName, "--source", "erp-uk", "--dry-run"];
        var dry = await Running.ToEnd(import);
        dry.Lines.Select(line => line.Trim()).ShouldBe(
            ["1 client_stated", "1 invoice_stated", "1 source_registered", "3 events, nothing stored"]);
        await File.WriteAllTextAsync(Path.Combine(below.FullName, "projects.json"), "no JSON");
        var bad = await Running.ToEnd(import);
        bad.ExitCode.ShouldBe(1);
        bad.Errors.ShouldContain(Path.Combine("2026", "projects.json") + ":1: this is not JSON");
        folder.Delete(recursive: true);
    }

    [RealFact("vendor_kantata_mavenlink")]
    public async Task Reads_a_recorded_export_into_events()
    {
        var folder = RealData.Path("vendor_kantata_mavenlink")!;
        await using var database = await TestDatabase.Create(CancellationToken.None);
        var files = Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).ToArray();
        string[] import = ["import", "kantata", .. files, "--database", database.ConnectionString];
        var dry = await Running.ToEnd([.. import, "--dry-run"]);
        dry.Output.ShouldContain("nothing stored");
        var first = await Running.ToEnd(import);
        first.Lines.ShouldHaveSingleItem().ShouldEndWith(" appended");
        (await Running.ToEnd(import)).Lines.ShouldHaveSingleItem().ShouldNotContain("appended");
    }

    [Theory]
    [InlineData("")]
    [InlineData("explode")]
    [InlineData("serve --urls nowhere")]
    [InlineData("append")]
    [InlineData("append no-such-file.json")]
    [InlineData("import nobody file.json")]
    [InlineData("reconcile --format xml")]
    [InlineData("prove --from soon")]
    [InlineData("reconcile --as-of -1")]
    [InlineData("reconcile --as-of soon")]
    [InlineData("serve --urls")]
    [InlineData("verify --data")]
    [InlineData("serve --data here --database Host=there")]
    [InlineData("serve --database nonsense")]
    [InlineData("source")]
    [InlineData("source add")]
    [InlineData("source add PSA")]
    [InlineData("source add psa --role king")]
    [InlineData("source add psa --zone Nowhere/Land")]
    [InlineData("source add psa --kind source")]
    [InlineData("source rotate psa --keep-old soon")]
    [InlineData("source limit psa")]
    [InlineData("source limit psa --rate fast")]
    [InlineData("source limit psa --rate 0/s")]
    [InlineData("source limit psa --burst 5")]
    [InlineData("source limit psa --depth 65")]
    [InlineData("source limit psa --none --items 5")]
    public async Task A_command_line_that_is_wrong_is_2_and_says_how(string line)
    {
        var ran = await Running.ToEnd(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        ran.ExitCode.ShouldBe(2);
        ran.Output.ShouldBeEmpty();
        ran.Errors.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("demo")]
    [InlineData("serve")]
    [InlineData("migrate")]
    [InlineData("append")]
    [InlineData("import")]
    [InlineData("source")]
    [InlineData("source add")]
    [InlineData("source list")]
    [InlineData("source rotate")]
    [InlineData("source revoke")]
    [InlineData("source limit")]
    [InlineData("reconcile")]
    [InlineData("prove")]
    [InlineData("lineage")]
    [InlineData("propose-invoice")]
    [InlineData("re-rate")]
    [InlineData("rate-touches")]
    [InlineData("rebuild")]
    [InlineData("verify")]
    public async Task Help_teaches_by_example(string command)
    {
        var ran = await Running.ToEnd([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        ran.ExitCode.ShouldBe(0);
        ran.Output.ShouldContain("Exit codes");
        if (command.Length > 0)
            ran.Output.ShouldContain($"ledger {command}");
    }

    [Fact]
    public async Task Without_postgresql_it_is_3_and_one_sentence()
    {
        await using var folder = new TemporaryFolder();
        var empty = Directory.CreateDirectory(Path.Combine(folder.Path, "bin")).FullName;
        var ran = await Running.ToEnd(
            ["demo", "--exit", "--data", Path.Combine(folder.Path, "data")], "", ("LEDGER_PG_BIN", empty));
        ran.ExitCode.ShouldBe(3, ran.Errors);
        ran.Errors.Split('\n').ShouldHaveSingleItem();
    }
}
