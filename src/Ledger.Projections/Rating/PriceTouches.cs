using Ledger.Domain;
using Ledger.Projections.Drift;
using NodaTime;

namespace Ledger.Projections.Rating;

/// <summary>What a card, a contract, a resource's role or a place on a project change of work, billed and not: pure.
/// </summary>
internal sealed class PriceTouches(World world)
{
    private readonly Engagements engagements = new(world);

    private Books Books => engagements.Books;

    /// <param name="subject">Any stream of a card, contract, resource or project.</param>
    /// <returns>Null where the world has no such thing.</returns>
    public RateTouches? Of(string subject, LocalDate from)
    {
        if (!world.Records.TryGetValue(subject, out var record) || !Subjects.Contains(record.Kind)) return null;
        var entity = world.EntityOf(subject);
        var billed = Books.Documents.Where(d => d.IsLive && !d.GivesBack)
            .SelectMany(d => Books.Priced(d).Select(p => (Document: d, Priced: p))).ToLookup(b => b.Priced.Item.Target);
        var work = world.Entities(Kind.Time).Where(e => e.IsLive).Select(e => world.Compose(e))
            .Where(c => c.Value<LocalDate?>("workedOn") >= from).ToArray();
        var priced = work.SelectMany(c => Priced(c, billed, entity, from));
        return RateTouches.Of(entity.Id, from, priced, Periods().ToArray()) with
        {
            Costs = record.Kind == Kind.Resource ? Costs(work, entity, from).ToItems() : Items<Money>.None,
            Ceilings = record.Kind == Kind.Contract ? Ceilings(entity, from).ToItems() : Items<CeilingTouched>.None,
        };
    }

    /// <summary>Kinds of records whose words change what work is worth.</summary>
    public static readonly Kind[] Subjects = [Kind.RateCard, Kind.Contract, Kind.Resource, Kind.Project];

    /// <summary>Whether the subject has a say in the price of a piece of work.</summary>
    private bool Concerns(Entity subject, SourceRecord record, TimeEntry entry, params ResolvedRate?[] prices)
    {
        if (subject.Kind == Kind.RateCard)
            return prices.Any(p => p is not null && subject.Members.Any(m => m.Stream == p.Card));
        if (subject.Kind == Kind.Resource) return Is(Books.Find<Resource>(entry.Resource, record.Source)?.Record);
        var project = Books.Find<Project>(entry.Project, record.Source);
        return Is(subject.Kind == Kind.Project ? project?.Record
            : project is { } of ? Books.Prices.ContractOf(of)?.Record : null);

        bool Is(SourceRecord? found) => found is not null && Books.EntityId(found) == subject.Id;
    }

    /// <summary>Recorded work at the cost of its day, less at that of the eve; what states its own cost does not
    /// change.</summary>
    private IEnumerable<Money> Costs(ComposedEntity[] work, Entity subject, LocalDate from)
    {
        var sums = new Dictionary<Currency, ExactMoney>();
        foreach (var composed in work)
        {
            var (record, entry) = (composed.Speaker("quantity", "workedOn")!, composed.State<TimeEntry>());
            if (entry is not { CostRate: null, Quantity: { } quantity } || !Concerns(subject, record, entry)) continue;
            var who = Books.Find<Resource>(entry.Resource, record.Source)!.Value.State;
            Add(who.CostRateOn(entry.WorkedOn!.Value)?.Extend(quantity), 1m);
            Add(who.CostRateOn(from.PlusDays(-1))?.Extend(quantity), -1m);
        }

        return sums.OrderBy(s => s.Key.Code, StringComparer.Ordinal)
            .Select(s => s.Value.Round(RoundingMode.HalfAwayFromZero)).Where(m => m.Amount != 0m);

        void Add(ExactMoney? cost, decimal sign)
        {
            if (cost is not { } of) return;
            var sum = sums.GetValueOrDefault(of.Currency, ExactMoney.Zero(of.Currency));
            sums[of.Currency] = sum with { Sixtieths = sum.Sixtieths + sign * of.Sixtieths };
        }
    }

    private IEnumerable<CeilingTouched> Ceilings(Entity entity, LocalDate from)
    {
        var (composed, eve) = (world.Compose(entity), from.PlusDays(-1));
        var contract = composed.State<Contract>();
        var (was, now) = (contract.CeilingsOn(eve), contract.CeilingsOn(from));
        foreach (var id in was.Concat(now).Select(c => c.Id).Distinct())
        {
            var (before, after) = (was.FirstOrDefault(c => c.Id == id), now.FirstOrDefault(c => c.Id == id));
            if (Equals(before, after)) continue;
            var billed = (after ?? before) is { Scope: "contract", Amount: not null } money
                && contract.Currency is { } currency
                    ? new Money(Books.AskedUnder(entity.Id).Where(a => a.Asked.Currency == currency)
                        .Sum(a => money.Takes(a.Asked)), currency)
                    : (Money?)null;
            yield return new(
                id, before, after, billed, billed is { } all && after?.Amount is { } limit
                    ? all with { Amount = Math.Max(0m, all.Amount - limit) } : null,
                contract.CeilingTerms.InForce(from, id)?.Position ?? composed.Field("ceilings")?.Position ?? 0L);
        }
    }

    private IEnumerable<PricedByCard> Priced(
        ComposedEntity work, ILookup<string, (Document Document, PricedItem Priced)> billed, Entity subject,
        LocalDate from)
    {
        var record = work.Speaker("quantity", "workedOn")!;
        var entry = work.State<TimeEntry>();
        var on = entry.WorkedOn!.Value;
        var eve = Books.Prices.Of(record, entry with { WorkedOn = from.PlusDays(-1) }, null);
        var standing = engagements.Billings.Of(work).Where(b => !b.IsDraft).ToArray();
        foreach (var (document, item) in billed[work.Entity.Id])
        {
            if (item.Used is not { } used || Left(standing, document, item) is not { } quantity) continue;
            var now = Books.Prices.Of(record, entry, Books.Billing(document));
            if (!Concerns(subject, record, entry, now, eve)) continue;
            yield return new(
                work.Entity.Id, Composed.RefOf(record), on, quantity, Named(now, subject), null,
                new(
                    document.Entity.Id, Composed.RefOf(document.Record), document.Label, item.Item.Line,
                    document.IssuedOn, used, world.Compose(document.Entity).LegalEntity,
                    document.State.Client?.Absolute(document.Record.Source)),
                TreatmentOf(record, entry)) { Own = Worths.PriceOf(null, entry) };
        }

        if (Unbilled(entry, standing) is not { Value: > 0m } left) yield break;
        var price = Books.Prices.Of(record, entry, null);
        if (!Concerns(subject, record, entry, price, eve)) yield break;
        var own = Worths.PriceOf(null, entry);
        yield return new(
            work.Entity.Id, Composed.RefOf(record), on, left, Named(price, subject), eve?.Price ?? own, null,
            TreatmentOf(record, entry)) { Own = own };
    }

    // One card told by several systems is one.
    private static ResolvedRate? Named(ResolvedRate? rate, Entity subject) =>
        rate is not null && subject.Members.Any(m => m.Stream == rate.Card) ? rate with { Card = subject.Id } : rate;

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
