using System.Text.Json;

namespace Ledger.Api.Tests;

public sealed class RatingTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task Proposes_an_invoice_that_the_door_takes_back_as_it_is()
    {
        var (contract, card, project, entry) = (Sample.NewId(), Sample.NewId(), Sample.NewId(), Sample.NewId());
        await door.Post($"[{string.Join(',', Engagement(contract, card, project, entry))}]");
        var path = $"/v1/contracts/{Uri.EscapeDataString($"contract/clm:{contract}")}/invoice-proposal";
        var proposal = await Settled($"{path}?through=2026-03-31");
        proposal.Status.ShouldBe(200, proposal.Body);
        var document = proposal.Json.GetProperty("documents")[0];
        document.GetProperty("event").GetString().ShouldBe("invoice_issued");
        document.GetProperty("data").GetProperty("totals").GetProperty("net").GetString().ShouldBe("180");
        var source = document.GetProperty("lines")[0].GetProperty("sources")[0];
        source.GetProperty("id").GetString().ShouldBe($"time/psa:{entry}");
        source.GetProperty("rate").GetProperty("path").GetString().ShouldBe("the contract's card, for any work");
        source.GetProperty("rate").GetProperty("event").GetProperty("source").GetString().ShouldBe("clm");

        var invoice = Sample.NewId();
        var issued = await door.Post(Sample.OneLine($$"""
            {"id":"{{invoice}}","source":"billing","type":"invoice_issued","subject":"invoice/{{invoice}}",
            "time":"2026-04-01T09:00:00Z","data":{{document.GetProperty("data").GetRawText()}} }
            """));
        issued.Status.ShouldBe(201, issued.Body);
        (await Settled($"{path}?through=2026-03-31")).Json.GetProperty("documents").GetArrayLength().ShouldBe(0);
        var again = await Settled($"/v1/invoices/invoice/billing:{invoice}/re-rating");
        again.Json.GetProperty("equal").GetBoolean().ShouldBeTrue(again.Body);
        var touches = await Settled($"/v1/rate-cards/rate_card/clm:{card}/touches?from=2026-01-01");
        touches.Json.GetProperty("work").GetArrayLength().ShouldBe(0, touches.Body);
        touches = await Settled($"/v1/contracts/contract%2Fclm%3A{contract}/touches?from=2026-01-01");
        touches.Json.GetProperty("contract").GetString().ShouldBe($"contract/clm:{contract}");
    }

    [Fact]
    public async Task Gives_text_to_who_asks_for_it()
    {
        var (contract, entry) = (Sample.NewId(), Sample.NewId());
        await door.Post($"[{string.Join(',', Engagement(contract, Sample.NewId(), Sample.NewId(), entry))}]");
        var path = $"/v1/contracts/contract/clm:{contract}/invoice-proposal?through=2026-03-31";
        await Settled(path);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("Accept", "text/plain");
        using var response = await door.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldContain("invoice: net 180.00 EUR, payable 180.00 EUR");
        text.ShouldContain($"time/psa:{entry}  2026-03-14  90 min  180.00");
    }

    [Theory]
    [InlineData("/v1/contracts/contract%2Fclm%3Anobody/invoice-proposal?through=2026-03-31", "not-found")]
    [InlineData("/v1/contracts/contract%2Fclm%3Anobody/invoice-proposal", "invalid-parameter")]
    [InlineData("/v1/contracts/contract%2Fclm%3Anobody/invoice-proposal?through=March", "invalid-parameter")]
    [InlineData("/v1/contracts/contract%2Fclm%3Anobody/invoice-proposal?until=2026-03-31", "invalid-parameter")]
    [InlineData("/v1/invoices/invoice%2Fbilling%3Anobody/re-rating", "not-found")]
    [InlineData("/v1/rate-cards/rate_card%2Fclm%3Anobody/touches?from=2026-03-31", "not-found")]
    [InlineData("/v1/rate-cards/rate_card%2Fclm%3Anobody/touches", "invalid-parameter")]
    [InlineData("/v1/resources/resource%2Fpsa%3Anobody/touches?from=2026-03-31", "not-found")]
    [InlineData("/v1/contracts/rate_card%2Fclm%3Anobody/touches?from=2026-03-31", "not-found")]
    public async Task Says_what_is_not_there_and_what_is_asked_wrong(string path, string problem) =>
        (await door.Get(path)).ProblemType.ShouldBe(problem);

    /// <summary>What is answered once the views show all that was sent.</summary>
    private async Task<Answer> Settled(string path)
    {
        var position = (await door.Get("/health/ready")).Json.GetProperty("position").GetInt64();
        return await door.Get($"{path}{(path.Contains('?') ? '&' : '?')}at-least={position}");
    }

    private static string[] Engagement(string contract, string card, string project, string entry) =>
    [
        Event("clm", "contract_signed", $"contract/{contract}", $$"""
            {"client":{"kind":"client","source":"crm","id":"C1"},"signedOn":"2026-01-01","from":"2026-01-01",
            "currency":"EUR","model":"time_and_materials","rateCards":[{"kind":"rate_card","id":"{{card}}"}]}
            """),
        Event("clm", "rate_card_published", $"rate_card/{card}", """{"currency":"EUR"}"""),
        Event("clm", "rate_card_rate_set", $"rate_card/{card}", """
            {"rate":"any","use":"bill","match":{},"price":{"amount":"120","currency":"EUR","per":"HUR"},
            "from":"2026-01-01"}
            """),
        Event("psa", "project_created", $"project/{project}", $$"""
            {"contract":{"kind":"contract","source":"clm","id":"{{contract}}"} }
            """),
        Event("psa", "time_entry_recorded", $"time/{entry}", $$"""
            {"resource":{"kind":"resource","id":"R1"},"project":{"kind":"project","id":"{{project}}"},
            "workedOn":"2026-03-14","quantity":{"value":"90","unit":"MIN"} }
            """),
        Event("psa", "time_entry_approved", $"time/{entry}", """
            {"approver":"mia","quantity":{"value":"90","unit":"MIN"}}
            """),
    ];

    private static string Event(string source, string type, string subject, string data) => Sample.OneLine($$"""
        {"id":"{{Sample.NewId()}}","source":"{{source}}","type":"{{type}}","subject":"{{subject}}",
        "time":"2026-03-15T09:00:00Z","data":{{data}} }
        """);
}
