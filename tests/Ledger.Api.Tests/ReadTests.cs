namespace Ledger.Api.Tests;

public sealed class ReadTests(Door door) : IClassFixture<Door>
{
    [Theory]
    [InlineData("10/4:2", "10/4:2")]
    [InlineData("10/4:2", "10%2F4%3A2")]
    [InlineData("50%2F", "50%252F")]
    [InlineData("é ü?#", "%C3%A9%20%C3%BC%3F%23")]
    [InlineData("a..b", "a..b")]
    public async Task Finds_a_stream_whatever_its_id_holds(string record, string path)
    {
        var id = Sample.NewId();
        await door.Post(Sample.Time(id, record));
        var answer = await door.Get($"/v1/streams/time/psa:{path}");
        answer.Status.ShouldBe(200, answer.Body);
        answer.Json.GetProperty("id").GetString().ShouldBe(record);
        answer.Json.GetProperty("state").GetProperty("quantity").GetProperty("value").GetString().ShouldBe("90");
        answer.Headers.GetValues("Ledger-Position").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Shows_a_streams_state_and_the_events_that_made_it()
    {
        var record = Sample.NewId();
        await door.Post(Sample.Time(Sample.NewId(), record));
        await door.Post($$"""
            {"id":"{{Sample.NewId()}}","source":"psa","type":"time_entry_corrected","subject":"time/{{record}}",
             "time":"2026-03-15T09:30:00Z","effectiveOn":"2026-03-16","sequence":7,"actor":"ann","correlationId":"c",
             "links":[{"rel":"approves","ref":{"kind":"time","id":"x"} }],
             "data":{"quantity":{"value":"60","unit":"MIN"} } }
            """);
        var stream = (await door.Get($"/v1/streams/time/psa:{record}")).Json;
        stream.GetProperty("version").GetInt64().ShouldBe(2);
        stream.GetProperty("state").GetProperty("quantity").GetProperty("value").GetString().ShouldBe("60");
        var corrected = stream.GetProperty("events")[1];
        corrected.GetProperty("sequence").GetInt64().ShouldBe(7);
        corrected.GetProperty("effectiveOn").GetString().ShouldBe("2026-03-16");
        corrected.GetProperty("actor").GetString().ShouldBe("ann");
        corrected.GetProperty("links")[0].GetProperty("rel").GetString().ShouldBe("approves");
        stream.GetProperty("asserted").GetProperty("quantity").GetInt64()
            .ShouldBe(corrected.GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task Pages_through_the_log_and_filters_it()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Sample.NewId()).ToArray();
        var first = await door.Post($"[{string.Join(',', ids.Select(id => Sample.Time(id)))}]");
        await door.Post(Sample.ClientStated(Sample.NewId(), Sample.NewId(), "Acme"));
        var after = first.Items[0].GetProperty("position").GetInt64() - 1;
        var page = (await door.Get($"/v1/events?after={after}&limit=3")).Json;
        page.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("id").GetString()).ShouldBe(ids[..3]);
        page.GetProperty("next").GetInt64().ShouldBe(after + 3);
        (await door.Get($"/v1/events?after={after}&type=client_stated")).Items.ShouldHaveSingleItem();
        (await door.Get($"/v1/events?after={after}&source=crm")).Items.ShouldHaveSingleItem();
        var last = (await door.Get($"/v1/events?after={after}&source=nobody")).Json;
        last.GetProperty("items").GetArrayLength().ShouldBe(0);
        last.GetProperty("next").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Theory]
    [InlineData("after", "-1")]
    [InlineData("after", "x")]
    [InlineData("limit", "0")]
    [InlineData("limit", "1001")]
    [InlineData("limit", "99999999999999999999")]
    [InlineData("type", "")]
    [InlineData("source", "%00")]
    [InlineData("at-least", "soon")]
    public async Task Names_the_parameter_that_is_wrong(string name, string value)
    {
        var answer = await door.Get($"/v1/events?{name}={value}");
        answer.Status.ShouldBe(400);
        answer.ProblemType.ShouldBe("invalid-parameter");
        answer.Json.GetProperty("errors")[0].GetProperty("parameter").GetString().ShouldBe(name);
    }

    [Theory]
    [InlineData("/v1/streams/time/psa:nobody")]
    [InlineData("/v1/streams/time/psa")]
    [InlineData("/v1/streams/unheard_of/psa:1")]
    [InlineData("/v1/receipts/psa/nobody")]
    [InlineData("/v1/nothing")]
    [InlineData("/v2")]
    public async Task Says_404_as_a_problem(string path)
    {
        var answer = await door.Get(path);
        answer.Status.ShouldBe(404);
        answer.ProblemType.ShouldBe("not-found");
    }

    [Fact]
    public async Task A_browser_gets_a_problem_document_too_where_programs_ask()
    {
        var nobody = new Uri(door.Address, "/v1/streams/time/psa:nobody");
        using var request = new HttpRequestMessage(HttpMethod.Get, nobody);
        request.Headers.Add("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        using var response = await door.Client.SendAsync(request);
        (await Answer.Of(response)).ProblemType.ShouldBe("not-found");
    }

    [Fact]
    public async Task Says_405_as_a_problem_and_what_is_allowed()
    {
        using var response = await door.Client.DeleteAsync(new Uri("/v1/events", UriKind.Relative));
        var answer = await Answer.Of(response);
        answer.Status.ShouldBe(405);
        answer.ProblemType.ShouldBe("method-not-allowed");
        response.Content.Headers.Allow.Order().ShouldBe(["GET", "HEAD", "OPTIONS", "POST"]);
    }

    [Fact]
    public async Task Waits_for_a_position_but_not_for_ever()
    {
        var answer = await door.Get("/v1/events?at-least=1000000");
        answer.Status.ShouldBe(503);
        answer.ProblemType.ShouldBe("position-not-reached");
        answer.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task Answers_only_to_names_of_this_machine_and_names_no_version()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(door.Address, "/health/live"));
        request.Headers.Host = "evil.example";
        using var response = await door.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(400);
        using var good = await door.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        good.IsSuccessStatusCode.ShouldBeTrue();
        good.Headers.Server.ShouldBeEmpty();
    }
}
