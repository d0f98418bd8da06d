using System.Text;
using System.Text.Json;

namespace Ledger.Api.Tests.Aside;

/// <summary>What was refused: kept, shown, sent again.</summary>
public sealed class RejectTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task A_refused_event_is_shown_as_it_came_with_its_reasons_and_is_listed_by_source()
    {
        var body = Sample.Time(Sample.NewId(), minutes: "ninety");
        var number = await Refused(body);

        var shown = await door.Get($"/v1/rejects/{number}");
        shown.Status.ShouldBe(200);
        shown.Json.GetProperty("body").GetString().ShouldBe(body);
        shown.Json.GetProperty("problem").GetProperty("errors")[0].GetProperty("pointer").GetString()
            .ShouldBe("/data/quantity/value");
        shown.Json.GetProperty("settled").ValueKind.ShouldBe(JsonValueKind.Null);

        var listed = await door.Get($"/v1/rejects?source=psa&settled=false&limit=1&after={number - 1}");
        var item = listed.Items.Single();
        item.GetProperty("number").GetInt64().ShouldBe(number);
        item.TryGetProperty("body", out _).ShouldBeFalse("a list has no bodies");
        listed.Json.GetProperty("next").GetInt64().ShouldBe(number);
        (await door.Get($"/v1/rejects?source=nobody&after={number - 1}")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_that_is_no_text_is_shown_in_base64()
    {
        byte[] body = [(byte)'{', 0xFF, (byte)'}'];
        var answer = await door.Post(body, "application/json");
        var number = answer.Json.GetProperty("reject").GetInt64();
        (await door.Get($"/v1/rejects/{number}")).Json.GetProperty("bodyBase64").GetBytesFromBase64().ShouldBe(body);
    }

    [Fact]
    public async Task The_same_failure_counts_up()
    {
        var body = Sample.Time(Sample.NewId(), minutes: "ninety");
        var number = await Refused(body);
        (await Refused(body)).ShouldBe(number);
        (await door.Get($"/v1/rejects/{number}")).Json.GetProperty("times").GetInt64().ShouldBe(2);
    }

    [Fact]
    public async Task Sent_again_corrected_it_is_stored_and_settled()
    {
        var id = Sample.NewId();
        var number = await Refused(Sample.Time(id, minutes: "ninety"));

        var answer = await Resubmit(number, Sample.Time(id));
        answer.Status.ShouldBe(201, answer.Body);
        answer.Verdict.ShouldBe("appended");
        var settled = (await door.Get($"/v1/rejects/{number}")).Json.GetProperty("settled");
        settled.GetProperty("position").GetInt64().ShouldBe(answer.Json.GetProperty("position").GetInt64());
        (settled.GetProperty("source").GetString(), settled.GetProperty("id").GetString()).ShouldBe(("psa", id));

        var again = await Resubmit(number, Sample.Time(id));
        again.Verdict.ShouldBe("duplicate");
        (await door.Get($"/v1/rejects/{number}")).Json.GetProperty("settled").GetProperty("at").GetString()
            .ShouldBe(settled.GetProperty("at").GetString(), "the first time counts");
    }

    [Fact]
    public async Task Sent_again_under_another_key_the_reject_says_which()
    {
        var number = await Refused("{\"id\":7}");
        var id = Sample.NewId();
        (await Resubmit(number, Sample.Time(id))).Status.ShouldBe(201);
        (await door.Get($"/v1/rejects/{number}")).Json.GetProperty("settled").GetProperty("id").GetString().ShouldBe(id);
    }

    [Fact]
    public async Task Sent_again_as_it_is_it_is_judged_anew_and_kept_once()
    {
        var number = await Refused(Sample.Time(Sample.NewId(), minutes: "ninety"));
        var answer = await Resubmit(number, "");
        answer.Status.ShouldBe(422);
        answer.Json.GetProperty("problem").GetProperty("reject").GetInt64().ShouldBe(number);
        (await door.Get($"/v1/rejects/{number}")).Json.GetProperty("times").GetInt64().ShouldBe(2);
    }

    [Fact]
    public async Task A_corrected_event_on_the_ordinary_way_settles_it_too()
    {
        var id = Sample.NewId();
        var number = await Refused(Sample.Time(id, minutes: "ninety"));
        var answer = await door.Post(Sample.Time(id));
        (await door.Get($"/v1/rejects/{number}")).Json.GetProperty("settled").GetProperty("position").GetInt64()
            .ShouldBe(answer.Json.GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task So_does_a_corrected_snapshot_that_says_nothing_new()
    {
        var (record, id) = (Sample.NewId(), Sample.NewId());
        var stored = await door.Post(Sample.ClientStated(Sample.NewId(), record, "Acme"));
        var number = await Refused(Sample.ClientStated(id, record, "Acme").Replace("\"Acme\"", "7", default));
        (await door.Post(Sample.ClientStated(id, record, "Acme"))).Verdict.ShouldBe("unchanged");
        (await door.Get($"/v1/rejects/{number}")).Json.GetProperty("settled").GetProperty("position").GetInt64()
            .ShouldBe(stored.Json.GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task A_body_that_held_many_is_settled_when_all_of_it_is_good()
    {
        var (a, b) = (Sample.NewId(), Sample.NewId());
        var broken = $"[{Sample.Time(a)},{Sample.Time(b)}";
        var number = (await door.Post(broken)).Json.GetProperty("reject").GetInt64();

        var half = await Resubmit(number, $"[{Sample.Time(a)},{Sample.Time(b, minutes: "x")}]");
        half.Verdicts.ShouldBe(["appended", "rejected"]);
        (await door.Get($"/v1/rejects/{number}")).Json.GetProperty("settled").ValueKind.ShouldBe(JsonValueKind.Null);
        (await Resubmit(number, broken + "]")).Verdicts.ShouldBe(["duplicate", "appended"]);
        (await door.Get($"/v1/rejects/{number}")).Json.GetProperty("settled").GetProperty("id").GetString().ShouldBe(b);
    }

    [Fact]
    public async Task What_is_asked_wrongly_is_said()
    {
        (await door.Get("/v1/rejects/999999999")).ProblemType.ShouldBe("not-found");
        (await door.Get("/v1/rejects/x")).ProblemType.ShouldBe("not-found");
        (await door.Get("/v1/rejects?settled=maybe")).ProblemType.ShouldBe("invalid-parameter");
        (await Resubmit(999999999, "{}")).ProblemType.ShouldBe("not-found");
        var number = await Refused(Sample.Time(Sample.NewId(), minutes: "x"));
        (await Resubmit(number, "{")).ProblemType.ShouldBe("not-json");
        (await Resubmit(number, "[]")).ProblemType.ShouldBe("bad-request");
    }

    [Fact]
    public async Task The_command_line_lists_shows_and_sends_again()
    {
        var id = Sample.NewId();
        var number = await Refused(Sample.Time(id, minutes: "ninety"));
        string[] at = ["--database", door.ConnectionString];

        (await Running.ToEnd(["rejects", "list", "--source", "psa", .. at])).Lines
            .ShouldContain(line => line.TrimStart().StartsWith($"{number} ", StringComparison.Ordinal));
        (await Running.ToEnd(["rejects", "show", $"{number}", .. at])).Output.ShouldContain("\"ninety\"");
        (await Running.ToEnd(["rejects", "resubmit", $"{number}", .. at])).ExitCode.ShouldBe(1);
        var sent = await Running.ToEnd(["rejects", "resubmit", $"{number}", "-", .. at], Sample.Time(id));
        sent.ExitCode.ShouldBe(0, sent.Errors);
        sent.Output.ShouldContain("\"appended\"");
        (await Running.ToEnd(["rejects", "list", .. at])).Lines
            .ShouldNotContain(line => line.TrimStart().StartsWith($"{number} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_conflict_is_shown_to_the_owner_with_both_digests_and_what_was_offered()
    {
        var id = Sample.NewId();
        var first = await door.Post(Sample.Time(id));
        var other = Sample.Time(id, minutes: "91");
        await door.Post(other);
        var answer = await door.Post($"[{other},{Sample.Time(id, minutes: "x")}]");
        answer.Verdicts.ShouldBe(["conflict", "conflict"]);

        var listed = (await door.Get("/v1/conflicts?source=psa&limit=1000")).Items
            .Where(item => item.GetProperty("id").GetString() == id).ToArray();
        listed.Length.ShouldBe(2);
        var offered = answer.Items[0].GetProperty("digest").GetString();
        var conflict = listed.Single(item => item.GetProperty("offeredDigest").GetString() == offered);
        conflict.GetProperty("times").GetInt64().ShouldBe(2);
        var existing = conflict.GetProperty("existing");
        existing.GetProperty("digest").GetString().ShouldBe(first.Json.GetProperty("digest").GetString());
        existing.GetProperty("position").GetInt64().ShouldBe(first.Json.GetProperty("position").GetInt64());
        var number = conflict.GetProperty("number").GetInt64();
        (await door.Get($"/v1/conflicts/{number}")).Json.GetProperty("offered").GetString().ShouldBe(other);

        string[] at = ["--database", door.ConnectionString];
        (await Running.ToEnd(["conflicts", "list", "--source", "psa", .. at])).Output.ShouldContain(offered!);
        (await Running.ToEnd(["conflicts", "show", $"{number}", .. at])).Output.ShouldContain("\"91\"");
    }

    private async Task<long> Refused(string body)
    {
        var answer = await door.Post(body);
        answer.Verdict.ShouldBe("rejected", answer.Body);
        return answer.Json.GetProperty("problem").GetProperty("reject").GetInt64();
    }

    private async Task<Answer> Resubmit(long number, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new("application/json");
        using var response = await door.Client.PostAsync(
            new Uri($"/v1/rejects/{number}/resubmit", UriKind.Relative), content);
        return await Answer.Of(response);
    }
}
