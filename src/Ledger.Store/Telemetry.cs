using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ledger.Store;

/// <summary>What the store tells of itself, under the name <c>Ledger.Store</c>.</summary>
internal static class Telemetry
{
    private static readonly ActivitySource Source = new("Ledger.Store");
    private static readonly Meter Meter = new("Ledger.Store");

    private static readonly Histogram<int> GroupSize =
        Meter.CreateHistogram<int>("ledger.store.group.size", "{event}", "Items decided together in one group");

    private static readonly Histogram<double> GroupDuration = Meter.CreateHistogram<double>(
        "ledger.store.group.duration", "s", "Time from taking a group up to its commit");

    private static readonly Histogram<double> AppendDuration = Meter.CreateHistogram<double>(
        "ledger.store.append.duration", "s", "Time from a caller's append to its verdicts");

    private static readonly Counter<long> Verdicts =
        Meter.CreateCounter<long>("ledger.store.verdicts", "{event}", "Verdicts answered, by verdict");

    public static long Now => Stopwatch.GetTimestamp();

    public static Activity? StartAppend(int events) =>
        Source.StartActivity("append")?.SetTag("ledger.events", events);

    /// <summary>A group serves many callers, so its activity stands alone.</summary>
    public static Activity? StartGroup(List<Slice> group) =>
        Source.HasListeners()
            ? Source.StartActivity(ActivityKind.Internal, name: "commit group", parentContext: default)
                ?.SetTag("ledger.events", group.Sum(slice => slice.Count))
            : null;

    public static void Failed(Activity? activity, Exception error) =>
        activity?.SetStatus(ActivityStatusCode.Error, error.Message);

    public static void Committed(List<Slice> group, long started)
    {
        if (GroupSize.Enabled)
            GroupSize.Record(group.Sum(slice => slice.Count));
        GroupDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    public static void Answered(IReadOnlyList<Verdict> verdicts, long started)
    {
        AppendDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        if (!Verdicts.Enabled)
            return;
        foreach (var verdict in verdicts)
            Verdicts.Add(1, new KeyValuePair<string, object?>("verdict", verdict.GetType().Name));
    }
}
