namespace Ledger.Api.Tests;

public sealed class ViewTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task Shows_each_thing_once_as_its_owners_say()
    {
        var record = $"ACC/{Sample.NewId()}";
        var position = await Position(door.Post(Sample.ClientStated(Sample.NewId(), record, "Acme")));
        var path = $"/v1/entities/client/{Uri.EscapeDataString($"client/crm:{record}")}";
        var entity = await door.Get($"{path}?at-least={position}");
        entity.Status.ShouldBe(200, entity.Body);
        entity.Json.GetProperty("id").GetString().ShouldBe($"client/crm:{record}");
        var name = entity.Json.GetProperty("fields").GetProperty("name");
        name.GetProperty("value").GetString().ShouldBe("Acme");
        name.GetProperty("source").GetString().ShouldBe("crm");
        name.GetProperty("position").GetInt64().ShouldBe(position);
        long.Parse(entity.Headers.GetValues("Ledger-Position").Single(), null).ShouldBeGreaterThanOrEqualTo(position);
    }

    [Fact]
    public async Task Pages_through_the_entities_of_a_kind()
    {
        foreach (var name in new[] { "a", "b", "c" })
            await door.Post(Sample.ClientStated(Sample.NewId(), Sample.NewId(), name));
        var position = (await door.Get("/v1/events?limit=1000")).Items.Length;
        var first = await door.Get($"/v1/entities/client?limit=2&at-least={position}");
        first.Items.Length.ShouldBe(2);
        var next = first.Json.GetProperty("next").GetInt64();
        var second = await door.Get($"/v1/entities/client?after={next}");
        second.Items.ShouldNotBeEmpty();
        second.Items.Select(e => e.GetProperty("opened").GetInt64()).ShouldAllBe(opened => opened > next);
        second.Json.GetProperty("next").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Theory]
    [InlineData("/v1/entities/unheard_of")]
    [InlineData("/v1/entities/client/client%2Fcrm%3Anobody")]
    [InlineData("/v1/invoices/invoice%2Fbilling%3Anobody/lineage")]
    [InlineData("/v1/drift/runs/17")]
    [InlineData("/v1/drift/runs/019aa000-0000-7000-8000-000000000000")]
    public async Task Says_404_where_there_is_no_such_thing(string path) =>
        (await door.Get(path)).ProblemType.ShouldBe("not-found");

    [Fact]
    public async Task Gives_a_lineage_as_json_text_or_a_picture()
    {
        var (entry, invoice) = (Sample.NewId(), $"INV/{Sample.NewId()}");
        await door.Post(Sample.Time(entry));
        var position = await Position(door.Post(Sample.Invoice(Sample.NewId(), invoice, entry)));
        var path = $"/v1/invoices/{Uri.EscapeDataString($"invoice/billing:{invoice}")}/lineage?at-least={position}";
        (await Lineage(path, "application/json")).Json.GetProperty("lines").GetArrayLength().ShouldBe(1);
        var plain = $"/v1/invoices/invoice/{Uri.EscapeDataString($"billing:{invoice}")}/lineage";
        (await Lineage(plain, "*/*")).Status.ShouldBe(200, "the kind's slash may stay as it is");
        (await Lineage(path, "*/*")).Media.ShouldBe("application/json");
        (await Lineage(path, "text/plain")).Body.ShouldContain($"time/psa:{entry}");
        (await Lineage(path, "image/svg+xml, application/json;q=0.5")).Body.ShouldStartWith("<svg");
        var refused = await Lineage(path, "application/pdf");
        refused.Status.ShouldBe(406);
        refused.ProblemType.ShouldBe("not-acceptable");
    }

    [Fact]
    public async Task Leads_from_a_record_to_the_invoices_it_has_to_do_with()
    {
        var (entry, invoice) = (Sample.NewId(), $"INV/{Sample.NewId()}");
        await door.Post(Sample.Time(entry));
        var position = await Position(door.Post(Sample.Invoice(Sample.NewId(), invoice, entry)));
        var path = $"/v1/entities/time/{Uri.EscapeDataString($"time/psa:{entry}")}/lineage?at-least={position}";
        var touched = (await Lineage(path, "application/json")).Json;
        var only = touched.GetProperty("invoices").EnumerateArray().ShouldHaveSingleItem();
        only.GetProperty("id").GetString().ShouldBe($"invoice/billing:{invoice}");
        var way = only.GetProperty("lines")[0].GetProperty("way").EnumerateArray().ShouldHaveSingleItem();
        way.GetProperty("rel").GetString().ShouldBe("bills");
        way.GetProperty("event").GetProperty("position").GetInt64().ShouldBe(position);
        touched.GetProperty("record").GetProperty("stream").GetString().ShouldBe($"time/psa:{entry}");
        (await Lineage($"/v1/entities/time/time/psa:{entry}/lineage", "text/plain")).Body
            .ShouldContain($"invoice/billing:{invoice}#");
        (await Lineage("/v1/entities/time/time%2Fpsa%3Anothing/lineage", "*/*")).Status.ShouldBe(404);
        (await Lineage($"/v1/entities/client/{Uri.EscapeDataString($"time/psa:{entry}")}/lineage", "*/*")).Status
            .ShouldBe(404);
        (await Lineage(path + "&limit=0", "*/*")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Gives_a_lineage_as_it_was_and_what_is_different_since_the_invoice_was_issued()
    {
        var (entry, invoice) = (Sample.NewId(), $"INV/{Sample.NewId()}");
        var issued = await Position(door.Post(Sample.Invoice(Sample.NewId(), invoice, entry)));
        var position = await Position(door.Post(Sample.Time(entry)));
        var path = $"/v1/invoices/{Uri.EscapeDataString($"invoice/billing:{invoice}")}/lineage?at-least={position}";
        var compared = (await Lineage(path + "&compare=issued", "application/json")).Json;
        compared.GetProperty("issued").GetProperty("position").GetInt64().ShouldBe(issued);
        var then = compared.GetProperty("asKnown");
        then.GetProperty("asKnownAt").GetInt64().ShouldBe(issued);
        then.GetProperty("difference").GetProperty("nodes").EnumerateArray()
            .ShouldContain(n => n.GetProperty("node").GetProperty("stream").GetString() == $"time/psa:{entry}");
        (await Lineage(path + "&compare=issued", "text/plain")).Body.ShouldContain("Since it was issued");
        foreach (var compare in new[] { "issued", "stated" })
            (await Lineage($"{path}&compare={compare}", "image/svg+xml")).Body.ShouldContain("Since it was issued");
        (await Lineage(path + "&compare=yesterday", "*/*")).Status.ShouldBe(400);
        (await Lineage(path + "&compare=issued&asOf=2026-01-01", "*/*")).Status.ShouldBe(400);
        var past = (await Lineage($"{path}&asKnownAt={issued}", "application/json")).Json;
        past.GetProperty("asKnownAt").GetInt64().ShouldBe(issued);
        past.GetProperty("nodes").EnumerateArray()
            .Single(n => n.GetProperty("stream").GetString() == $"time/psa:{entry}")
            .GetProperty("standing").GetString().ShouldBe("dangling");
        (await Lineage($"{path}&asKnownAt={issued - 1}", "*/*")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Keeps_drift_runs_byte_for_byte()
    {
        var position = await Position(door.Post(Sample.Time(Sample.NewId())));
        var (first, again) = (await Run("""{"asOf":1}"""), await Run("""{"asOf":1}"""));
        first.Status.ShouldBe(201, first.Body);
        first.Json.GetProperty("position").GetInt64().ShouldBe(1);
        again.Json.GetProperty("digest").GetString().ShouldBe(first.Json.GetProperty("digest").GetString());
        var report = await door.Get(first.Headers.Location!.ToString());
        report.Status.ShouldBe(200);
        report.Json.GetProperty("findings").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Array);
        var digest = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(report.Body));
        Convert.ToHexStringLower(digest).ShouldBe(first.Json.GetProperty("digest").GetString());

        var now = await Run("");
        now.Json.GetProperty("position").GetInt64().ShouldBeGreaterThanOrEqualTo(position);
        (await door.Get("/v1/drift/runs")).Items[0].GetProperty("id").GetString()
            .ShouldBe(now.Json.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("""{"asOf":-1}""", "invalid-parameter")]
    [InlineData("""{"asOf":99999999}""", "invalid-parameter")]
    [InlineData("""{"asOf":"1"}""", "invalid-parameter")]
    [InlineData("""{"asof":1}""", "invalid-parameter")]
    [InlineData("""[1]""", "invalid-parameter")]
    [InlineData("""{"asOf":""", "not-json")]
    public async Task Refuses_a_drift_run_it_does_not_understand(string body, string problem)
    {
        var answer = await Run(body);
        answer.Status.ShouldBe(400);
        answer.ProblemType.ShouldBe(problem);
    }

    [Fact]
    public async Task Readiness_says_how_far_the_views_are()
    {
        var position = await Position(door.Post(Sample.Time(Sample.NewId())));
        await door.Get($"/v1/entities/time?at-least={position}");
        var ready = await door.Get("/health/ready");
        ready.Json.GetProperty("position").GetInt64().ShouldBeGreaterThanOrEqualTo(position);
        ready.Json.GetProperty("projected").GetInt64().ShouldBeGreaterThanOrEqualTo(position);
        ready.Json.GetProperty("lag").GetInt64().ShouldBeGreaterThanOrEqualTo(0);
    }

    private static async Task<long> Position(Task<Answer> appended) =>
        (await appended).Json.GetProperty("position").GetInt64();

    private async Task<Answer> Lineage(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("Accept", accept);
        using var response = await door.Client.SendAsync(request);
        return await Answer.Of(response);
    }

    private async Task<Answer> Run(string body)
    {
        using var content = body.Length == 0 ? null : new StringContent(body, null, "application/json");
        using var response = await door.Client.PostAsync(new Uri("/v1/drift/runs", UriKind.Relative), content);
        return await Answer.Of(response);
    }
}
