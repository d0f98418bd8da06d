namespace Ledger.Api.Tests;

public sealed class TimesTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task Answers_what_was_known_stated_and_counted_by_then()
    {
        var record = Sample.NewId();
        var first = await Position(door.Post(Sample.Time(Sample.NewId(), record)));
        await door.Post(Corrected(record, "60", "2026-04-02T10:00:00Z", "2026-04-10"));
        var last = await Position(door.Post(Corrected(record, "30", "2026-04-05T10:00:00Z", "2026-03-20")));

        (await Minutes(record, $"at-least={last}")).ShouldBe("30");
        (await Minutes(record, $"asKnownAt={first}")).ShouldBe("90");
        (await Minutes(record, $"asKnownAt={first + 1}")).ShouldBe("60");
        (await Minutes(record, "asKnownAt=2999-12-31")).ShouldBe("30");
        (await Minutes(record, "asStatedAt=2026-04-02T10:00:00Z")).ShouldBe("60");
        (await Minutes(record, "asStatedAt=2026-04-01")).ShouldBe("90");
        (await Minutes(record, "asOf=2026-03-20")).ShouldBe("30");
        (await Minutes(record, "asOf=2026-03-19")).ShouldBe("90");
        (await Minutes(record, $"asOf=2026-04-30&asStatedAt=2026-04-05&asKnownAt={last - 1}")).ShouldBe("60");
    }

    [Fact]
    public async Task Says_at_which_times_it_answered()
    {
        var record = Sample.NewId();
        var position = await Position(door.Post(Sample.Time(Sample.NewId(), record)));
        foreach (var path in new[] { Entity(record), $"/v1/streams/time/psa:{record}", "/v1/entities/time" })
        {
            var answer = await door.Get($"{path}?asOf=2026-03-31&asStatedAt=2026-03-31&asKnownAt={position}");
            answer.Status.ShouldBe(200, answer.Body);
            var times = answer.Json.GetProperty("times");
            times.GetProperty("asOf").GetString().ShouldBe("2026-03-31");
            times.GetProperty("asStatedAt").GetString().ShouldBe("2026-03-31T23:59:59.999999Z");
            times.GetProperty("asKnownAt").GetInt64().ShouldBe(position);
            answer.Headers.GetValues("Ledger-As-Of").Single().ShouldBe("2026-03-31");
            answer.Headers.GetValues("Ledger-As-Stated-At").Single().ShouldBe("2026-03-31T23:59:59.999999Z");
            answer.Headers.GetValues("Ledger-As-Known-At").Single().ShouldBe($"{position}");
            answer.Headers.GetValues("Ledger-Position").ShouldHaveSingleItem();
        }

        var now = await door.Get($"{Entity(record)}?at-least={position}");
        now.Json.TryGetProperty("times", out _).ShouldBeFalse();
        now.Headers.Contains("Ledger-As-Of").ShouldBeFalse();
    }

    [Fact]
    public async Task Knows_nothing_of_what_came_later()
    {
        var record = Sample.NewId();
        var position = await Position(door.Post(Sample.Time(Sample.NewId(), record)));
        foreach (var path in new[] { Entity(record), $"/v1/streams/time/psa:{record}" })
        {
            var answer = await door.Get($"{path}?asKnownAt={position - 1}");
            answer.Status.ShouldBe(404, answer.Body);
            answer.ProblemType.ShouldBe("not-found");
        }
    }

    [Fact]
    public async Task A_date_ends_with_the_day_of_the_legal_entity()
    {
        var (company, record) = (Sample.NewId(), Sample.NewId());
        await door.Post(Sample.OneLine($$"""
            {"id":"{{Sample.NewId()}}","source":"erp","type":"legal_entity_registered",
            "subject":"legal_entity/{{company}}","time":"2026-01-01T00:00:00Z",
            "data":{"name":"Acme US","zone":"America/New_York"} }
            """));
        var entity = $$"""{"kind":"legal_entity","source":"erp","id":"{{company}}"}""";
        await door.Post(Sample.OneLine($$"""
            {"id":"{{Sample.NewId()}}","source":"psa","type":"time_entry_recorded","subject":"time/{{record}}",
            "time":"2026-04-01T02:00:00Z","data":{"entity":{{entity}},"resource":{"kind":"resource","id":"R1"},
            "workedOn":"2026-03-31","quantity":{"value":"45","unit":"MIN"} } }
            """));
        var position = await Position(door.Post(Sample.Time(Sample.NewId())));
        var answer = await door.Get($"{Entity(record)}?asStatedAt=2026-03-31&at-least={position}");
        answer.Status.ShouldBe(200, answer.Body);
        answer.Json.GetProperty("times").GetProperty("asStatedAt").GetString()
            .ShouldBe("2026-04-01T03:59:59.999999Z", "New York is four hours behind by then");
    }

    [Fact]
    public async Task Shows_who_says_what_of_each_field_and_why_it_counts()
    {
        var (work, billed) = (Sample.NewId(), Sample.NewId());
        var first = await Position(door.Post(Sample.Time(Sample.NewId(), work)));
        await door.Post(Sample.OneLine($$"""
            {"id":"{{Sample.NewId()}}","source":"billing","type":"time_stated","subject":"time/{{billed}}",
            "time":"2026-03-15T09:30:00Z","data":{"quantity":{"value":"60","unit":"MIN"},"note":"As billed"} }
            """));
        var last = await Position(door.Post(Sample.OneLine($$"""
            {"id":"{{Sample.NewId()}}","source":"ledger","type":"identity_linked","subject":"identity/{{work}}",
            "time":"2026-03-16T09:30:00Z","data":{"a":{"kind":"time","source":"psa","id":"{{work}}"},
            "b":{"kind":"time","source":"billing","id":"{{billed}}"} } }
            """)));

        var entity = await door.Get($"{Entity(work)}?who=true&at-least={last}");
        entity.Status.ShouldBe(200, entity.Body);
        var quantity = entity.Json.GetProperty("who").GetProperty("quantity");
        quantity[0].GetProperty("stream").GetString().ShouldBe($"time/psa:{work}");
        quantity[0].GetProperty("counts").GetBoolean().ShouldBeTrue();
        quantity[0].GetProperty("why").GetString().ShouldBe("It is the owner, psa.");
        quantity[0].GetProperty("position").GetInt64().ShouldBe(first);
        quantity[1].GetProperty("source").GetString().ShouldBe("billing");
        quantity[1].GetProperty("value").GetProperty("value").GetString().ShouldBe("60");
        quantity[1].GetProperty("counts").GetBoolean().ShouldBeFalse();
        quantity[1].GetProperty("why").GetString().ShouldBe("It comes after psa.");
        var note = entity.Json.GetProperty("who").GetProperty("note");
        note[0].GetProperty("why").GetString().ShouldBe("It says nothing of it.");
        note[1].GetProperty("why").GetString().ShouldBe("The owner, psa, says nothing of it; it comes next.");

        var before = await door.Get($"{Entity(work)}?who=true&asKnownAt={first}");
        before.Json.GetProperty("who").GetProperty("quantity").GetArrayLength().ShouldBe(1);
        before.Json.GetProperty("who").TryGetProperty("note", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Tells_the_period_a_date_lies_in_and_whether_it_was_open_then()
    {
        var company = Sample.NewId();
        await door.Post(Sample.OneLine($$"""
            {"id":"{{Sample.NewId()}}","source":"erp","type":"legal_entity_registered",
            "subject":"legal_entity/{{company}}","time":"2026-01-01T00:00:00Z","data":{"name":"Acme UK"} }
            """));
        var opened = await Position(door.Post(Period(
            company, "03", "period_opened", "\"period\":\"2026-03\",\"from\":\"2026-03-01\",\"to\":\"2026-03-31\"")));
        await door.Post(Period(
            company, "04", "period_opened", "\"period\":\"2026-04\",\"from\":\"2026-04-01\",\"to\":\"2026-04-30\""));
        var closed = await Position(door.Post(Period(company, "03", "period_closed", "\"reason\":\"done\"")));

        var path = $"/v1/periods?legalEntity={Uri.EscapeDataString($"legal_entity/erp:{company}")}";
        (await door.Get($"{path}&at-least={closed}")).Items.Length.ShouldBe(2);
        var now = (await door.Get($"{path}&on=2026-03-15")).Items.ShouldHaveSingleItem();
        (now.Text("status"), now.Text("reason")).ShouldBe(("closed", "done"));
        now.GetProperty("since").GetInt64().ShouldBe(closed);
        var then = (await door.Get($"{path}&on=2026-03-15&asKnownAt={closed - 1}")).Items.ShouldHaveSingleItem();
        then.GetProperty("status").GetString().ShouldBe("open");
        then.GetProperty("name").GetString().ShouldBe("2026-03");
        (await door.Get($"{path}&asKnownAt={opened - 1}")).Items.ShouldBeEmpty();
        (await door.Get($"{path}&on=2026-05-01")).Items.ShouldBeEmpty();
        (await door.Get("/v1/periods")).Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("asOf", "March")]
    [InlineData("asOf", "2026-02-30")]
    [InlineData("asOf", "2026-03-31T00:00:00Z")]
    [InlineData("asOf", "7")]
    [InlineData("asStatedAt", "17")]
    [InlineData("asStatedAt", "2026-03-31T12:00")]
    [InlineData("asStatedAt", "")]
    [InlineData("asKnownAt", "-1")]
    [InlineData("asKnownAt", "yesterday")]
    [InlineData("asKnownAt", "1&asKnownAt=2")]
    public async Task Names_the_time_that_is_wrong(string name, string value)
    {
        foreach (var path in new[] { "/v1/entities/time", Entity("x"), "/v1/streams/time/psa:x" })
        {
            var answer = await door.Get($"{path}?{name}={value}");
            answer.Status.ShouldBe(400, answer.Body);
            answer.ProblemType.ShouldBe("invalid-parameter");
            answer.Json.GetProperty("errors")[0].GetProperty("parameter").GetString().ShouldBe(name);
        }
    }

    [Fact]
    public async Task A_position_that_is_not_there_yet_is_waited_for_and_then_refused()
    {
        var answer = await door.Get("/v1/entities/time?asKnownAt=1000000");
        answer.Status.ShouldBe(503);
        answer.ProblemType.ShouldBe("position-not-reached");
    }

    [Fact]
    public async Task Lists_take_filters_now_and_as_of_a_time_gone_by()
    {
        var (kept, gone) = (Sample.NewId(), Sample.NewId());
        var before = await Position(door.Post(Sample.ClientStated(Sample.NewId(), kept, "Kept & Co")));
        await door.Post(Sample.ClientStated(Sample.NewId(), gone, "Gone & Co"));
        var last = await Position(door.Post(Sample.OneLine($$"""
            {"id":"{{Sample.NewId()}}","source":"crm","type":"record_deleted","subject":"client/{{gone}}",
            "time":"2026-03-20T09:30:00Z","data":{} }
            """)));

        (await Ids($"changedAfter={before - 1}&live=true&at-least={last}")).ShouldBe([$"client/crm:{kept}"]);
        (await Ids($"changedAfter={before - 1}&live=false")).ShouldBe([$"client/crm:{gone}"]);
        (await Ids($"changedAfter={before - 1}&live=true&asKnownAt={last - 1}"))
            .ShouldBe([$"client/crm:{kept}", $"client/crm:{gone}"]);
        (await Ids("q=name%3DGone%20%26%20Co&source=crm")).ShouldBe([$"client/crm:{gone}"]);
        (await Ids($"q=name%3DGone%20%26%20Co&asKnownAt={last}")).ShouldBe([$"client/crm:{gone}"]);
        (await Ids("q=name%3DGone%20%26%20Co&source=psa")).ShouldBeEmpty();
        (await door.Get("/v1/entities/client?q=.name=x")).Status.ShouldBe(400);
        (await door.Get("/v1/entities/client?changedAfter=x")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task A_drift_run_is_made_by_any_of_the_times()
    {
        var position = await Position(door.Post(Sample.Time(Sample.NewId())));
        var run = await Run($$"""{"asKnownAt":{{position}},"asStatedAt":"2026-03-31","asOf":"2026-03-31"}""");
        run.Status.ShouldBe(201, run.Body);
        run.Headers.GetValues("Ledger-As-Of").Single().ShouldBe("2026-03-31");
        var report = await door.Get(run.Headers.Location!.ToString());
        report.Json.GetProperty("position").GetInt64().ShouldBe(position);
        report.Json.GetProperty("asOf").GetString().ShouldBe("2026-03-31");
        report.Json.GetProperty("asStatedAt").GetString().ShouldBe("2026-03-31T23:59:59.999999Z");
        (await Run("""{"asStatedAt":17}""")).ProblemType.ShouldBe("invalid-parameter");
        (await Run("""{"asKnownAt":"soon"}""")).ProblemType.ShouldBe("invalid-parameter");
    }

    private static string Entity(string record) => $"/v1/entities/time/{Uri.EscapeDataString($"time/psa:{record}")}";

    private static string Period(string company, string month, string type, string data) =>
        Sample.OneLine($$"""
            {"id":"{{Sample.NewId()}}","source":"erp","type":"{{type}}","subject":"period/{{company}}-{{month}}",
            "time":"2026-04-0{{(type == "period_opened" ? 1 : 2)}}T00:00:00Z",
            "data":{ {{data}},"entity":{"kind":"legal_entity","source":"erp","id":"{{company}}"} } }
            """);

    private static string Corrected(string record, string minutes, string time, string effectiveOn) =>
        Sample.OneLine($$"""
            {"id":"{{Sample.NewId()}}","source":"psa","type":"time_entry_corrected","subject":"time/{{record}}",
            "time":"{{time}}","effectiveOn":"{{effectiveOn}}",
            "data":{"quantity":{"value":"{{minutes}}","unit":"MIN"} } }
            """);

    private static async Task<long> Position(Task<Answer> appended) =>
        (await appended).Json.GetProperty("position").GetInt64();

    private async Task<string?> Minutes(string record, string query)
    {
        var stream = await door.Get($"/v1/streams/time/psa:{record}?{query}");
        var entity = await door.Get($"{Entity(record)}?{query}");
        entity.Status.ShouldBe(200, entity.Body);
        var minutes = entity.Json.GetProperty("fields").GetProperty("quantity").GetProperty("value")
            .GetProperty("value").GetString();
        stream.Json.GetProperty("state").GetProperty("quantity").GetProperty("value").GetString().ShouldBe(minutes);
        return minutes;
    }

    private async Task<List<string?>> Ids(string query)
    {
        var answer = await door.Get($"/v1/entities/client?{query}");
        answer.Status.ShouldBe(200, answer.Body);
        return [.. answer.Items.Select(item => item.GetProperty("id").GetString())];
    }

    private async Task<Answer> Run(string body)
    {
        using var content = new StringContent(body, null, "application/json");
        using var response = await door.Client.PostAsync(new Uri("/v1/drift/runs", UriKind.Relative), content);
        return await Answer.Of(response);
    }
}
