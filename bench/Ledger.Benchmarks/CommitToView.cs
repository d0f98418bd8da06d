using System.Collections.Concurrent;
using System.Diagnostics;
using Ledger.Projections;
using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>From an event's acknowledgement until the views that people read hold it, while 64 callers append at 70 % of
/// the pace they reached on this machine just before.</summary>
internal static class CommitToView
{
    private const int Callers = 64;
    private const double Load = 0.7;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    public static async Task<Figures> Measure(Bench bench, long events, CancellationToken cancellationToken)
    {
        NewEvent[] rows = [.. Enumerable.Range(0, (int)events).Select(AppendSixtyFour.OneToAStream)];
        var most = await AppendSixtyFour.Ours(bench, rows, new(), cancellationToken);
        return await bench.OnFresh(
            source => Bench.OnStore(
                source, store => Watched(source, store, rows, Load * most.Rate, cancellationToken), cancellationToken),
            cancellationToken);
    }

    private static async Task<Figures> Watched(
        NpgsqlDataSource source, EventStore store, NewEvent[] rows, double pace, CancellationToken cancellationToken)
    {
        await store.Append(Payloads.Read(Payloads.Json(0, "warm")), cancellationToken);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var projector = new Projector(source, store);
        var projecting = Task.Run(() => projector.Run(leaving.Token), cancellationToken);
        await projector.WaitFor(1, cancellationToken);

        var acknowledged = new ConcurrentQueue<(long Position, long At)>();
        var (latencies, last) = (new Latencies(), await store.Position(cancellationToken) + rows.Length);
        var watching = Task.Run(
            () => Watch(projector, acknowledged, latencies, last, cancellationToken), cancellationToken);
        var rate = await BulkImport.Rate(
            rows.Length, () => Paced(store, rows, pace, acknowledged, cancellationToken));
        await watching;
        await leaving.CancelAsync();
        await projecting.ContinueWith(static _ => { }, TaskScheduler.Default);
        return new("commit-to-view", rows.Length, rate, latencies.Quantile(0.5), latencies.Quantile(0.99));
    }

    /// <summary>Each event has its moment, whoever is free takes it then.</summary>
    private static async Task Paced(
        EventStore store, NewEvent[] rows, double pace, ConcurrentQueue<(long, long)> acknowledged,
        CancellationToken cancellationToken)
    {
        var (next, started) = (-1, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(
            async () =>
            {
                for (var i = Interlocked.Increment(ref next); i < rows.Length; i = Interlocked.Increment(ref next))
                {
                    var early = TimeSpan.FromSeconds(i / pace) - Stopwatch.GetElapsedTime(started);
                    if (early > TimeSpan.Zero)
                        await Task.Delay(early, cancellationToken);
                    if (await store.Append(rows[i], cancellationToken) is not Appended { Receipt.Position: var position })
                        throw new InvalidOperationException("not appended");
                    acknowledged.Enqueue((position, Stopwatch.GetTimestamp()));
                }
            },
            cancellationToken)));
    }

    private static async Task Watch(
        Projector projector, ConcurrentQueue<(long Position, long At)> acknowledged, Latencies latencies, long last,
        CancellationToken cancellationToken)
    {
        var waiting = new List<(long Position, long At)>();
        for (var reached = 0L; reached < last || waiting.Count > 0 || !acknowledged.IsEmpty;)
        {
            await Task.Delay(Look, cancellationToken);
            reached = projector.Position;
            var now = Stopwatch.GetTimestamp();
            while (acknowledged.TryDequeue(out var one))
                waiting.Add(one);
            foreach (var (_, at) in waiting.Where(one => one.Position <= reached))
                latencies.Add(Stopwatch.GetElapsedTime(Math.Min(at, now), now));
            waiting.RemoveAll(one => one.Position <= reached);
        }
    }
}
