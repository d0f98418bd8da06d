using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Api.Tests.Sources;

public sealed class AdmissionTests : IAsyncLifetime
{
    private readonly Door _door = new();
    private NpgsqlDataSource? _source;
    private Writers? _writers;

    public async Task InitializeAsync()
    {
        await _door.InitializeAsync();
        _source = NpgsqlDataSource.Create(_door.ConnectionString);
        _writers = new(_source);
    }

    public async Task DisposeAsync()
    {
        await _source!.DisposeAsync();
        await _door.DisposeAsync();
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("Forwarded", "for=203.0.113.7")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("Origin", "https://elsewhere.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task Until_the_first_token_programs_of_this_machine_state_any_source_and_nobody_else_any(
        string header, string value)
    {
        (await Send(Sample.Time(Sample.NewId()))).Status.ShouldBe(201);
        (await Send(Sample.ClientStated(Sample.NewId(), Sample.NewId(), "Acme"))).Status.ShouldBe(201);
        var forwarded = await Send(Sample.Time(Sample.NewId()), header: (header, value));
        forwarded.Status.ShouldBe(401);
        forwarded.ProblemType.ShouldBe("unauthenticated");
        (await _door.Count("events.mt_events")).ShouldBe(2);
    }

    [Fact]
    public async Task From_the_first_token_on_a_source_needs_its_own()
    {
        var token = (await _writers!.Admit("psa", default))!;
        await Eventually(async () => (await Send(Sample.Time("a"))).Status == 401);
        foreach (var wrong in new[] { null, "", "pls_", token[..^1], token + "x", token.ToUpperInvariant() })
        {
            var refused = await Send(Sample.Time("a"), wrong);
            refused.Status.ShouldBe(401);
            refused.ProblemType.ShouldBe("unauthenticated");
            refused.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe("Bearer");
            refused.Body.ShouldNotContain("psa");
        }

        (await Send(Sample.Time("a"), token)).Status.ShouldBe(201);
        (await _door.Get("/v1/receipts/psa/a")).Status.ShouldBe(200, "reads are open");
    }

    [Fact]
    public async Task A_source_states_only_its_own_and_learns_nothing_of_others()
    {
        (await Send(Sample.ClientStated("known", "1", "Acme"))).Status.ShouldBe(201);
        var token = (await _writers!.Admit("psa", default))!;
        await Eventually(async () => (await Send("[]", token)).Status == 200);
        await Eventually(async () => (await Send("[]")).Status == 401);
        var known = await Send(Sample.ClientStated("known", "1", "Acme"), token);
        var other = await Send(Sample.ClientStated("fresh", "1", "Acme"), token);
        var invalid = await Send(Sample.ClientStated("fresh", "1", "Acme").Replace("\"name\"", "\"nome\""), token);
        foreach (var answer in new[] { known, other, invalid })
        {
            answer.Status.ShouldBe(403);
            answer.Verdict.ShouldBe("rejected");
            answer.Json.GetProperty("problem").GetProperty("type").GetString()!.ShouldEndWith(":not-your-source");
            answer.Body.Replace("fresh", "known", StringComparison.Ordinal).ShouldBe(known.Body);
        }

        var many = await Send($"[{Sample.Time("a")},{Sample.ClientStated("b", "1", "B")},{Sample.Time("c")}]", token);
        many.Verdicts.ShouldBe(["appended", "rejected", "appended"]);
        var lines = await Send(
            $"{Sample.Time("d")}\n{Sample.ClientStated("e", "1", "B")}\n", token, media: "application/x-ndjson");
        lines.Verdicts.ShouldBe(["appended", "rejected"]);
        // So many are looked up before they are read.
        var repeated = await Send(
            string.Concat(Enumerable.Repeat(Sample.ClientStated("known", "1", "Acme") + "\n", 100)), token,
            media: "application/x-ndjson");
        repeated.Verdicts.ShouldAllBe(verdict => verdict == "rejected");
        repeated.Body.ShouldNotContain("digest\":\"");
        var atomic = await Send(
            $"[{Sample.Time("f")},{Sample.ClientStated("g", "1", "B")}]", token, query: "?atomic=true");
        atomic.Verdicts.ShouldBe(["not_attempted", "rejected"]);
        (await _door.Count("ledger.reject")).ShouldBe(0, "nothing of another source is kept");
    }

    [Fact]
    public async Task A_rotated_token_ends_when_it_was_said_and_a_revoked_one_at_once()
    {
        var first = (await _writers!.Admit("psa", default))!;
        (await _writers.Admit("psa", default)).ShouldBeNull("it has one");
        var second = await _writers.Rotate("psa", Duration.FromHours(1), default);
        await Eventually(async () => (await Send("[]", second)).Status == 200);
        (await Send("[]", first)).Status.ShouldBe(200, "the one before is good for an hour");
        var third = await _writers.Rotate("psa", Duration.Zero, default);
        await Eventually(async () => (await Send("[]", third)).Status == 200);
        (await Send("[]", first)).Status.ShouldBe(401);
        (await Send("[]", second)).Status.ShouldBe(401);
        (await _writers.Revoke("psa", default)).ShouldBe(1);
        await Eventually(async () => (await Send("[]", third)).Status == 401);
        (await Send("[]")).Status.ShouldBe(401, "that there was a token closes the door for ever");
        (await _writers.Admit("psa", default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_stream_of_lines_ends_where_its_token_does()
    {
        var token = (await _writers!.Admit("psa", default))!;
        await Eventually(async () => (await Send("[]", token)).Status == 200);
        using var socket = new TcpClient();
        await socket.ConnectAsync(_door.Address.Host, _door.Address.Port);
        await using var stream = socket.GetStream();
        using var reader = new StreamReader(stream);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            + $"Authorization: bearer {token}\r\nTransfer-Encoding: chunked\r\n\r\n"));
        (await Next(Sample.Time("a"))).ShouldBe("appended");
        await _writers.Revoke("psa", default);
        await Eventually(async () => (await Next(Sample.Time(Sample.NewId()))) == "unavailable");
        (await Next(Sample.Time("b"))).ShouldBe("unavailable");
        await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
        (await _door.Get("/v1/receipts/psa/b")).Status.ShouldBe(404);

        async Task<string> Next(string line)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{line.Length + 1:x}\r\n{line}\n\r\n")));
            while (await reader.ReadLineAsync() is { } answer)
                if (answer.StartsWith('{'))
                    return System.Text.Json.JsonElement.Parse(answer).GetProperty("verdict").GetString()!;
            throw new InvalidOperationException("no answer came");
        }
    }

    [Fact]
    public async Task What_a_source_sends_and_nobody_can_read_is_kept_as_its_own()
    {
        var token = (await _writers!.Admit("psa", default))!;
        await Eventually(async () => (await Send("[]", token)).Status == 200);
        (await Send("no json", token)).Status.ShouldBe(400);
        (await Send("[7]", token)).Items[0].GetProperty("source").GetString().ShouldBe("psa");
        (await Send("{\n", token, media: "application/x-ndjson")).Verdicts.ShouldBe(["rejected"]);
        (await _door.Count("ledger.reject where source = 'psa'")).ShouldBe(3);
    }

    [Fact]
    public async Task Keeps_no_token_anywhere()
    {
        var token = (await _writers!.Admit("psa", default))!;
        token.ShouldStartWith("pls_");
        token.Length.ShouldBe(47);
        await using var rows = _source!.CreateCommand("select string_agg(t::text, ' ') from ledger.source_token t");
        var kept = (string)(await rows.ExecuteScalarAsync())!;
        kept.ShouldNotContain(token[4..]);
        kept.ShouldContain(Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(token))));
    }

    [Fact]
    public async Task A_source_is_held_to_its_limits()
    {
        var token = (await _writers!.Admit("psa", default))!;
        await _writers.SetLimit("psa", new(null, BodyBytes: 2_000, BodyItems: 2, Depth: 4), default);
        await Eventually(async () => (await Send("[]", token)).Status == 200);
        (await Send($"[{Sample.Time("a")},{Sample.Time("b")}]", token)).Verdicts.ShouldBe(["appended", "appended"]);
        (await Send("[{},{},{}]", token)).ProblemType.ShouldBe("too-large");
        (await Send(Sample.Time("c") + new string(' ', 2_000), token)).ProblemType.ShouldBe("too-large");
        var deep = await Send(Sample.Time("d", more: "\"links\":[{\"rel\":{\"a\":{\"b\":{} } } }],"), token);
        deep.Status.ShouldBe(422);
        deep.Body.ShouldContain("too_deep");
        var line = await Send(
            $"{Sample.Time("e")}{new string(' ', 2_000)}x\n{Sample.Time("f")}\n", token,
            media: "application/x-ndjson");
        line.Verdicts.ShouldBe(["rejected", "appended"]);
    }

    [Fact]
    public async Task A_source_that_sends_too_fast_is_told_when_to_send_again_and_what_was_taken()
    {
        var token = (await _writers!.Admit("psa", default))!;
        await _writers.SetLimit("psa", new(new(1, 3_600, Burst: 5), null, null, null), default);
        await Eventually(async () => (await Send("[]", token)).Status == 200);
        (await Send($"[{Many("a", 6)}]", token)).ProblemType.ShouldBe("too-large", "more than may ever come at once");
        (await Send($"[{Many("b", 3)}]", token)).Verdicts.ShouldAllBe(verdict => verdict == "appended");
        var tooFast = await Send($"[{Many("c", 3)}]", token);
        tooFast.Status.ShouldBe(429);
        tooFast.ProblemType.ShouldBe("rate-limited");
        tooFast.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.FromMinutes(50));
        (await Send(Sample.Time("d"), token)).Status.ShouldBe(201);
        var lines = await Send(
            $"{Sample.Time("e")}\n{Sample.Time("f")}\n", token, media: "application/x-ndjson");
        lines.Status.ShouldBe(200);
        (await _door.Count("events.mt_events")).ShouldBe(
            4 + lines.Verdicts.Count(verdict => verdict == "appended"), "what is said to be taken is what is stored");
        lines.Items[^1].GetProperty("verdict").GetString().ShouldBe("unavailable");
        lines.Items[^1].GetProperty("problem").GetProperty("status").GetInt32().ShouldBe(429);
    }

    [Fact]
    public async Task A_stream_of_lines_is_slowed_down_instead_of_refused()
    {
        var token = (await _writers!.Admit("psa", default))!;
        await _writers.SetLimit("psa", new(new(50, 1, Burst: 10), null, null, null), default);
        await Eventually(async () => (await Send("[]", token)).Status == 200);
        var lines = await Send(
            string.Join('\n', Enumerable.Range(0, 60).Select(i => Sample.Time($"slow{i}"))), token,
            media: "application/x-ndjson");
        lines.Verdicts.ShouldBe(Enumerable.Repeat("appended", 60));
    }

    private static string Many(string id, int count) =>
        string.Join(',', Enumerable.Range(0, count).Select(i => Sample.Time($"{id}{i}")));

    /// <summary>What one process changes another knows shortly after.</summary>
    private static async Task Eventually(Func<Task<bool>> isSo)
    {
        for (var i = 0; !await isSo(); i++)
        {
            i.ShouldBeLessThan(300, "it never came to be so");
            await Task.Delay(100);
        }
    }

    private async Task<Answer> Send(
        string body, string? token = null, string media = "application/json", string query = "",
        (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_door.Address, "/v1/events" + query))
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body))
            {
                Headers = { ContentType = new MediaTypeHeaderValue(media) },
            },
        };
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (header is var (name, value))
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _door.Client.SendAsync(request);
        return await Answer.Of(response);
    }
}
