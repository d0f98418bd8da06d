using NodaTime;

namespace Ledger.Projections.Identity;

/// <summary>Which records are one thing, and which of them count.</summary>
/// <param name="Ties">All there are between records at hand, those refused among them.</param>
internal sealed record Identified(Grouping Grouping, Standings Standings, IReadOnlyList<Tie> Ties, Apart Apart)
{
    /// <param name="governing">Links and successions; of any other kind does no harm.</param>
    /// <param name="firm">Null = the records are the firm's own legal entities.</param>
    /// <param name="replaced">Systems that were replaced by others.</param>
    /// <param name="crowded">Keys that more records bear than are at hand; null = none.</param>
    public static Identified Of(
        IReadOnlyDictionary<string, SourceRecord> records, IEnumerable<SourceRecord> governing, Firm? firm,
        IReadOnlyList<Replacement> replaced, LocalDate day, IReadOnlySet<KindKey>? crowded = null)
    {
        var said = governing as IReadOnlyCollection<SourceRecord> ?? [.. governing];
        var apart = new Apart(said);
        Succeeding[] succeeding =
        [
            .. said.Select(Succeeding.Of).OfType<Succeeding>(), .. Succeeding.Replaced(records, replaced),
        ];
        var standings = Standings.Of(records, succeeding, day);
        // The firm is the same on every day: which day it is decides which copy of a legal entity counts, never what
        // belongs together.
        var lasting = succeeding.Any(IsOfFirm) ? Standings.Of(records, succeeding, default) : standings;
        Tie[] ties =
        [
            .. said.Select(Projections.Ties.Of).OfType<Tie>(),
            .. standings.Chosen.Where(s => !IsOfFirm(s)).Concat(lasting.Chosen.Where(IsOfFirm))
                .Select(s => new Tie(s.Stream, s.Old, s.New, s.Position, TieBasis.Succeeded) { Said = s.Said }),
            .. Ruling.TiesAmong(
                records.Values, Counts, r => firm is null ? null : EntityOf(firm, r), apart, crowded),
        ];
        return new(Grouper.Group(records, ties, standings, apart, Counts), standings, ties, apart);

        bool Counts(SourceRecord record) =>
            (record.Kind == Domain.Kind.LegalEntity ? lasting : standings).Counts(record);
    }

    private static bool IsOfFirm(Succeeding said) =>
        Domain.StreamName.KindOf(said.Old) == Domain.Kind.LegalEntity.Name;

    // What a legal entity belongs to is itself.
    private static string? EntityOf(Firm firm, SourceRecord record) =>
        record.Kind == Domain.Kind.LegalEntity ? null : firm.EntityOf(record);
}
