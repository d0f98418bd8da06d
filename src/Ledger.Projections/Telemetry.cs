using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections;

/// <summary>What the projector tells of itself, under the name <c>Ledger.Projections</c>.</summary>
internal static class Telemetry
{
    /// <summary>Most traces a batch is linked to.</summary>
    private const int LinksMax = 100;

    private static readonly ActivitySource Source = new("Ledger.Projections");
    private static readonly Meter Meter = new("Ledger.Projections");

    private static readonly Histogram<int> BatchSize =
        Meter.CreateHistogram<int>("ledger.projections.batch.size", "{event}", "Events folded together");

    private static readonly Histogram<double> BatchDuration = Meter.CreateHistogram<double>(
        "ledger.projections.batch.duration", "s", "Time from taking a batch up to its commit");

    private static readonly Histogram<double> Delay = Meter.CreateHistogram<double>(
        "ledger.projections.delay", "s", "Time from an event's recording to its being in the views");

    private static readonly UpDownCounter<long> Poisoned = Meter.CreateUpDownCounter<long>(
        "ledger.projections.poisoned", "{stream}", "Streams that stand still before an event that cannot be folded");

    private static long behind;

    static Telemetry() =>
        Meter.CreateObservableGauge(
            "ledger.projections.lag", () => Volatile.Read(ref behind), "{event}",
            "Events appended and not in the views");

    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>A batch belongs to the trace that appended its events where that is one; it is linked to all.</summary>
    public static Activity? StartBatch(IReadOnlyList<StoredEvent> events)
    {
        if (!Source.HasListeners()) return null;
        var contexts = new HashSet<ActivityContext>();
        foreach (var e in events)
            if (contexts.Count < LinksMax && e.Headers.TryGetValue(HeaderNames.Traceparent, out var traceparent)
                && ActivityContext.TryParse(traceparent, null, isRemote: true, out var context))
                contexts.Add(context);
        var traces = contexts.Select(c => c.TraceId).Distinct().Count();
        return Source.StartActivity(
                "project", ActivityKind.Consumer, traces == 1 ? contexts.First() : default,
                links: contexts.Select(c => new ActivityLink(c)))
            ?.SetTag("ledger.events", events.Count).SetTag("ledger.position", events[^1].Position);
    }

    public static void Projected(IReadOnlyList<StoredEvent> events, long started)
    {
        BatchSize.Record(events.Count);
        BatchDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        if (!Delay.Enabled) return;
        var now = SystemClock.Instance.GetCurrentInstant();
        Delay.Record(Math.Max(0, (now - events[^1].RecordedAt).TotalSeconds));
    }

    public static void Behind(long events) => Volatile.Write(ref behind, Math.Max(0, events));

    public static void PoisonedBy(int streams) => Poisoned.Add(streams);

    public static void Failed(Activity? activity, Exception error) =>
        activity?.SetStatus(ActivityStatusCode.Error, error.Message);
}
