using System.Diagnostics;

namespace Ledger.Benchmarks;

/// <summary>One line of the second table: figures that stand for themselves. What a workload does not have is null.
/// </summary>
internal sealed record Figures(
    string Workload, long Events, double? Rate = null, double? P50 = null, double? P99 = null, double? PeakMiB = null);

/// <summary>One workload without a baseline.</summary>
/// <param name="Want">What is wanted of it, for reading along; never asserted.</param>
/// <param name="Events">How many events where the command line does not say.</param>
internal sealed record Reported(
    string Workload, string Want, long Events, Func<Bench, long, CancellationToken, Task<Figures>> Measure)
{
    public static readonly IReadOnlyList<Reported> All =
    [
        new("append-8", "Marten 2,900/s", 10_000, Singles.Eight),
        new("batch-1000", "Marten 26,000/s", 50_000, Batches.OneWriter),
        new("read-stream-1000", "Marten p50 6.8 ms", 100_000, StreamRead.Measure),
        new("commit-to-view", "p99 ≤ 50 ms", 40_000, CommitToView.Measure),
        new("inclusion-proof", "p99 ≤ 2 ms", 1_000_000, InclusionProofs.Measure),
        new("rebuild-views", "2 × Marten's 13,000–19,000/s", 100_000, RebuildViews.Alone),
        new("import-memory", "< 300 MiB, flat", 200_000, PeakMemory.OfImport),
        new("rebuild-memory", "< 300 MiB, flat", 200_000, PeakMemory.OfRebuild),
    ];
}

/// <summary>Times taken of one thing again and again.</summary>
internal sealed class Latencies
{
    private readonly List<double> milliseconds = [];

    /// <summary>Runs it and notes its time.</summary>
    public async Task Of(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        Add(Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Safe for any number of threads.</summary>
    public void Add(TimeSpan time)
    {
        lock (milliseconds) milliseconds.Add(time.TotalMilliseconds);
    }

    public double Quantile(double share)
    {
        milliseconds.Sort();
        return milliseconds[(int)(milliseconds.Count * share)];
    }
}
