using Ledger.Domain;

namespace Ledger.Projections.Identity;

/// <summary>What a record was to others, one event after the other as the ledger heard them: pure, and told by its
/// stream alone.</summary>
internal static class Turns
{
    /// <summary>How many turns of what hangs together are followed.</summary>
    private const int FollowedMax = 200;

    /// <summary>The record as it was known from each event on that made it another to those it may be one with, and as
    /// it was first; none where it was nothing else.</summary>
    /// <param name="record">What all the events fold to.</param>
    /// <param name="events">All of its stream, in any order.</param>
    /// <param name="known">What those before the new ones come to: then only what they add, with the first; null = all
    /// are new.</param>
    /// <returns>The first alone where they are too many to be followed.</returns>
    public static Items<SourceRecord> Of(
        SourceRecord record, IReadOnlyCollection<RecordedEvent> events, SourceRecord? known)
    {
        List<RecordedEvent> heard = [];
        List<SourceRecord> turns = [];
        var (fold, last) = (Folded.Nothing, known);
        // Each may have to be folded with all before it.
        if (IsEndless(events.Count))
            return [record with { Fold = StreamFold.Fold(record.Kind, [events.MinBy(e => e.Position)!]) }];
        foreach (var e in events.OrderBy(e => e.Position))
        {
            heard.Add(e);
            var isFirst = heard.Count == 1;
            if (known is not null && !isFirst)
            {
                if (e.Position <= known.Fold.Last) continue;
                if (fold.Last < known.Fold.Last) fold = known.Fold;
            }

            fold = StreamFold.Append(record.Kind, fold, [e]) ?? StreamFold.Fold(record.Kind, heard);
            var now = record with { Fold = fold };
            if (isFirst || !Same(last!, now)) turns.Add(now);
            if (known is null || !isFirst) last = now;
        }

        return turns.Count > 1 ? turns.ToItems() : Items<SourceRecord>.None;
    }

    /// <summary>Whether turns are too many to be followed, or events to look for turns among them.</summary>
    public static bool IsEndless(int count) => count > FollowedMax;

    /// <summary>Whether an event can make a record another one, whatever fields it says.</summary>
    public static bool AreMadeBy(RecordedEvent e) => e.Body is RecordDeleted or RecordRestored;

    /// <summary>Whether a record goes on as another just as it did.</summary>
    public static bool Succeeds(SourceRecord before, SourceRecord after) =>
        Succeeding.Of(before) == Succeeding.Of(after);

    // What no rule joins is another only by being there or not.
    private static bool Same(SourceRecord before, SourceRecord now) =>
        now.Kind != Kind.Identity && now.Kind != Kind.Succession && before.IsLive == now.IsLive && Succeeds(before, now)
        && (!BusinessKeys.Has(now.Kind)
            || (Equals(before.Fold.State?.Entity, now.Fold.State?.Entity)
                && BusinessKeys.Of(before).SequenceEqual(BusinessKeys.Of(now))
                && Contradiction.Said(before).SequenceEqual(Contradiction.Said(now))));
}
