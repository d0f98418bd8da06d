using System.Collections.Concurrent;
using System.Diagnostics;
using Ledger.Store;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>256 writers want the same version of one stream.</summary>
internal static class Race
{
    private const int Writers = 256;
    private const int Readers = 4;

    public static readonly Scenario Scenario = new(
        "race", "256 writers on one stream with expectedVersion; the history is checked for linearizability",
        Trials: 60, Few: 2, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var database = await TestDatabase.Create(cancellationToken);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var other = NpgsqlDataSource.Create(database.ConnectionString);
        await using var here = new EventStore(source);
        await using var there = new EventStore(other);
        var books = new Books(run);
        var (won, missed, calls) = (0L, 0L, 0L);
        while (run.Next())
        {
            var history = new ConcurrentQueue<VersionCall>();
            var stream = $"time/psa:race-{run.Trial}";
            var wins = new StrongBox();
            var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(
                () => Write(run, books, writer % 2 == 0 ? here : there, stream, writer, wins, history,
                    cancellationToken),
                cancellationToken)).ToList();
            var reading = Enumerable.Range(0, Readers).Select(reader => Task.Run(
                () => Read(reader % 2 == 0 ? here : there, stream, wins, history, cancellationToken),
                cancellationToken)).ToList();
            await Task.WhenAll(writing);
            await Task.WhenAll(reading);

            foreach (var anomaly in VersionHistory.Anomalies(history))
                run.Anomaly($"trial {run.Trial}: {anomaly}");
            (calls, won) = (calls + history.Count, won + history.Count(call => call.Made));
            missed += history.Count(call => !call.Made);
            run.Fault(history.Count(call => !call.Made));
        }

        await books.Check(source, cancellationToken);
        run.Note($"{calls} calls: {won} won their version, {missed} missed it or only read");
    }

    /// <summary>Appends at the version it believes in, and believes what it is told, until it has won once or as many
    /// have won as there are rounds.</summary>
    private static async Task Write(
        Run run, Books books, EventStore store, string stream, int writer, StrongBox wins,
        ConcurrentQueue<VersionCall> history, CancellationToken cancellationToken)
    {
        const int rounds = 40;
        for (var (n, believed) = (0, 0L); Volatile.Read(ref wins.Value) < rounds; n++)
        {
            var id = $"r-{run.Trial}-{writer}-{n}";
            books.Offer(id);
            var called = Stopwatch.GetTimestamp();
            var verdict = await store.Append(
                Sample.New(id, stream) with { ExpectedVersion = believed }, cancellationToken);
            var answered = Stopwatch.GetTimestamp();
            switch (verdict)
            {
                case Appended { Receipt: var receipt }:
                    books.Take(Ack.Of(receipt));
                    history.Enqueue(new(called, answered, receipt.Version, Made: true));
                    if (receipt.Version != believed + 1)
                        run.Anomaly($"expected {believed} and made {receipt.Version}");
                    believed = receipt.Version;
                    Interlocked.Increment(ref wins.Value);
                    break;
                case VersionConflict conflict:
                    history.Enqueue(new(called, answered, conflict.Actual, Made: false));
                    if (conflict.Expected != believed || conflict.Actual == believed)
                        run.Anomaly($"expected {believed} and was told {conflict}");
                    believed = conflict.Actual;
                    break;
                default:
                    run.Anomaly($"a writer was told {verdict}");
                    return;
            }
        }
    }

    private static async Task Read(
        EventStore store, string stream, StrongBox wins, ConcurrentQueue<VersionCall> history,
        CancellationToken cancellationToken)
    {
        const int rounds = 40;
        while (Volatile.Read(ref wins.Value) < rounds)
        {
            var called = Stopwatch.GetTimestamp();
            var version = 0L;
            await foreach (var stored in store.ReadStream(stream, cancellationToken))
                version = stored.Version;
            history.Enqueue(new(called, Stopwatch.GetTimestamp(), version, Made: false));
        }
    }

    private sealed class StrongBox
    {
        public int Value;
    }
}
