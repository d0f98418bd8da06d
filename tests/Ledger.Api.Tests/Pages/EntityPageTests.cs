using System.Net;

namespace Ledger.Api.Tests.Pages;

/// <summary>What a person decides of a thing in its page's forms.</summary>
public sealed class EntityPageTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task Whose_word_counts_is_assigned_only_after_the_money_it_changes_was_shown()
    {
        var number = $"D-{Guid.NewGuid():N}"[..14];
        foreach (var (source, net) in new[] { ("billing", "100.00"), ("erp", "120.55") })
            await door.Say(source, "invoice_issued", $"invoice/{number}", $"{number}-issued", new
            {
                documentType = "invoice", number = $"{source}-{number}", issuedOn = "2026-04-01", currency = "GBP",
                lines = new[] { new { line = "1", kind = "time", net } }, totals = new { net, payable = net },
            });
        var invoice = $"invoice/billing:{number}";
        var position = await door.Link("billing", invoice, $"invoice/erp:{number}");
        (await door.Entity(invoice, position)).Status.ShouldBe(200);
        var form = Form("own", ("role1", "erp"), ("role2", "billing"));
        var shown = await Send(invoice, form);
        shown.Status.ShouldBe(HttpStatusCode.OK, shown.Html);
        shown.Html.ShouldContain("1 invoice changes: GBP 20.55");
        shown.Html.ShouldContain("Nothing is decided yet");
        shown.Html.ShouldMatch("<span class=\"nowrap\">20[0-9-]{8}</span>\\s*<a class=\"event\"", "since which day");
        (await door.Get("/v1/ownership?of=invoice")).Items.ShouldBeEmpty();

        form["seen"] = Fingerprint.Of("1 invoice changes: GBP 1.00");
        (await Send(invoice, form)).Html.ShouldContain("Nothing is decided yet", customMessage: "that was not seen");
        form["seen"] = Fingerprint.Of("1 invoice changes: GBP 20.55");
        (await Send(invoice, form)).Status.ShouldBe(HttpStatusCode.Found);
        var one = (await door.Get("/v1/ownership?of=invoice")).Items.ShouldHaveSingleItem();
        (one.Text("actor"), one.Text("reason")).ShouldBe(("i.halden", "asked <them>"));
        one.GetProperty("roles").EnumerateArray().Select(r => r.GetString()).ShouldBe(["erp", "billing"]);
    }

    [Fact]
    public async Task A_value_is_put_over_a_field_until_a_day_and_taken_back()
    {
        var alike = await door.TwoAlike("Kirk Fell Forge");
        await door.Entity(alike.A, alike.Position);
        (await Send(alike.A, Form(
            "override", ("field", "name"), ("value", "Kirk Fell Group"), ("until", "2099-12-31")))).Status
            .ShouldBe(HttpStatusCode.Found);
        var over = (await door.Get($"/v1/overrides?entity={Uri.EscapeDataString(alike.A)}")).Items.ShouldHaveSingleItem();
        (over.Text("until"), over.Text("actor")).ShouldBe(("2099-12-31", "i.halden"));
        (await door.Entity(alike.A)).Body.ShouldContain("Kirk Fell Group");
        (await Send(alike.A, Form("withdraw", ("override", over.Text("id"))))).Status.ShouldBe(HttpStatusCode.Found);
        (await door.Entity(alike.A)).Body.ShouldNotContain("Kirk Fell Group");
    }

    [Fact]
    public async Task Two_records_are_parted_and_a_tie_that_others_state_is_named()
    {
        var alike = await door.TwoAlike();
        await door.Entity(alike.A, await door.Link("crm", alike.A, alike.B));
        var parted = await Send(alike.A, Form("unlink", ("a", alike.A), ("b", alike.B)));
        parted.Status.ShouldBe(HttpStatusCode.OK, parted.Html);
        parted.Html.ShouldContain("still one by other ties");
        var apart = await Send(alike.A, Form("unlink", ("a", alike.A), ("b", alike.A)));
        apart.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("override", "reason", " ")]
    [InlineData("override", "actor", "")]
    [InlineData("override", "until", "soon")]
    [InlineData("override", "field", "colour")]
    [InlineData("override", "from", "soon")]
    [InlineData("withdraw", "override", "0123")]
    [InlineData("own", "role1", "")]
    [InlineData("own", "role1", "king")]
    [InlineData("own", "starts", "soon")]
    [InlineData("else", "reason", "x")]
    public async Task What_is_filled_in_wrong_comes_back_with_what_was_typed_and_why(
        string decision, string field, string value)
    {
        var alike = await door.TwoAlike();
        await door.Entity(alike.A, alike.Position);
        var form = Form(
            decision, ("field", "name"), ("value", "typed <once>"), ("override", "0123"), ("role1", "erp"));
        form[field] = value;
        var answer = await Send(alike.A, form);
        ((int)answer.Status).ShouldBeInRange(400, 499);
        answer.Html.ShouldContain("role=\"alert\"");
        if (decision == "override") answer.Html.ShouldContain("typed &lt;once&gt;");
        (await door.Get($"/v1/overrides?entity={Uri.EscapeDataString(alike.A)}")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_form_of_another_page_or_of_a_thing_that_is_not_there_decides_nothing()
    {
        var alike = await door.TwoAlike();
        await door.Entity(alike.A, alike.Position);
        var form = Form("override", ("field", "name"), ("value", "x"));
        (await Send(alike.A, form, "http://evil.example")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await Send("client/crm:nobody", form)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private static Dictionary<string, string> Form(string decision, params (string Name, string Value)[] more)
    {
        var form = new Dictionary<string, string>
        {
            ["decision"] = decision, ["reason"] = "asked <them>", ["actor"] = "i.halden", ["from"] = "",
        };
        foreach (var (name, value) in more) form[name] = value;
        return form;
    }

    private async Task<(HttpStatusCode Status, string Html)> Send(
        string entity, Dictionary<string, string> form, string? origin = null)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = door.Address };
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"/entities/{entity.Split('/')[0]}/{Uri.EscapeDataString(entity)}")
        {
            Content = new FormUrlEncodedContent(form),
        };
        request.Headers.TryAddWithoutValidation("Origin", origin ?? door.Address.GetLeftPart(UriPartial.Authority));
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
