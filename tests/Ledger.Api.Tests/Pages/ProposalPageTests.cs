using System.Net;

namespace Ledger.Api.Tests.Pages;

/// <summary>What a person decides in a form, and who cannot make them.</summary>
public sealed class ProposalPageTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task A_person_sees_the_two_side_by_side_and_says_that_they_are_one()
    {
        var alike = await Shown("Scar & Sons");
        (await Page("/")).ShouldContain("href=\"/proposals\"");
        var list = await Page("/proposals?kind=client");
        list.ShouldContain($"/proposals/{alike.Proposal}");
        list.ShouldContain("Scar &amp; Sons Ltd");
        (await Page($"/entities/client/{Uri.EscapeDataString(alike.A)}")).ShouldContain($"/proposals/{alike.Proposal}");

        var pair = await Page($"/proposals/{alike.Proposal}");
        pair.ShouldContain("Scar &amp; Sons Limited");
        pair.ShouldContain("<form method=\"post\"");
        pair.ShouldNotContain("name=\"token\"", customMessage: "the ledger is open");

        using var answer = await Send(alike, Decided("confirm"));
        answer.StatusCode.ShouldBe(HttpStatusCode.Found);
        answer.Headers.Location!.ToString().ShouldBe($"/proposals/{alike.Proposal}");
        var after = await Page($"/proposals/{alike.Proposal}");
        after.ShouldContain("A person said that they are one thing");
        after.ShouldContain("asked &lt;them&gt;");
        var entity = await Page($"/entities/client/{Uri.EscapeDataString(alike.B)}");
        entity.ShouldContain("confirmed by a person");
        (await Page("/proposals?kind=client")).ShouldNotContain(alike.Proposal);
    }

    [Fact]
    public async Task A_page_elsewhere_that_has_a_browser_send_the_form_decides_nothing()
    {
        var alike = await Shown(null);
        var senders = new (string Header, string Value)[][]
        {
            [],
            [("Sec-Fetch-Site", "cross-site")],
            [("Sec-Fetch-Site", "same-site"), ("Origin", Origin)],
            [("Sec-Fetch-Site", "none")],
            [("Origin", "http://evil.example")],
            [("Origin", "null")],
            [("Origin", $"{door.Address.Scheme}://localhost:1")],
        };
        foreach (var headers in senders)
        {
            using var answer = await Send(alike, Decided("confirm"), headers);
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden, string.Join(", ", headers));
            (await answer.Content.ReadAsStringAsync()).ShouldContain("was not sent by this ledger");
        }

        using var forwarded = await Send(
            alike, Decided("confirm"), [("Origin", Origin), ("X-Forwarded-For", "203.0.113.7")]);
        forwarded.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await door.Get($"/v1/streams/identity/ledger:{alike.Proposal}")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_form_that_is_filled_in_wrong_comes_back_with_what_was_typed_and_why()
    {
        var alike = await Shown(null);
        foreach (var (field, value) in new[] { ("reason", " "), ("actor", ""), ("verdict", "maybe"), ("from", "soon") })
        {
            var form = Decided("confirm");
            form[field] = value;
            using var answer = await Send(alike, form);
            answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, field);
            var html = await answer.Content.ReadAsStringAsync();
            html.ShouldContain("role=\"alert\"", customMessage: field);
            if (field != "reason")
                html.ShouldContain("asked &lt;them&gt;", customMessage: "nobody types it again");
        }

        using var gone = await Send(alike with { A = "client/crm:a", B = "client/crm:b" }, Decided("confirm"));
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var other = new HttpRequestMessage(HttpMethod.Post, $"/proposals/{alike.Proposal}")
        {
            Content = new StringContent("{}", null, "application/json"),
        };
        other.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var refused = await door.Client.SendAsync(other);
        refused.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Only_pages_with_a_form_let_it_be_sent_and_only_to_this_server()
    {
        var alike = await Shown(null);
        (await Policy($"/proposals/{alike.Proposal}")).ShouldEndWith("form-action 'self'");
        (await Policy("/proposals")).ShouldEndWith("form-action 'none'");
    }

    [Fact]
    public async Task An_override_and_what_the_others_say_stand_beside_what_counts()
    {
        var alike = await door.TwoAlike("Rigg Lifts");
        await door.Entity(alike.A, await door.Link("crm", alike.A, alike.B));
        await door.Command("/v1/overrides", new
        {
            of = Commands.Ref(alike.A), field = "name", value = "Rigg Lifts Group", reason = "new name", actor = "x",
        });
        var page = await Page($"/entities/client/{Uri.EscapeDataString(alike.A)}");
        page.ShouldContain("Rigg Lifts Group");
        page.ShouldContain("a person");
        page.ShouldContain("Rigg Lifts Limited", customMessage: "what the owner says");
        page.ShouldContain("Rigg Lifts Ltd", customMessage: "what the other says");
        page.ShouldContain("stated by crm");
    }

    private string Origin => door.Address.GetLeftPart(UriPartial.Authority);

    private static Dictionary<string, string> Decided(string verdict) => new()
    {
        ["verdict"] = verdict, ["reason"] = "asked <them>", ["actor"] = "i.halden", ["from"] = "",
    };

    /// <summary>Two alike, once the pages show them.</summary>
    private async Task<Alike> Shown(string? name)
    {
        var alike = await door.TwoAlike(name);
        (await door.Entity(alike.B, alike.Position)).Status.ShouldBe(200);
        return alike;
    }

    private async Task<string> Page(string path)
    {
        using var response = await Ask(path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<string> Policy(string path)
    {
        using var response = await Ask(path);
        return response.Headers.GetValues("Content-Security-Policy").Single();
    }

    private Task<HttpResponseMessage> Ask(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", "text/html");
        return door.Client.SendAsync(request);
    }

    /// <param name="headers">Null = as a browser on this page sends it.</param>
    private async Task<HttpResponseMessage> Send(
        Alike alike, Dictionary<string, string> form, (string Name, string Value)[]? headers = null)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = door.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/proposals/{alike.Proposal}")
        {
            Content = new FormUrlEncodedContent(form),
        };
        foreach (var (name, value) in headers ?? [("Origin", Origin)])
            request.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request);
    }
}
