using Ledger.Domain;
using Ledger.Projections.Drift;
using NodaTime;

namespace Ledger.Projections.Rating;

/// <summary>What a card's prices change of work, billed and not: pure.</summary>
internal sealed class CardTouches(World world)
{
    private readonly Engagements engagements = new(world);

    private Books Books => engagements.Books;

    /// <param name="card">Any of its streams.</param>
    /// <returns>Null where the world has no such card.</returns>
    public RateTouches? Of(string card, LocalDate from)
    {
        if (!world.Records.TryGetValue(card, out var record) || record.Kind != Kind.RateCard) return null;
        var entity = world.EntityOf(card);
        var streams = entity.Members.Select(m => m.Stream).ToHashSet();
        var billed = Books.Documents.Where(d => d.IsLive && !d.GivesBack)
            .SelectMany(d => Books.Priced(d).Select(p => (Document: d, Priced: p))).ToLookup(b => b.Priced.Item.Target);
        var work = world.Entities(Kind.Time).Where(e => e.IsLive).Select(e => world.Compose(e))
            .Where(c => c.Value<LocalDate?>("workedOn") >= from).SelectMany(c => Priced(c, billed, streams, from));
        // One card told by several systems is one.
        var named = work.Select(w => w with { Now = w.Now with { Card = entity.Id } });
        return RateTouches.Of(entity.Id, from, named, Periods().ToArray());
    }

    private IEnumerable<PricedByCard> Priced(
        ComposedEntity work, ILookup<string, (Document Document, PricedItem Priced)> billed, HashSet<string> cards,
        LocalDate from)
    {
        var record = work.Speaker("quantity", "workedOn")!;
        var entry = work.State<TimeEntry>();
        var on = entry.WorkedOn!.Value;
        var standing = engagements.Billings.Of(work).Where(b => !b.IsDraft).ToArray();
        foreach (var (document, item) in billed[work.Entity.Id])
        {
            if (item.Used is not { } used || Books.Prices.Of(record, entry, Books.Billing(document)) is not { } now
                || !cards.Contains(now.Card) || Left(standing, document, item) is not { } quantity) continue;
            yield return new(
                work.Entity.Id, Composed.RefOf(record), on, quantity, now, null,
                new(
                    document.Entity.Id, Composed.RefOf(document.Record), document.Label, item.Item.Line,
                    document.IssuedOn, used, world.Compose(document.Entity).LegalEntity,
                    document.State.Client?.Absolute(document.Record.Source)),
                TreatmentOf(record, entry));
        }

        if (Unbilled(entry, standing) is not { Value: > 0m } left) yield break;
        if (Books.Prices.Of(record, entry, null) is not { } price || !cards.Contains(price.Card)) yield break;
        var before = Worths.PriceOf(
            Books.Prices.Of(record, entry with { WorkedOn = from.PlusDays(-1) }, null), entry);
        yield return new(
            work.Entity.Id, Composed.RefOf(record), on, left, price, before, null, TreatmentOf(record, entry));
    }

    /// <summary>What a document bills of it and was not given back; null where nothing is left.</summary>
    private Quantity? Left(BilledPart[] standing, Document document, PricedItem item)
    {
        var label = engagements.Billings.Label(document.Entity.Id);
        if (standing.FirstOrDefault(s => s.Document == label) is not { } part) return null;
        return part.Quantity ?? item.Billed;
    }

    private static Quantity? Unbilled(TimeEntry entry, BilledPart[] standing)
    {
        if (entry.Billable is false || entry.WriteDowns.Any(w => w.Off)) return null;
        var left = Worths.ToBill(entry);
        foreach (var part in standing)
        {
            if (part.Quantity is not { } taken || left is null || left.DifferenceTo(taken) is not { } rest) return null;
            left = left with { Value = -rest };
        }

        return left;
    }

    private RateChangeTreatment? TreatmentOf(SourceRecord record, TimeEntry entry) =>
        Books.Find<Project>(entry.Project, record.Source) is { } project
        && Books.Prices.ContractOf(project) is { } contract
            ? contract.State.Billing?.RateChanges
            : null;

    private IEnumerable<BookPeriod> Periods() =>
        from told in world.Live<AccountingPeriod>(Kind.Period)
        where told.State is { From: not null, To: not null }
        select new BookPeriod(
            told.State.Name ?? told.Record.Id, world.Firm.EntityOf(told.Record), told.State.From!.Value,
            told.State.To!.Value, told.State.Status is PeriodStatus.Open);
}
