using Ledger.Api.Tests.Exceptions;

namespace Ledger.Api.Tests.Policies;

public sealed class PolicyTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task What_is_tolerated_is_shown_first_then_said_and_ended_and_its_case_closes_and_comes_back()
    {
        await door.PostedOff("77");
        (await door.KeepExceptions()).Opened.ShouldBe(1);
        var five = new { @class = "amount", amount = "50", currency = "GBP", reason = "bank charges" };
        var tried = await door.Command("/v1/policies?dry-run=true", new { actor = "cfo", tolerance = five });
        tried.Json.GetProperty("words").EnumerateArray().Select(w => w.GetString()).ShouldBe(
            ["amount, medium: 1 less (1 → 0)", "amount, tolerated: 1 more (0 → 1)"], tried.Body);
        (await Listed("tolerance")).ShouldBeEmpty("it was only tried");

        var said = await door.Command("/v1/policies", new { actor = "cfo", tolerance = five });
        said.Receipt().Text("verdict").ShouldBe("appended");
        (await door.Command("/v1/policies", new { actor = "cfo", tolerance = five })).Receipt().Text("verdict")
            .ShouldBe("duplicate");
        var policy = (await Listed("tolerance")).ShouldHaveSingleItem();
        (policy.GetProperty("inForce").GetBoolean(), policy.GetProperty("said").Text("amount"))
            .ShouldBe((true, "50"));
        (await door.KeepExceptions()).Closed.ShouldBe(1);

        var less = new { @class = "amount", amount = "60", currency = "GBP", reason = "more of them" };
        (await door.Command("/v1/policies", new { actor = "cfo", tolerance = less })).Receipt().Text("stream")
            .ShouldBe(policy.Text("stream"), "the same is said anew");
        var path = $"/v1/policies/{policy.Text("id")}?reason=fixed&actor=cfo";
        (await door.Send(HttpMethod.Delete, path + "&dry-run=true", null)).Json.GetProperty("items").GetArrayLength()
            .ShouldBe(2);
        (await door.Send(HttpMethod.Delete, path, null)).Status.ShouldBe(201);
        (await door.Send(HttpMethod.Delete, path, null)).Receipt().Text("verdict").ShouldBe("duplicate");
        (await Listed("tolerance")).Single().GetProperty("inForce").GetBoolean().ShouldBeFalse();
        (await door.KeepExceptions()).Opened.ShouldBe(1);
    }

    [Fact]
    public async Task Lags_weights_and_statuses_are_said_by_the_same_door()
    {
        foreach (var (name, body) in new (string, object)[]
        {
            ("lag", new { actor = "cfo", lag = new { system = "erp", days = 5, of = "posting", reason = "weekly" } }),
            ("materiality", new { actor = "cfo", materiality = new { amount = "9", currency = "USD", reason = "x" } }),
            ("status_map", new
            {
                actor = "cfo",
                statusMap = new { system = "psa", of = "invoice", map = new { sent = "issued" }, reason = "theirs" },
            }),
        })
        {
            var said = await door.Command("/v1/policies", body);
            said.Status.ShouldBe(201, said.Body);
            (await Listed(name)).ShouldContain(p => p.Text("id") == said.Receipt().Text("stream").Split(':', 2)[1]);
        }

        (await door.Get("/v1/policies")).Json.GetProperty("defaults").EnumerateArray()
            .Single(d => d.Text("class") == "quantity").Text("tolerance").ShouldStartWith("0.01 hours");
    }

    [Theory]
    [InlineData("""{"actor":"a"}""", "", "one_of")]
    [InlineData("""{"actor":"a","lag":{"system":"erp","days":1,"reason":"x"},"materiality":{"amount":"1","currency":"GBP","reason":"x"}}""",
        "", "one_of")]
    [InlineData("""{"actor":"a","tolerance":{"class":"amount","reason":"x"}}""", "/tolerance", null)]
    [InlineData("""{"actor":"a","lag":{"system":"erp","days":-1,"reason":"x"}}""", "/lag", null)]
    [InlineData("""{"actor":"a","lag":{"system":"erp","days":1,"of":"bill","reason":"x"}}""", "/lag/of", "unknown_kind")]
    [InlineData("""{"actor":"a","lag":{"system":"erp","days":1}}""", "/lag/reason", "empty")]
    [InlineData("""{"actor":"a","statusMap":{"system":"erp","of":"invoice","map":{"x":"y"}}}""", "/statusMap/reason",
        "empty")]
    public async Task What_cannot_be_agreed_is_told(string body, string pointer, string? code)
    {
        var answer = await door.Send(HttpMethod.Post, "/v1/policies", body);
        answer.Status.ShouldBe(422, answer.Body);
        var error = answer.Json.GetProperty("errors")[0];
        error.Text("pointer").ShouldBe(pointer, answer.Body);
        if (code is not null) error.Text("code").ShouldBe(code);
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_ended_nor_before_it_begins()
    {
        (await door.Send(HttpMethod.Delete, "/v1/policies/nothing?reason=x&actor=a", null)).Status.ShouldBe(404);
        var said = await door.Command("/v1/policies", new
        {
            actor = "cfo",
            materiality = new { amount = "7", currency = "JPY", reason = "x", from = "2099-01-01" },
        });
        var id = said.Receipt().Text("stream").Split(':')[1];
        (await door.Send(HttpMethod.Delete, $"/v1/policies/{id}?reason=x&actor=a", null)).ProblemType
            .ShouldBe("invalid-command");
        (await door.Send(HttpMethod.Delete, $"/v1/policies/{id}?reason=x&actor=a&last=2099-01-01", null)).Status
            .ShouldBe(201);
    }

    private async Task<System.Text.Json.JsonElement[]> Listed(string of) => (await door.Get(
        $"/v1/policies?of={of}&at-least={await door.Ledger.Store.Position(CancellationToken.None)}")).Items;
}
