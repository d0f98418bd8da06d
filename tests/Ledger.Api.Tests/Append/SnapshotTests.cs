using System.Text.Json;

namespace Ledger.Api.Tests.Append;

/// <summary>What a system that knows states and no verbs may send, and what comes of it.</summary>
public sealed class SnapshotTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task A_late_copy_of_an_old_state_neither_changes_the_record_nor_hides_that_it_came_back()
    {
        var record = Sample.NewId();
        (await State(record, "\"name\":\"B\"", 3)).ShouldBe("appended");
        (await State(record, "\"name\":\"A\"", 1)).ShouldBe("appended");
        (await Field(record, "name")).ShouldBe("B", "what was said before stays before");
        (await State(record, "\"name\":\"A\"", 4)).ShouldBe("appended");
        (await Field(record, "name")).ShouldBe("A");
        (await State(record, "\"name\":\"A\"", 5)).ShouldBe("unchanged");
    }

    [Fact]
    public async Task Absent_is_not_said_and_null_is_said_to_be_empty()
    {
        var record = Sample.NewId();
        await State(record, "\"name\":\"A\",\"registrationNo\":\"7\",\"currency\":\"EUR\"", 1);
        await State(record, "\"name\":\"A\",\"currency\":null", 2);
        (await Field(record, "registrationNo")).ShouldBe("7");
        (await Field(record, "currency")).ShouldBeNull();
    }

    [Fact]
    public async Task A_part_that_is_not_covered_is_added_to_and_one_that_is_is_replaced()
    {
        var record = Sample.NewId();
        const string First = "{\"id\":\"a\",\"name\":\"a\",\"mime\":\"text/plain\",\"bytes\":1}";
        const string Second = "{\"id\":\"b\",\"name\":\"b\",\"mime\":\"text/plain\",\"bytes\":1}";
        await State(record, "\"ext\":{\"x\":\"1\"}", 1);
        await State(record, "\"covers\":[],\"ext\":{\"y\":\"2\"}", 2);
        (await Field(record, "ext")).ShouldBe("""{"x":"1","y":"2"}""");
        await State(record, "\"covers\":[\"ext\"],\"ext\":{\"z\":\"3\"}", 3);
        (await Field(record, "ext")).ShouldBe("""{"z":"3"}""");
        await State(record, $"\"attachments\":[{First},{Second}]", 4);
        await State(record, $"\"attachments\":[{Second}]", 5);
        (await Field(record, "attachments"))!.ShouldNotContain("\"a\"");
    }

    [Fact]
    public async Task A_snapshot_that_says_the_same_of_another_actor_is_news()
    {
        var record = Sample.NewId();
        (await State(record, "\"name\":\"A\"", 1)).ShouldBe("appended");
        (await State(record, "\"name\":\"A\"", 2, "\"actor\":\"ann\",")).ShouldBe("appended");
        (await State(record, "\"name\":\"A\"", 3, "\"actor\":\"ann\",")).ShouldBe("unchanged");
    }

    private async Task<string> State(string record, string data, int hour, string more = "") =>
        (await door.Post(Sample.OneLine($$"""
            {"id":"{{Sample.NewId()}}","source":"crm","type":"client_stated","subject":"client/{{record}}",
            "time":"2026-03-14T0{{hour}}:00:00Z",{{more}}"data":{ {{data}} } }
            """))).Verdict;

    private async Task<string?> Field(string record, string name)
    {
        var head = (await door.Get("/v1/events?limit=1")).Headers.GetValues("Ledger-Position").Single();
        var stream = await door.Get($"/v1/streams/client/crm:{record}?at-least={head}");
        return stream.Json.GetProperty("state").TryGetProperty(name, out var field)
            ? field.ValueKind == JsonValueKind.Null ? null : field.ToString()
            : null;
    }
}
