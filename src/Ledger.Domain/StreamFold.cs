using System.Collections.Frozen;
using NodaTime;

namespace Ledger.Domain;

/// <summary>One event as it stands in the ledger, body read.</summary>
/// <param name="Position">Its place in the commit order.</param>
/// <param name="EffectiveOn">The date it counts from.</param>
public sealed record RecordedEvent(
    long Position, string Source, string Id, string Stream, string Type, Instant Time, LocalDate EffectiveOn,
    long? Sequence, string? Actor, Instant RecordedAt, Event Body);

/// <summary>What a stream's events come to, in the source's own order.</summary>
public sealed record Folded
{
    public static readonly Folded Nothing = new();

    /// <summary>Null until an event that can begin the record was applied.</summary>
    public RecordState? State { get; init; }

    /// <summary>In <see cref="Asserted"/>: two snapshots of one moment said a field differently, and nobody says which
    /// is the later; the position of the one that counts.</summary>
    public const string StatedOtherwise = "statedOtherwise";

    /// <summary>Field → position of the event that last changed it.</summary>
    public IReadOnlyDictionary<string, long> Asserted { get; init; } = FrozenDictionary<string, long>.Empty;

    /// <summary>Position of the deletion in force; null = not deleted.</summary>
    public long? DeletedBy { get; init; }

    /// <summary>Events that cannot apply yet, by position, in the source's order.</summary>
    public Items<long> Pending { get; init; } = Items<long>.None;

    /// <summary>Position of the event that began the record.</summary>
    public long First { get; init; }

    /// <summary>The lowest position folded: when the stream came into the ledger, whatever arrives later.</summary>
    public long Opened { get; init; }

    /// <summary>The highest position folded.</summary>
    public long Last { get; init; }

    public int Events { get; init; }

    /// <summary>The last event in the source's order.</summary>
    public SourceOrder? Order { get; init; }

    /// <summary>Whether every event so far states the source's sequence.</summary>
    public bool Sequenced { get; init; } = true;
}

/// <summary>An event's place in its source's own order.</summary>
public sealed record SourceOrder(long? Sequence, Instant Time, string Id)
{
    public static SourceOrder Of(RecordedEvent e) => new(e.Sequence, e.Time, e.Id);

    /// <summary>By sequence where every event of the stream states one, else by time; then by time, then by id.
    /// Which of the two holds depends on the set of events, never on their arrival.</summary>
    public int CompareTo(SourceOrder other, bool sequenced)
    {
        var by = sequenced ? Nullable.Compare(Sequence, other.Sequence) : 0;
        if (by == 0) by = Time.CompareTo(other.Time);
        if (by == 0) by = Nullable.Compare(Sequence, other.Sequence);
        return by != 0 ? by : string.CompareOrdinal(Id, other.Id);
    }

    /// <summary>Whether only their ids tell which of the two is the later.</summary>
    internal bool IsOneMoment(SourceOrder other) => Time == other.Time && Sequence == other.Sequence;

    /// <summary>Puts events in order. They mostly came in it.</summary>
    internal static void Sort(RecordedEvent[] events, bool sequenced)
    {
        if (events.Length < 2) return;
        var orders = Array.ConvertAll(events, Of);
        var isSorted = true;
        for (var i = 1; i < orders.Length && isSorted; i++)
            isSorted = orders[i - 1].CompareTo(orders[i], sequenced) <= 0;
        if (!isSorted) Array.Sort(orders, events, Comparer<SourceOrder>.Create((a, b) => a.CompareTo(b, sequenced)));
    }
}

/// <summary>What one event did to the record, at its turn in the source's order.</summary>
/// <param name="Before">The state it met; null while nothing had begun the record.</param>
/// <param name="After">The state it left, with what waited for it applied too.</param>
/// <param name="Applied">Positions of the events that applied at this turn: its own, unless it had to wait, and
/// those that had waited for it.</param>
/// <param name="Waits">Whether it had to wait for a later one.</param>
/// <param name="Deleted">Whether the record is deleted after it.</param>
public sealed record FoldStep(
    RecordedEvent Event, RecordState? Before, RecordState? After, Items<long> Applied, bool Waits, bool Deleted);

/// <summary>Folds one stream's events in the source's own order, so that any arrival order gives one state.</summary>
public static class StreamFold
{
    /// <summary>Folds a whole stream, given in any order.</summary>
    public static Folded Fold(Kind kind, IEnumerable<RecordedEvent> events)
    {
        var ordered = Ordered(events, out var sequenced);
        var fold = new Run(kind, Folded.Nothing);
        foreach (var e in ordered) fold.Take(e);
        return fold.Result(ordered.Length == 0 || sequenced);
    }

    /// <summary>A whole stream's fold, step by step, in the source's order; its events given in any.</summary>
    public static IReadOnlyList<FoldStep> History(Kind kind, IEnumerable<RecordedEvent> events)
    {
        var fold = new Run(kind, Folded.Nothing);
        return [.. Ordered(events, out _).Select(fold.Step)];
    }

    /// <summary>Adds newly arrived events to a fold, where they all come last in the source's order and nothing is
    /// pending; null where the whole stream must be folded again.</summary>
    public static Folded? Append(Kind kind, Folded before, IReadOnlyCollection<RecordedEvent> arrived)
    {
        if (before.Events == 0) return Fold(kind, arrived);
        if (before.Pending.Count > 0) return null;
        if (before.Sequenced && arrived.Any(e => e.Sequence is null)) return null;
        var sequenced = before.Sequenced;
        var ordered = arrived.ToArray();
        SourceOrder.Sort(ordered, sequenced);
        if (ordered.Length == 0) return before;
        var first = SourceOrder.Of(ordered[0]);
        if (first.CompareTo(before.Order!, sequenced) <= 0 || first.IsOneMoment(before.Order!)) return null;
        var fold = new Run(kind, before);
        foreach (var e in ordered) fold.Take(e);
        return fold.Result(sequenced);
    }

    private static RecordedEvent[] Ordered(IEnumerable<RecordedEvent> events, out bool sequenced)
    {
        var ordered = events.ToArray();
        var all = sequenced = Array.TrueForAll(ordered, e => e.Sequence is not null);
        SourceOrder.Sort(ordered, all);
        return ordered;
    }

    /// <summary>One run over events that come in the source's order.</summary>
    private sealed class Run(Kind kind, Folded before)
    {
        private readonly Dictionary<string, long> asserted = new(before.Asserted);
        private readonly List<RecordedEvent> pending = [];
        private readonly List<long> atOnce = [];
        private RecordState? state = before.State;
        private long? deletedBy = before.DeletedBy;
        private long first = before.First;
        private long opened = before.Opened;
        private long last = before.Last;
        private int events = before.Events;
        private SourceOrder? order = before.Order;

        public void Take(RecordedEvent e)
        {
            var at = SourceOrder.Of(e);
            if (order is null || !at.IsOneMoment(order)) atOnce.Clear();
            order = at;
            opened = opened == 0 ? e.Position : Math.Min(opened, e.Position);
            last = Math.Max(last, e.Position);
            events++;
            if (!Apply(e)) pending.Add(e);
            else if (pending.Count > 0) Retry();
        }

        public FoldStep Step(RecordedEvent e)
        {
            var met = state;
            var waiting = pending.Select(p => p.Position).ToArray();
            Take(e);
            var applied = waiting.Prepend(e.Position).Except(pending.Select(p => p.Position)).ToItems();
            return new(e, met, state, applied, pending.Contains(e), deletedBy is not null);
        }

        public Folded Result(bool sequenced) => new()
        {
            State = state, Asserted = asserted, DeletedBy = deletedBy, First = first, Opened = opened, Last = last,
            Events = events, Order = order, Sequenced = sequenced, Pending = pending.Select(e => e.Position).ToItems(),
        };

        private void Retry()
        {
            for (var again = true; again;)
            {
                again = false;
                for (var i = 0; i < pending.Count && !again; i++)
                {
                    if (!Apply(pending[i])) continue;
                    pending.RemoveAt(i);
                    again = true;
                }
            }
        }

        private bool Apply(RecordedEvent e)
        {
            if (e.Body is RecordDeleted or RecordRestored)
            {
                if (state is null) return false;
                deletedBy = e.Body is RecordDeleted ? e.Position : null;
                return true;
            }

            var next = kind.Evolve(state, e.Body, new(e.Time, e.EffectiveOn, e.Actor, e.Position));
            if (next is null) return false;
            if (state is null) first = e.Position;
            var row = e.Body as Snapshot;
            if (row is not null && atOnce.Count == 0) asserted.Remove(Folded.StatedOtherwise);
            if (IsFirstSaid("status", e, row)) asserted["status"] = e.Position;
            if (!ReferenceEquals(state, next))
                foreach (var field in kind.Fields)
                    if (!field.IsSame(state, next) && row?.LeavesOpen(field.Name) is not true)
                    {
                        if (row is not null && atOnce.Count > 0
                            && atOnce.Contains(asserted.GetValueOrDefault(field.Name)))
                            asserted[Folded.StatedOtherwise] = e.Position;
                        asserted[field.Name] = e.Position;
                    }

            if (row is not null) atOnce.Add(e.Position);
            state = next;
            return true;
        }

        /// <summary>Whether a field that rows left unsaid is said now, be it as it was taken to be.</summary>
        private bool IsFirstSaid(string field, RecordedEvent e, Snapshot? row) =>
            state is not null && !asserted.ContainsKey(field) && kind.Fields.Any(f => f.Name == field)
            && (row is null
                ? kind.Evolve(null, e.Body, new(e.Time, e.EffectiveOn, e.Actor, e.Position)) is not null
                : !row.LeavesOpen(field));
    }
}
