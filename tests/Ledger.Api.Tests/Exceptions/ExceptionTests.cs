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
        (await door.Command(path + "/explain", Said("typed by hand"))).Receipt().Text("verdict").ShouldBe("appended");
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
    public async Task What_is_asked_wrongly_is_told_so()
    {
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
    public static async Task PostedOff(this Door door, string invoice, int year = 2026)
    {
        await door.Told("billing", $"i-{invoice}", "invoice_issued", $"invoice/{invoice}", $"{year}-03-01T10:00:00Z", new
        {
            number = $"N-{invoice}", issuedOn = $"{year}-03-01", currency = "GBP", documentType = "credit_note",
            lines = Array.Empty<object>(), totals = new { net = "500.00" },
        });
        await door.Posted(invoice, "460.00", 1, year);
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

    private static async Task Told(
        this Door door, string source, string id, string type, string subject, string time, object data)
    {
        var answer = await door.Post(JsonSerializer.Serialize(new { id, source, type, subject, time, data }));
        answer.Verdict.ShouldBe("appended", answer.Body);
    }
}
