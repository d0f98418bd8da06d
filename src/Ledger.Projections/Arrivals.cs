using Ledger.Store;

namespace Ledger.Projections;

/// <summary>Events on their way into the views, by stream. What can be folded without asking is folded already.
/// </summary>
internal sealed class Arrivals
{
    private Arrivals(IReadOnlyList<StoredEvent> events, int capacity)
    {
        Events = events;
        Fresh = new(capacity);
    }

    /// <summary>In the order of the log.</summary>
    public IReadOnlyList<StoredEvent> Events { get; }

    /// <summary>Streams that begin among these events: the views have nothing of them.</summary>
    public Dictionary<string, StreamState> Fresh { get; }

    /// <summary>Events of streams that began before them.</summary>
    public Dictionary<string, List<StoredEvent>> Further { get; } = [];

    public static Arrivals Of(IReadOnlyList<StoredEvent> events)
    {
        var byStream = new Dictionary<string, List<StoredEvent>>(events.Count);
        foreach (var e in events)
        {
            if (!byStream.TryGetValue(e.Stream, out var of)) byStream.Add(e.Stream, of = new(1));
            of.Add(e);
        }

        var arrivals = new Arrivals(events, byStream.Count);
        foreach (var (stream, of) in byStream)
            if (of[0].Version == 1) arrivals.Fresh.Add(stream, Folding.Whole(stream, of));
            else arrivals.Further.Add(stream, of);
        return arrivals;
    }
}
