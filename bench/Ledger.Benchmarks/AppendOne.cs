using System.Diagnostics;
using Ledger.Store;

namespace Ledger.Benchmarks;

/// <summary>One caller's median latency, in milliseconds, against one connection with the prepared insert.</summary>
internal static class AppendOne
{
    public static async Task<Result> Measure(Bench bench, long events, CancellationToken cancellationToken)
    {
        NewEvent[] rows = [.. Enumerable.Range(0, (int)events).Select(AppendSixtyFour.OneToAStream)];
        return await Bench.Paired("append-1", events, "ms p50",
            () => bench.OnFresh(
                source => Bench.OnStore(
                    source,
                    async store =>
                    {
                        await store.Append(Payloads.Read(Payloads.Json(0, "warm")), cancellationToken);
                        return await MedianLatency(rows, e => store.Append(e, cancellationToken));
                    },
                    cancellationToken),
                cancellationToken),
            () => bench.OnFresh(
                async source =>
                {
                    var insert = await Baselines.PreparedInsert(source, cancellationToken);
                    return await MedianLatency(rows, e => Baselines.Insert(insert, e, cancellationToken));
                },
                cancellationToken));
    }

    private static async Task<double> MedianLatency(NewEvent[] rows, Func<NewEvent, Task> append)
    {
        var latencies = new List<double>(rows.Length);
        foreach (var e in rows)
        {
            var started = Stopwatch.GetTimestamp();
            await append(e);
            latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return Bench.Median(latencies);
    }
}
