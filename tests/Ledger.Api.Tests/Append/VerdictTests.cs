namespace Ledger.Api.Tests.Append;

public sealed class VerdictTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task Answers_a_new_event_with_its_receipt()
    {
        var id = Sample.NewId();
        var answer = await door.Post(Sample.Time(id));
        answer.Status.ShouldBe(201, answer.Body);
        answer.Media.ShouldBe("application/json");
        answer.Json.EnumerateObject().Select(member => member.Name).ShouldBe(
            ["index", "source", "id", "verdict", "stream", "version", "position", "recordedAt", "digest"]);
        answer.Verdict.ShouldBe("appended");
        answer.Json.GetProperty("stream").GetString().ShouldBe($"time/psa:{id}");
        answer.Json.GetProperty("version").GetInt64().ShouldBe(1);
        answer.Json.GetProperty("digest").GetString()!.Length.ShouldBe(64);

        var receipt = await door.Get($"/v1/receipts/psa/{id}");
        receipt.Status.ShouldBe(200);
        foreach (var member in receipt.Json.EnumerateObject())
            member.Value.ToString().ShouldBe(answer.Json.GetProperty(member.Name).ToString());
    }

    [Fact]
    public async Task Answers_the_same_event_again_with_the_same_receipt()
    {
        var body = Sample.Time(Sample.NewId());
        var first = await door.Post(body);
        var again = await door.Post(body.Replace("\"90\"", "\"+90.0\"", StringComparison.Ordinal));
        again.Status.ShouldBe(200);
        again.Body.ShouldBe(first.Body.Replace("appended", "duplicate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Shows_both_digests_where_a_key_comes_with_another_body()
    {
        var id = Sample.NewId();
        var first = await door.Post(Sample.Time(id));
        var other = await door.Post(Sample.Time(id, minutes: "91"));
        other.Status.ShouldBe(409);
        other.Verdict.ShouldBe("conflict");
        var digests = other.Json.GetProperty("problem").GetProperty("digests");
        digests.GetProperty("existing").GetString().ShouldBe(first.Json.GetProperty("digest").GetString());
        digests.GetProperty("offered").GetString().ShouldBe(other.Json.GetProperty("digest").GetString());
        digests.GetProperty("offered").GetString().ShouldNotBe(digests.GetProperty("existing").GetString());
    }

    [Fact]
    public async Task A_known_key_answers_before_the_schema_does()
    {
        var id = Sample.NewId();
        await door.Post(Sample.Time(id));
        var invalid = await door.Post(Sample.Time(id, minutes: "ninety"));
        invalid.Status.ShouldBe(409, invalid.Body);
        invalid.Verdict.ShouldBe("conflict");
    }

    [Fact]
    public async Task Parks_a_type_it_does_not_know_and_answers_a_resend_the_same()
    {
        var id = Sample.NewId();
        var body = Sample.Time(id, type: "time_entry_teleported");
        foreach (var answer in new[] { await door.Post(body), await door.Post(body) })
        {
            answer.Status.ShouldBe(202, answer.Body);
            answer.Verdict.ShouldBe("parked");
        }

        (await door.Post(Sample.Time(id))).Verdict.ShouldBe("conflict", "parking takes the key");
        var receipt = await door.Get($"/v1/receipts/psa/{id}");
        receipt.Status.ShouldBe(202);
        receipt.Verdict.ShouldBe("parked");
        receipt.Json.GetProperty("digest").GetString().ShouldBe(
            (await door.Post(body)).Json.GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Rejects_what_the_schema_refuses_keeps_it_and_leaves_the_key_free()
    {
        var id = Sample.NewId();
        var before = await door.Count("ledger.reject");
        var answer = await door.Post(Sample.Time(id, minutes: "ninety"));
        answer.Status.ShouldBe(422);
        answer.Verdict.ShouldBe("rejected");
        var problem = answer.Json.GetProperty("problem");
        problem.GetProperty("errors")[0].GetProperty("pointer").GetString().ShouldBe("/data/quantity/value");
        problem.GetProperty("reject").GetInt64().ShouldBeGreaterThan(0);
        (await door.Count("ledger.reject")).ShouldBe(before + 1);
        (await door.Post(Sample.Time(id))).Verdict.ShouldBe("appended");
    }

    [Fact]
    public async Task An_equal_snapshot_is_stored_nowhere()
    {
        var record = Sample.NewId();
        (await door.Post(Sample.ClientStated(Sample.NewId(), record, "Acme"))).Verdict.ShouldBe("appended");
        var second = await door.Post(Sample.ClientStated(Sample.NewId(), record, "Acme", "2026-03-15T10:00:00Z"));
        second.Status.ShouldBe(200);
        second.Verdict.ShouldBe("unchanged");
        (await door.Post(Sample.ClientStated(Sample.NewId(), record, "Acme Ltd"))).Verdict.ShouldBe("appended");
    }

    [Fact]
    public async Task An_expected_version_that_is_missed_is_a_conflict_that_says_both()
    {
        var record = Sample.NewId();
        await door.Post(Sample.Time(Sample.NewId(), record));
        var answer = await door.Post(Sample.Time(Sample.NewId(), record, more: "\"expectedVersion\":0,"));
        answer.Status.ShouldBe(409);
        answer.Json.GetProperty("problem").GetProperty("expectedVersion").GetInt64().ShouldBe(0);
        answer.Json.GetProperty("problem").GetProperty("actualVersion").GetInt64().ShouldBe(1);
        (await door.Post(Sample.Time(Sample.NewId(), record, more: "\"expectedVersion\":1,"))).Status.ShouldBe(201);
    }

    [Fact]
    public async Task Answers_many_in_their_order_each_for_itself()
    {
        var (a, b, c) = (Sample.NewId(), Sample.NewId(), Sample.NewId());
        var answer = await door.Post(
            $"[{Sample.Time(a)},{Sample.Time(b, minutes: "x")},7,{Sample.Time(a)},{Sample.Time(a, minutes: "1")},"
            + $"{Sample.Time(c, type: "unheard_of")},{Sample.Time(c)},{Sample.Time(b)}]");
        answer.Status.ShouldBe(200);
        answer.Verdicts.ShouldBe(
            ["appended", "rejected", "rejected", "duplicate", "conflict", "parked", "conflict", "appended"]);
        answer.Items.Select(item => item.GetProperty("index").GetInt32()).ShouldBe([0, 1, 2, 3, 4, 5, 6, 7]);
    }

    [Fact]
    public async Task All_or_nothing_stores_nothing_where_one_item_fails()
    {
        var (known, fresh) = (Sample.NewId(), Sample.NewId());
        await door.Post(Sample.Time(known));
        var before = await door.Count("events.mt_events");
        foreach (var bad in new[]
        {
            Sample.Time(known, minutes: "1"), Sample.Time(Sample.NewId(), minutes: "x"),
            Sample.Time(Sample.NewId(), type: "unheard_of"), "{}",
        })
        {
            var answer = await door.Post($"[{Sample.Time(fresh)},{Sample.Time(known)},{bad}]", query: "?atomic=true");
            answer.Status.ShouldBe(200);
            answer.Verdicts[0].ShouldBe("not_attempted");
            answer.Verdicts[2].ShouldBeOneOf("conflict", "rejected");
        }

        (await door.Count("events.mt_events")).ShouldBe(before);
        var good = await door.Post($"[{Sample.Time(fresh)},{Sample.Time(known)}]", query: "?atomic=true");
        good.Verdicts.ShouldBe(["appended", "duplicate"]);
    }

    [Fact]
    public async Task Keeps_the_requests_trace_on_events_that_have_none()
    {
        const string caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        const string own = "00-1bf7651916cd43dd8448eb211c80319c-b7ad6b7169203332-01";
        var (without, with) = (Sample.NewId(), Sample.NewId());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(door.Address, "/v1/events"))
        {
            Content = new StringContent(
                $"[{Sample.Time(without)},{Sample.Time(with, more: $"\"traceparent\":\"{own}\",")}]", null,
                "application/json"),
        };
        request.Headers.Add("traceparent", caller);
        (await door.Client.SendAsync(request)).EnsureSuccessStatusCode();
        (await Traceparent(without)).ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
        (await Traceparent(with)).ShouldBe(own);
    }

    private async Task<string?> Traceparent(string id) =>
        (await door.Get($"/v1/streams/time/psa:{id}")).Json.GetProperty("events")[0]
            .GetProperty("traceparent").GetString();
}
