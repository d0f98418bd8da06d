using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>Where histories part: of each thing that differs, the statements that cannot all be right. A thing differs
/// once the last of its statements is made, in the sources' own time; before it the others fit together. Several things
/// in one difference: it began with the first of them.</summary>
/// <param name="Clashes">Positions, the one whose word counts first.</param>
public sealed record Parting(Items<Items<long>> Clashes)
{
    public static readonly Parting Unknown = new(Items<Items<long>>.None);

    public static Parting At(long position) => position == 0L ? Unknown : new([[position]]);

    public IEnumerable<long> Positions => Clashes.SelectMany(c => c);

    /// <summary>The event with which it began; null where the index knows none of its events. By the sources' time:
    /// what reached the ledger first depends on who delivers when. Of two statements of one time, the one whose word
    /// does not count.</summary>
    public EventName? Root(EventIndex events)
    {
        EventName? first = null;
        foreach (var clash in Clashes)
            if (Last(clash, events) is { } last && (first is null || IsBefore(last, first))) first = last;
        return first;
    }

    private static EventName? Last(Items<long> clash, EventIndex events)
    {
        EventName? last = null;
        foreach (var position in clash)
            if (events.Find(position) is { } said && (last is null || !(said.Time < last.Time))) last = said;
        return last;
    }

    private static bool IsBefore(EventName a, EventName b) => a.Time < b.Time
        || (a.Time == b.Time && (string.CompareOrdinal(a.Source, b.Source), string.CompareOrdinal(a.Id, b.Id)) is
            ( < 0, _) or (0, < 0));
}
