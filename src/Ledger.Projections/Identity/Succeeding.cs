using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Identity;

/// <summary>One record goes on as another of its kind.</summary>
/// <param name="Stream">That states it: a succession, or the client that was merged.</param>
/// <param name="From">The first day on which the new one counts instead of the old; null = always.</param>
/// <param name="Said">When it was said, in the order of whoever says it.</param>
internal sealed record Succeeding(
    string Stream, string Old, string New, LocalDate? From, long Position, SourceOrder? Said)
{
    public bool IsInForce(LocalDate day) => From is null || day >= From;

    /// <summary>What a record states of two records told by id: a succession, or a client's merge. A source speaks of
    /// its own records, as the old one or the new; the ledger of any.</summary>
    public static Succeeding? Of(SourceRecord record) => record switch
    {
        { IsLive: true, Fold.State: Succession { Withdrawn: false, Old: { } old, New: { } by } s } =>
            Between(
                record, old, by, s.From, record.Changed("old", "new", "from", "withdrawn"), record.Fold.Order),
        // What is said of a client later is not the merge.
        { IsLive: true, Fold.State: Client { MergedInto: { } into } merged } => Between(
            record, new(record.Kind.Name, record.Source, record.Id), into, null, record.Asserted("mergedInto"),
            merged.MergedAt is { } at ? new(null, at, record.Stream) : record.Fold.Order),
        _ => null,
    };

    /// <summary>What replaced systems mean for the records there are.</summary>
    public static IEnumerable<Succeeding> Replaced(
        IReadOnlyDictionary<string, SourceRecord> records, IReadOnlyList<Replacement> replaced)
    {
        if (replaced.Count == 0) yield break;
        var byOld = replaced.ToLookup(r => r.Old);
        foreach (var record in records.Values)
            if (record.Kind != Kind.Source)
                foreach (var by in byOld[record.Source])
                    if (StreamName.Of(record.Kind.Name, by.New, record.Id) is var next && records.ContainsKey(next))
                        yield return new(by.Stream, record.Stream, next, by.From, by.Position, by.Said);
    }

    private static Succeeding? Between(
        SourceRecord record, Ref old, Ref by, LocalDate? from, long position, SourceOrder? said) =>
        old.Kind == by.Kind && old.Kind != Kind.Source.Name && old.Stream(record.Source) is { } a
        && by.Stream(record.Source) is { } b && a != b && (record.Source == Ties.LedgerSource
            || record.Source == StreamName.SourceOf(a) || record.Source == StreamName.SourceOf(b))
            ? new(record.Stream, a, b, from, position, said)
            : null;
}
