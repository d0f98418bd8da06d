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

    /// <summary>A group of one caller belongs to that caller's trace; one of many stands alone and links to theirs.
    /// </summary>
    public static Activity? StartGroup(List<Slice> group)
    {
        if (!Source.HasListeners())
            return null;
        // The loop that commits groups was started by some earlier caller, whose trace this is not.
        Activity.Current = null;
        var callers = group.Select(slice => slice.Request.Caller)
            .Where(caller => caller != default).Distinct().ToList();
        return Source.StartActivity(
                ActivityKind.Internal,
                callers.Count == 1 ? callers[0] : default,
                links: callers.Count > 1 ? callers.Select(caller => new ActivityLink(caller)) : null,
                name: "commit group")
            ?.SetTag("ledger.events", group.Sum(slice => slice.Count));
    }

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
        Answered(verdicts);
    }

    /// <param name="verdicts">Null = none yet.</param>
    public static void Answered(IEnumerable<Verdict?> verdicts)
    {
        if (!Verdicts.Enabled)
            return;
        foreach (var verdict in verdicts.OfType<Verdict>())
            Verdicts.Add(1, new KeyValuePair<string, object?>("verdict", verdict.GetType().Name));
    }
}
