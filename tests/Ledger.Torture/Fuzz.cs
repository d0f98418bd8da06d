using System.Text;
using System.Text.Json;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>Bad documents, by every way in.</summary>
internal static class Fuzz
{
    private const int Senders = 4;
    private const int LinesMost = 250;
    private const int LineBytesMax = 1 << 20;

    private static readonly string[] Verdicts =
        ["appended", "duplicate", "unchanged", "parked", "conflict", "rejected", "not_attempted"];

    private static readonly string[] Media =
    [
        Door.Json, Door.Json, "application/cloudevents+json", "application/cloudevents-batch+json", Door.Lines,
        "application/json; charset=utf-8", "application/json;charset=\"UTF-16\"", "text/plain",
        "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/cloudevents",
    ];

    public static readonly Scenario Scenario = new(
        "fuzz", "spoilt documents by every way in: a verdict or a clear 4xx each, never a 500, nothing stored half",
        Trials: 100_000, Few: 12_000, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var database = await TestDatabase.Create(cancellationToken);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var server = LedgerProcess.Serve(database.ConnectionString);
        using var door = new Door(await server.Listening(cancellationToken));
        var (books, tally) = (new Books(run), new Tally());
        var turn = new SemaphoreSlim(1);
        await Parallel.ForAsync(0, Senders, cancellationToken, async (sender, token) =>
        {
            while (true)
            {
                await turn.WaitAsync(token);
                var first = run.Trial + 1;
                var wanted = run.Dice("how many", first).Next(4) == 0 ? 1 : LinesMost;
                var got = 0;
                while (got < wanted && run.Next())
                    got++;
                turn.Release();
                if (got == 0 || server.HasEnded)
                    return;
                run.Fault(got);
                await (wanted == 1
                    ? Alone(run, books, tally, door, first, token)
                    : Many(run, books, tally, door, first, got, token));
            }
        });

        if (server.HasEnded)
            run.Anomaly($"the server ended: {server.Said}");
        await Huge(run, books, tally, door, cancellationToken);
        await StillWell(run, books, door, cancellationToken);
        await books.Check(source, cancellationToken);
        run.Note(tally.ToString());
    }

    private static byte[] Document(Run run, long n)
    {
        var dice = run.Dice("document", n);
        var good = dice.Next(5) == 0
            ? Sample.Time($"f-{n}", more: "\"timeBasis\":\"stated\",")
            : Golden.Envelope(dice.Next(1_000), $"f-{n}");
        return dice.Next(50) == 0
            ? Encoding.UTF8.GetBytes(good)
            : Mutation.Of(good, Golden.Envelope(dice.Next(1_000), $"g-{n}"), dice);
    }

    /// <summary>One document as a whole request, under any media type.</summary>
    private static async Task Alone(
        Run run, Books books, Tally tally, Door door, long n, CancellationToken cancellationToken)
    {
        var dice = run.Dice("alone", n);
        var body = Document(run, n);
        if (dice.Next(3) == 0)
            body = [(byte)'[', .. body, (byte)',', .. Document(run, -n), (byte)']'];
        var query = dice.Next(8) switch { 0 => "?atomic=true", 1 => "?atomic=%00", _ => "" };
        var headers = new List<(string, string)>();
        if (dice.Next(6) == 0)
            headers.Add(("Content-Encoding", dice.Next(2) == 0 ? "gzip" : "br"));
        if (dice.Next(6) == 0)
            headers.AddRange(
            [
                ("ce-id", $"ce-{n}"), ("ce-source", dice.Next(3) == 0 ? "%ZZ" : "psa"), ("ce-specversion", "1.0"),
                ("ce-type", "time_entry_recorded"), ("ce-subject", $"time/ce-{n}"), ("ce-time", "2026-03-14T09:30:00Z"),
            ]);
        var media = Media[dice.Next(Media.Length)];
        var answer = await door.Post(body, media, cancellationToken, query, [.. headers]);
        Judge(run, books, tally, answer, null, $"{n} as {media}{query}");
    }

    /// <summary>Many, a line each: none harms another.</summary>
    private static async Task Many(
        Run run, Books books, Tally tally, Door door, long first, int count, CancellationToken cancellationToken)
    {
        var body = new List<byte>();
        for (var n = first; n < first + count; n++)
        {
            body.AddRange(Document(run, n));
            body.Add((byte)'\n');
        }

        var lines = Lines([.. body]);
        var answer = await door.Post([.. body], Door.Lines, cancellationToken);
        Judge(run, books, tally, answer, lines, $"{first} to {first + count - 1}");
    }

    /// <summary>Longer than anybody takes: a line, a body, an array.</summary>
    private static async Task Huge(Run run, Books books, Tally tally, Door door, CancellationToken cancellationToken)
    {
        var good = Sample.Time("huge-neighbour");
        var line = Sample.Time("huge-line", note: new string('x', LineBytesMax));
        var answer = await door.Post($"{line}\n{good}\n", Door.Lines, cancellationToken);
        Judge(run, books, tally, answer, 2, "a line beyond the limit");
        var array = $"[{string.Join(',', Enumerable.Repeat(line, 11))}]";
        answer = await door.Post(array, Door.Json, cancellationToken);
        Judge(run, books, tally, answer, null, "a body beyond the limit");
        var many = string.Join(',', Enumerable.Repeat("{}", 10_001));
        answer = await door.Post($"[{many}]", Door.Json, cancellationToken);
        Judge(run, books, tally, answer, null, "an array beyond the limit");
        answer = await door.Post(new string('[', 9 << 20), Door.Json, cancellationToken);
        Judge(run, books, tally, answer, null, "nine million brackets");
    }

    private static void Judge(Run run, Books books, Tally tally, Answer? answer, int? items, string what)
    {
        if (answer is null)
        {
            run.Anomaly($"no answer to {what}");
            return;
        }

        tally.Status(answer.Status);
        if (answer.Status >= 500)
            run.Anomaly($"{what} was answered with {answer.Status} {answer.Text}");
        if (answer.Status >= 400 && answer.Media == "application/problem+json")
        {
            if (!IsClear(answer.Json))
                run.Anomaly($"{what} was answered with a problem that does not say what: {answer.Text}");
            return;
        }

        var verdicts = answer.Items;
        if (verdicts.Count == 0 && items != 0)
            run.Anomaly($"{what} was answered with {answer.Status} {answer.Text} and no verdict");
        if (items is { } expected && verdicts.Count != expected)
            run.Anomaly($"{what}: {expected} lines were answered with {verdicts.Count} verdicts");
        foreach (var item in verdicts)
        {
            var verdict = item.GetProperty("verdict").GetString()!;
            tally.Verdict(verdict);
            if (!Verdicts.Contains(verdict))
                run.Anomaly($"{what} was answered with {item}");
            if (verdict is "rejected" or "conflict" && !(item.TryGetProperty("problem", out var why) && IsClear(why)))
                run.Anomaly($"{what} was answered with a {verdict} that does not say why: {item}");
            if (verdict is not ("appended" or "duplicate"))
                continue;
            // The books take as offered only what has a verdict: what is stored without one shows.
            books.Offer(item.GetProperty("id").GetString()!, item.GetProperty("source").GetString()!);
            books.Take(item);
        }
    }

    private static bool IsClear(JsonElement problem) =>
        problem.TryGetProperty("type", out var type) && type.GetString() is { Length: > 0 }
        && problem.TryGetProperty("title", out var title) && title.GetString() is { Length: > 0 }
        && problem.TryGetProperty("detail", out var detail) && detail.GetString() is { Length: > 0 };

    /// <summary>Whoever comes after is served: an append, every page of the feed, the views.</summary>
    private static async Task StillWell(Run run, Books books, Door door, CancellationToken cancellationToken)
    {
        books.Offer("after-all");
        var answer = await door.Post(Sample.Time("after-all"), Door.Json, cancellationToken);
        if (answer is not { Status: 201 })
        {
            run.Anomaly($"a good event after all is answered with {answer?.Text ?? "nothing"}");
            return;
        }

        books.Take(answer.Json);
        var last = answer.Json.GetProperty("position").GetInt64();
        for (var after = 0L; after < last;)
        {
            var page = await door.Get($"/v1/events?after={after}&limit=500", cancellationToken);
            if (page is not { Status: 200 } || page.Items.Count == 0)
            {
                run.Anomaly($"the feed after {after} is answered with {page?.Status} {page?.Text}");
                return;
            }

            after = page.Items[^1].GetProperty("position").GetInt64();
        }

        var view = await door.Get($"/v1/entities/time?at-least={last}&limit=1", cancellationToken);
        if (view is not { Status: 200 })
            run.Anomaly($"the views do not come to {last}: {view?.Text}");
    }

    /// <summary>How many lines there are in it, as anybody would count who passes over empty ones.</summary>
    private static int Lines(byte[] body)
    {
        var count = 0;
        foreach (var range in body.AsSpan().Split((byte)'\n'))
            if (!body.AsSpan(range).Trim(" \t\r"u8).IsEmpty)
                count++;
        return count;
    }

    private sealed class Tally
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, long> _counts =
            new(StringComparer.Ordinal);

        public void Status(int status) => Count($"{status}");

        public void Verdict(string verdict) => Count(verdict);

        public override string ToString() => string.Join(
            ", ", _counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}: {c.Value}"));

        private void Count(string what) => _counts.AddOrUpdate(what, 1, (_, before) => before + 1);
    }
}
