using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>Two server processes on one database are sent the same, and compete for streams.</summary>
internal static class TwoServers
{
    private const int Pairs = 8;

    public static readonly Scenario Scenario = new(
        "two-servers", "two server processes on one database: the same keys to both at once, and duels at one version",
        Trials: 400, Few: 20, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var database = await TestDatabase.Create(cancellationToken);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var one = LedgerProcess.Serve(database.ConnectionString);
        await using var two = LedgerProcess.Serve(database.ConnectionString);
        using var here = new Door(await one.Listening(cancellationToken));
        using var there = new Door(await two.Listening(cancellationToken));
        var books = new Books(run);
        while (run.Next())
            await Task.WhenAll(Enumerable.Range(0, Pairs).Select(pair => pair % 2 == 0
                ? Twins(run, books, here, there, pair, cancellationToken)
                : Duel(run, books, here, there, pair, cancellationToken)));
        await books.Check(source, cancellationToken);
    }

    /// <summary>The same batch to both, in another order, on streams that others use too.</summary>
    private static async Task Twins(
        Run run, Books books, Door here, Door there, int pair, CancellationToken cancellationToken)
    {
        var dice = run.Dice($"twins {pair}", run.Trial);
        var ids = Enumerable.Range(0, dice.Next(1, 12)).Select(n => $"t-{run.Trial}-{pair}-{n}").ToArray();
        var events = ids.Select(id => Sample.Time(id, $"shared-{dice.Next(6)}")).ToArray();
        foreach (var id in ids)
            books.Offer(id);
        var other = events.ToArray();
        dice.Shuffle(other);
        run.Fault();
        var answers = await Task.WhenAll(
            here.Post($"[{string.Join(',', events)}]", Door.Json, cancellationToken),
            there.Post(string.Join('\n', other), Door.Lines, cancellationToken));
        var appended = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var answer in answers)
        {
            if (answer is null || answer.Items.Count != ids.Length)
                run.Anomaly($"{ids.Length} events were answered with {answer?.Text ?? "nothing"}");
            foreach (var item in answer?.Items ?? [])
            {
                var id = item.GetProperty("id").GetString()!;
                var verdict = books.Take(item);
                if (verdict is not ("appended" or "duplicate"))
                    run.Anomaly($"a good event was answered with {item}");
                if (verdict == "appended")
                    appended[id] = appended.GetValueOrDefault(id) + 1;
            }
        }

        foreach (var id in ids.Where(id => appended.GetValueOrDefault(id) != 1))
            run.Anomaly($"{id} was answered 'appended' {appended.GetValueOrDefault(id)} times");
    }

    /// <summary>Two different events for one version of one stream: one wins, the other is told the version.</summary>
    private static async Task Duel(
        Run run, Books books, Door here, Door there, int pair, CancellationToken cancellationToken)
    {
        var expected = run.Trial - 1;
        string Challenger(string name)
        {
            var id = $"d-{run.Trial}-{pair}-{name}";
            books.Offer(id);
            return Sample.Time(id, $"duel-{pair}", more: $"\"expectedVersion\":{expected},");
        }

        run.Fault();
        var answers = await Task.WhenAll(
            here.Post(Challenger("a"), Door.Json, cancellationToken),
            there.Post(Challenger("b"), Door.Json, cancellationToken));
        var verdicts = answers
            .Select(answer => answer?.Items is [var item] ? books.Take(item) : answer?.Text).ToArray();
        if (!verdicts.Order(StringComparer.Ordinal).SequenceEqual(["appended", "conflict"]))
            run.Anomaly($"a duel at version {expected} ended {string.Join(" and ", verdicts)}");
    }
}
