using System.Text.Json;

namespace Ledger.Api.Tests.Ownership;

public sealed class OwnershipTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task Whose_word_counts_is_assigned_shown_and_taken_back()
    {
        var alike = await door.TwoAlike();
        var position = await door.Link("crm", alike.A, alike.B);
        (await Field(alike, "name", position)).Text("source").ShouldBe("erp", "by default");

        var terms = new
        {
            of = "client", field = "name", roles = new[] { "crm", "erp" }, actor = "i.halden",
            reason = "sales looks after names",
        };
        var assigned = await door.Command("/v1/ownership", terms);
        assigned.Status.ShouldBe(201, assigned.Body);
        assigned.Json.GetProperty("shown").GetBoolean().ShouldBeTrue();
        (await Field(alike, "name", 0)).Text("source").ShouldBe("crm");
        (await Field(alike, "emails", 0)).Text("source").ShouldBe("erp", "only the name was assigned");
        var again = await door.Command("/v1/ownership", terms);
        (again.Status, again.Receipt().Text("verdict")).ShouldBe((200, "duplicate"));

        var listed = await door.Get("/v1/ownership?of=client");
        var one = listed.Items.Single(a => a.Text("id") == "client.name");
        (one.Text("actor"), one.Text("reason")).ShouldBe(("i.halden", "sales looks after names"));
        one.GetProperty("inForce").GetBoolean().ShouldBeTrue();
        one.GetProperty("roles").EnumerateArray().Select(r => r.GetString()).ShouldBe(["crm", "erp"]);
        listed.Json.GetProperty("defaults").EnumerateArray().ShouldHaveSingleItem()
            .GetProperty("roles")[0].GetString().ShouldBe("erp");

        var withdrawn = await Withdraw("client.name", "?reason=back&actor=i.halden");
        withdrawn.Status.ShouldBe(201, withdrawn.Body);
        (await Field(alike, "name", 0)).Text("source").ShouldBe("erp");
        (await Withdraw("client.name", "?reason=back&actor=i.halden")).Status.ShouldBe(200);
        (await door.Get("/v1/ownership?of=client")).Items.Single(a => a.Text("id") == "client.name")
            .GetProperty("inForce").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task What_an_assignment_would_change_of_the_money_is_told_before_it_is_made()
    {
        var number = $"D-{Guid.NewGuid():N}"[..14];
        await Invoice("billing", number, "100.00");
        await Invoice("erp", number, "120.55");
        var position = await door.Link("billing", $"invoice/billing:{number}", $"invoice/erp:{number}");
        await door.Entity($"invoice/billing:{number}", position);
        var before = await door.Count("events.mt_events");

        var terms = new { of = "invoice", roles = new[] { "erp" }, actor = "i.halden", reason = "the books are right" };
        var tried = await door.Command("/v1/ownership?dry-run=true", terms);
        tried.Status.ShouldBe(200, tried.Body);
        tried.Json.GetProperty("isNone").GetBoolean().ShouldBeFalse();
        var item = tried.Items.ShouldHaveSingleItem();
        (item.Text("kind"), item.Text("currency"), item.Text("sum")).ShouldBe(("invoice", "GBP", "20.55"));
        item.GetProperty("changed").GetInt32().ShouldBe(1);
        tried.Json.GetProperty("words")[0].GetString().ShouldBe("1 invoice changes: GBP 20.55");
        (await door.Count("events.mt_events")).ShouldBe(before, "nothing was decided");

        var unapproved = await door.Command("/v1/ownership", terms);
        (unapproved.Status, unapproved.ProblemType).ShouldBe((409, "not-approved"));
        unapproved.Json.Text("detail").ShouldStartWith("1 invoice changes: GBP 20.55.");
        (await door.Count("events.mt_events")).ShouldBe(before, "nothing was decided");
        (await door.Command("/v1/ownership?approve=true", terms)).Status.ShouldBe(201);
        var stands = await door.Command("/v1/ownership?dry-run=true", terms);
        stands.Json.GetProperty("isNone").GetBoolean().ShouldBeTrue("it is in force already");
        var back = await Withdraw("invoice", "?reason=back&actor=i.halden&dry-run=true");
        back.Items.ShouldHaveSingleItem().Text("sum").ShouldBe("-20.55");
        (await Withdraw("invoice", "?reason=back&actor=i.halden")).ProblemType.ShouldBe("not-approved");
        (await Withdraw("invoice", "?reason=back&actor=i.halden&approve=true")).Status.ShouldBe(201);
    }

    [Fact]
    public async Task An_assignment_may_be_limited_to_a_legal_entity_and_to_a_time()
    {
        var answer = await door.Command("/v1/ownership", new
        {
            of = "client", roles = new[] { "billing" }, actor = "i.halden", reason = "they keep it",
            entity = new { kind = "legal_entity", source = "erp", id = "UK/1" }, from = "2026-04-01", to = "2026-12-31",
        });
        answer.Status.ShouldBe(201, answer.Body);
        var one = (await door.Get("/v1/ownership")).Items.Single(a => a.Text("id") == "client@erp:UK/1-2026-04-01");
        (one.Text("entity"), one.Text("from"), one.Text("to")).ShouldBe(
            ("legal_entity/erp:UK/1", "2026-04-01", "2026-12-31"));
        var withdrawn = await Withdraw("client@erp:UK/1-2026-04-01", "?reason=back&actor=i.halden");
        withdrawn.Status.ShouldBe(201, withdrawn.Body);
    }

    [Theory]
    [InlineData("""{"of":"nothing","roles":["erp"],"actor":"x"}""", "/of")]
    [InlineData("""{"of":"identity","roles":["erp"],"actor":"x"}""", "/of")]
    [InlineData("""{"of":"client","field":"colour","roles":["erp"],"actor":"x"}""", "/field")]
    [InlineData("""{"of":"client","roles":[],"actor":"x"}""", null)]
    [InlineData("""{"of":"client","roles":["king"],"actor":"x"}""", "/roles/0")]
    [InlineData("""{"of":"client","roles":["erp"],"actor":"x","from":"2026-02-01","to":"2026-01-01"}""", null)]
    [InlineData("""{"of":"client","roles":["erp"],"actor":"x","entity":{"kind":"client","id":"1"}}""", "/entity")]
    [InlineData("""{"of":"client","roles":["erp"]}""", "")]
    public async Task What_cannot_be_assigned_is_refused_with_the_place_that_is_wrong(string body, string? pointer)
    {
        foreach (var query in new[] { "", "?dry-run=true" })
        {
            var answer = await door.Command("/v1/ownership" + query, body);
            (answer.Status, answer.ProblemType).ShouldBe((422, "invalid-command"), answer.Body);
            if (pointer is not null)
                answer.Json.GetProperty("errors")[0].Text("pointer").ShouldBe(pointer, answer.Body);
        }
    }

    [Fact]
    public async Task Taking_back_needs_who_and_why_and_something_to_take_back()
    {
        (await Withdraw("client.name", "?actor=x")).ProblemType.ShouldBe("invalid-parameter");
        (await Withdraw("client.name", "?reason=x")).ProblemType.ShouldBe("invalid-parameter");
        (await Withdraw("never", "?reason=x&actor=x")).ProblemType.ShouldBe("not-found");
    }

    private Task<Answer> Withdraw(string id, string query) =>
        door.Send(HttpMethod.Delete, $"/v1/ownership/{Uri.EscapeDataString(id)}{query}", null);

    private async Task<JsonElement> Field(Alike alike, string name, long atLeast)
    {
        var entity = await door.Entity(alike.A, atLeast);
        entity.Status.ShouldBe(200, entity.Body);
        return entity.Json.GetProperty("fields").GetProperty(name);
    }

    private async Task Invoice(string source, string number, string net)
    {
        var answer = await door.Post(JsonSerializer.Serialize(new
        {
            id = $"{number}-issued", source, type = "invoice_issued", subject = $"invoice/{number}",
            time = "2026-04-01T09:30:00Z",
            data = new
            {
                documentType = "invoice", number = $"{source}-{number}", issuedOn = "2026-04-01", currency = "GBP",
                lines = new[] { new { line = "1", kind = "time", net } },
                totals = new { net, gross = net, payable = net },
            },
        }));
        answer.Verdict.ShouldBe("appended", answer.Body);
    }
}
