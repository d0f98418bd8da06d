using System.Text.Json;

namespace Ledger.Api.Tests.Overrides;

public sealed class OverrideTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task A_person_puts_a_value_over_the_owners_and_takes_it_back()
    {
        var alike = await door.TwoAlike("Fell Pumps");
        await door.Entity(alike.A, alike.Position);
        var terms = new
        {
            of = Commands.Ref(alike.A), field = "name", value = "Fell Pumps plc", reason = "renamed, CRM is behind",
            actor = "i.halden", until = "2099-12-31",
        };
        var set = await door.Command("/v1/overrides", terms);
        set.Status.ShouldBe(201, set.Body);
        var id = set.Headers.Location!.ToString().Split('/')[^1];

        var name = (await door.Entity(alike.A)).Json.GetProperty("fields").GetProperty("name");
        name.Text("value").ShouldBe("Fell Pumps plc");
        name.GetProperty("override").Text("stream").ShouldBe($"override/ledger:{id}");
        name.GetProperty("override").GetProperty("was").GetString().ShouldBe("Fell Pumps Ltd");
        (await door.Command("/v1/overrides", terms)).Receipt().Text("verdict").ShouldBe("duplicate");

        var listed = (await Listed(alike.A)).ShouldHaveSingleItem();
        (listed.Text("id"), listed.Text("entity"), listed.Text("field")).ShouldBe((id, alike.A, "name"));
        (listed.GetProperty("value").GetString(), listed.GetProperty("overrode").GetString())
            .ShouldBe(("Fell Pumps plc", "Fell Pumps Ltd"));
        (listed.Text("actor"), listed.Text("until")).ShouldBe(("i.halden", "2099-12-31"));
        listed.GetProperty("inForce").GetBoolean().ShouldBeTrue();

        var withdrawn = await Withdraw(id);
        withdrawn.Status.ShouldBe(201, withdrawn.Body);
        (await door.Entity(alike.A)).Json.GetProperty("fields").GetProperty("name").Text("value")
            .ShouldBe("Fell Pumps Ltd");
        (await Withdraw(id)).Receipt().Text("verdict").ShouldBe("duplicate");
        (await Listed(alike.A)).ShouldHaveSingleItem().GetProperty("withdrawn").GetBoolean().ShouldBeTrue();
        (await door.Command("/v1/overrides", terms)).Status.ShouldBe(201, "it may be put over again");
    }

    [Fact]
    public async Task One_field_of_one_thing_has_one_override_by_whichever_record_it_is_named()
    {
        var alike = await door.TwoAlike();
        await door.Entity(alike.A, await door.Link("crm", alike.A, alike.B));
        var first = await Put(alike.A, "name", "\"One\"");
        var second = await Put(alike.B, "name", "\"Two\"");
        second.Receipt().Text("stream").ShouldBe(first.Receipt().Text("stream"));
        (await door.Entity(alike.A)).Json.GetProperty("fields").GetProperty("name").Text("value").ShouldBe("Two");
        (await Listed(alike.B)).Single().GetProperty("overrode").GetString().ShouldEndWith(" Limited", Case.Sensitive,
            "what the owners say, not what was put over it before");
    }

    [Theory]
    [InlineData("name", "12", "/value")]
    [InlineData("terms", "\"soon\"", "/value")]
    [InlineData("colour", "\"red\"", "/field")]
    public async Task A_value_that_the_field_cannot_have_is_refused(string field, string value, string pointer)
    {
        var alike = await door.TwoAlike();
        await door.Entity(alike.A, alike.Position);
        var answer = await Put(alike.A, field, value);
        (answer.Status, answer.ProblemType).ShouldBe((422, "invalid-command"), answer.Body);
        answer.Json.GetProperty("errors")[0].Text("pointer").ShouldBe(pointer);
    }

    [Fact]
    public async Task What_the_ledger_has_not_got_cannot_be_overridden_nor_taken_back()
    {
        var unknown = await Put("client/crm:nobody-at-all", "name", "\"x\"");
        (unknown.Status, unknown.ProblemType).ShouldBe((422, "invalid-command"), unknown.Body);
        (await Withdraw("0123456789abcdef")).ProblemType.ShouldBe("not-found");
        var numbered = await door.Command("/v1/overrides", new
        {
            of = new { kind = "client", number = "1" }, field = "name", value = "x", reason = "x", actor = "x",
        });
        numbered.ProblemType.ShouldBe("invalid-command");
    }

    private Task<Answer> Put(string stream, string field, string value) => door.Command("/v1/overrides", new
    {
        of = Commands.Ref(stream), field, value = JsonElement.Parse(value), reason = "so it is", actor = "i.halden",
    });

    private Task<Answer> Withdraw(string id) =>
        door.Send(HttpMethod.Delete, $"/v1/overrides/{id}?reason=corrected&actor=i.halden", null);

    private async Task<JsonElement[]> Listed(string stream) =>
        (await door.Get($"/v1/overrides?entity={Uri.EscapeDataString(stream)}")).Items;
}
