using System.Diagnostics;
using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>64 callers, one event each at a time, against 64 connections that insert one stream and one
/// event.</summary>
internal static class AppendSixtyFour
{
    private const int Callers = 64;

    public static Task<Result> Rate(Bench bench, long events, CancellationToken cancellationToken) =>
        Measure(bench, "append-64", "events/s", events, run => run.Rate, cancellationToken);

    public static Task<Result> Latency(Bench bench, long events, CancellationToken cancellationToken) =>
        Measure(bench, "append-64-p99", "ms p99", events, run => run.MillisecondsP99, cancellationToken);

    public static NewEvent OneToAStream(int n) =>
        Payloads.Read(Payloads.Json((long)n * Payloads.EventsPerStream, "a"));

    public static Task<Run> Ours(
        Bench bench, NewEvent[] rows, Writing writing, CancellationToken cancellationToken, int callers = Callers) =>
        bench.OnFresh(
            source => Bench.OnStore(
                source,
                async store =>
                {
                    await store.Append(Payloads.Read(Payloads.Json(0, "warm")), cancellationToken);
                    return await Spread(rows, _ => Task.FromResult<Func<NewEvent, Task>>(async e =>
                    {
                        if (await store.Append(e, cancellationToken) is not Appended)
                            throw new InvalidOperationException("not appended");
                    }), callers);
                },
                cancellationToken, writing),
            cancellationToken);

    private static async Task<Result> Measure(
        Bench bench, string workload, string unit, long events, Func<Run, double> part,
        CancellationToken cancellationToken)
    {
        NewEvent[] rows = [.. Enumerable.Range(0, (int)events).Select(OneToAStream)];
        return await Bench.Paired(workload, events, unit,
            async () => part(await Ours(bench, rows, new(), cancellationToken)),
            async () => part(await bench.OnFresh(
                source => Theirs(source, rows, cancellationToken), cancellationToken)));
    }

    private static Task<Run> Theirs(NpgsqlDataSource source, NewEvent[] rows, CancellationToken cancellationToken) =>
        Spread(rows, async _ =>
        {
            var insert = await Baselines.PreparedInsert(source, cancellationToken);
            return e => Baselines.Insert(insert, e, cancellationToken);
        }, Callers);

    private static async Task<Run> Spread(
        NewEvent[] rows, Func<int, Task<Func<NewEvent, Task>>> caller, int count)
    {
        var callers = new Func<NewEvent, Task>[count];
        for (var i = 0; i < count; i++) callers[i] = await caller(i);
        var latencies = new double[rows.Length];
        var next = -1;
        var rate = await BulkImport.Rate(rows.Length, () => Task.WhenAll(callers.Select(append => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < rows.Length; i = Interlocked.Increment(ref next))
            {
                var started = Stopwatch.GetTimestamp();
                await append(rows[i]);
                latencies[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            }
        }))));
        Array.Sort(latencies);
        return new(rate, latencies[latencies.Length / 2], latencies[(int)(latencies.Length * 0.99)]);
    }

    /// <summary>What one run came to.</summary>
    internal sealed record Run(double Rate, double MillisecondsP50, double MillisecondsP99);
}
