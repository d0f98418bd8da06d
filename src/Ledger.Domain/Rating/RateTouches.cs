using System.Globalization;
using NodaTime;

namespace Ledger.Domain;

/// <summary>A piece of work whose price may be another than it was.</summary>
/// <param name="Quantity">What may be billed of it; of billed work, what its line bills.</param>
/// <param name="Now">The price that the cards give it; null = none has one.</param>
/// <param name="Before">The price they give the same work on the eve of the day asked from, else its own; counts for
/// unbilled work. Null = none.</param>
/// <param name="Billed">The line that bills it; null = it is not billed yet.</param>
/// <param name="Treatment">What its contract says of billed work; null = nothing.</param>
public sealed record PricedByCard(
    string Id, Ref Ref, LocalDate On, Quantity Quantity, ResolvedRate? Now, Rate? Before, BilledAt? Billed,
    RateChangeTreatment? Treatment)
{
    /// <summary>The price it states itself; counts where no card has one.</summary>
    public Rate? Own { get; init; }
}

/// <summary>Where a piece of work is billed, and at which price.</summary>
/// <param name="Document">The invoice's entity.</param>
/// <param name="Label">What a person calls it.</param>
/// <param name="LegalEntity">Whose books it is in; null = not known.</param>
public sealed record BilledAt(
    string Document, Ref Ref, string Label, string Line, LocalDate? IssuedOn, Rate Used, string? LegalEntity = null,
    Ref? Client = null);

/// <summary>An accounting period, as far as rating asks.</summary>
public sealed record BookPeriod(string Name, string? LegalEntity, LocalDate From, LocalDate To, bool IsOpen);

/// <summary>What becomes of work whose price changed.</summary>
public enum RateRemedy
{
    /// <summary>It is not billed yet: it is billed at the new price.</summary>
    Reprice,

    /// <summary>Its line is credited and billed anew.</summary>
    CreditAndRebill,

    /// <summary>The difference is billed, or given back, once.</summary>
    CatchUp,

    /// <summary>Nothing prices it any more: a price has to be agreed, and until then the difference is not known.
    /// </summary>
    NoRate,
}

/// <summary>One piece of work that a change touches.</summary>
/// <param name="Was">The price it is billed at, or would have been.</param>
/// <param name="Now">How its price is found now; null = no card has one.</param>
/// <param name="Price">Its price now; null = there is none.</param>
/// <param name="Difference">What it is worth more now, exact sixtieths rounded once, half away from zero.</param>
/// <param name="PostIn">The period in which what it takes is posted: that of its document, or where that is closed the
/// first open one after it; null = nobody tells of periods.</param>
/// <param name="IsPeriodClosed">Whether the document's own period is closed.</param>
public sealed record TouchedByRate(
    string Id, Ref Ref, LocalDate On, Quantity Quantity, Rate? Was, ResolvedRate? Now, Rate? Price, Money Difference,
    RateRemedy Remedy, BilledAt? Billed, string? PostIn, bool IsPeriodClosed);

/// <summary>A ceiling that is another from the day asked from on.</summary>
/// <param name="Was">On the eve; null = there was none.</param>
/// <param name="Now">From that day on; null = it is lifted.</param>
/// <param name="Billed">What documents in force ask for under it; null = it is not of the contract's money.</param>
/// <param name="Over">By how much that is more than is agreed now; 0 where it is not.</param>
/// <param name="Position">Position of the event that says so.</param>
public sealed record CeilingTouched(
    string Id, Ceiling? Was, Ceiling? Now, Money? Billed, Money? Over, long Position);

/// <summary>A document that a price change asks for.</summary>
/// <param name="For">The invoice it adjusts.</param>
/// <param name="PostIn">The period it falls into; null = nobody tells.</param>
public sealed record RateAdjustment(string For, string Label, RateRemedy Remedy, InvoiceDrafted Draft, string? PostIn);

/// <summary>What a card, a contract's terms, a role or a place on a project change from a day on: nothing that is
/// billed is rewritten.</summary>
/// <param name="Subject">The entity whose words changed.</param>
/// <param name="Unbilled">What unbilled work is worth more now, by currency.</param>
/// <param name="Billed">What billed work should have asked for more, by currency.</param>
public sealed record RateTouches(
    string Subject, LocalDate From, Items<TouchedByRate> Work, Items<RateAdjustment> Adjustments,
    Items<Money> Unbilled, Items<Money> Billed)
{
    /// <summary>What the work costs the firm more than it did on the eve, by currency; of a resource.</summary>
    public Items<Money> Costs { get; init; } = Items<Money>.None;

    /// <summary>Of a contract.</summary>
    public Items<CeilingTouched> Ceilings { get; init; } = Items<CeilingTouched>.None;

    /// <summary>The work touched, and the documents it asks for. Where no term says what becomes of billed work, it is
    /// credited and billed anew.</summary>
    public static RateTouches Of(
        string subject, LocalDate from, IEnumerable<PricedByCard> work, IReadOnlyCollection<BookPeriod> periods)
    {
        var touched = work.Where(w => w.On >= from).Select(w => Touched(w, periods))
            .OfType<TouchedByRate>().OrderBy(t => t.On).ThenBy(t => t.Id, StringComparer.Ordinal)
            .ThenBy(t => t.Billed?.Document, StringComparer.Ordinal).ToItems();
        var adjustments = touched.Where(t => t.Billed is not null && t.Remedy is not RateRemedy.NoRate)
            .GroupBy(t => (t.Billed!.Document, t.Remedy, t.Difference.Currency))
            .OrderBy(g => g.Key.Document, StringComparer.Ordinal).SelectMany(g => Adjusting([.. g]));
        return new(
            subject, from, touched, adjustments.ToItems(), Sums(touched.Where(t => t.Billed is null)),
            Sums(touched.Where(t => t.Billed is not null)));
    }

    private static TouchedByRate? Touched(PricedByCard work, IReadOnlyCollection<BookPeriod> periods)
    {
        var was = work.Billed?.Used ?? work.Before;
        var price = work.Now?.Price ?? work.Own;
        if (price is null)
            return was is null ? null : new(
                work.Id, work.Ref, work.On, work.Quantity, was, null, null, Money.Zero(was.Currency), RateRemedy.NoRate,
                work.Billed, null, false);
        if (price.Extend(work.Quantity) is not { } now) return null;
        var before = was is null || was.Currency != now.Currency
            ? ExactMoney.Zero(now.Currency)
            : was.Extend(work.Quantity);
        if (before is not { } old || now == old) return null;
        var difference = (now with { Sixtieths = now.Sixtieths - old.Sixtieths }).Round(RoundingMode.HalfAwayFromZero);
        var remedy = work.Billed is null ? RateRemedy.Reprice
            : work.Treatment is RateChangeTreatment.CatchUp ? RateRemedy.CatchUp : RateRemedy.CreditAndRebill;
        var own = work.Billed is { IssuedOn: { } issued } billed
            ? periods.FirstOrDefault(p => IsOf(p, billed) && p.From <= issued && issued <= p.To)
            : null;
        var open = own is null or { IsOpen: true }
            ? own
            : periods.Where(p => p.IsOpen && IsOf(p, work.Billed!) && p.From > own.To).MinBy(p => p.From);
        return new(
            work.Id, work.Ref, work.On, work.Quantity, was, work.Now, price, difference, remedy, work.Billed,
            open?.Name, own is { IsOpen: false });
    }

    private static bool IsOf(BookPeriod period, BilledAt billed) =>
        period.LegalEntity is null || billed.LegalEntity is null || period.LegalEntity == billed.LegalEntity;

    private static Items<Money> Sums(IEnumerable<TouchedByRate> work) => work.GroupBy(t => t.Difference.Currency)
        .OrderBy(g => g.Key.Code, StringComparer.Ordinal)
        .Select(g => new Money(g.Sum(t => t.Difference.Amount), g.Key)).ToItems();

    private static IEnumerable<RateAdjustment> Adjusting(TouchedByRate[] work)
    {
        var (first, billed) = (work[0], work[0].Billed!);
        if (first.Remedy is RateRemedy.CatchUp)
        {
            yield return Draft(work, DocumentType.Corrective, PrecedingRelation.Corrects, t => t.Difference, false);
            yield break;
        }

        yield return Draft(work, DocumentType.CreditNote, PrecedingRelation.Credits, t => Extended(t, t.Was!), true);
        yield return Draft(
            work, DocumentType.Invoice, PrecedingRelation.Corrects, t => Extended(t, t.Price!), false);

        static Money Extended(TouchedByRate t, Rate rate) =>
            rate.Extend(t.Quantity)!.Value.Round(RoundingMode.HalfAwayFromZero);
    }

    private static RateAdjustment Draft(
        TouchedByRate[] work, DocumentType type, PrecedingRelation rel, Func<TouchedByRate, Money> amount, bool credits)
    {
        var billed = work[0].Billed!;
        var currency = work[0].Difference.Currency;
        var lines = work.Select((t, i) => new InvoiceLine(
            (i + 1).ToString(CultureInfo.InvariantCulture), i + 1, LineKinds.Time,
            $"{Reasons.Day(t.On)}: {t.Was} → {t.Price}",
            Quantity: type is DocumentType.Corrective ? null : t.Quantity,
            Price: type is DocumentType.Corrective ? null : credits ? t.Was : t.Price, Net: amount(t).Amount,
            Bills: type is DocumentType.Corrective
                ? [new(t.Now is { } rate ? CardRef(rate) : t.Ref, Amount: t.Difference.Amount)]
                : [new(t.Ref, t.Quantity)],
            Credits: credits ? new(billed.Ref, t.Billed!.Line) : null)).ToItems();
        var net = lines.Sum(l => l.Net!.Value);
        return new(
            billed.Document, billed.Label, work[0].Remedy,
            new(
                type, Client: billed.Client, Currency: currency, Lines: lines, Totals: new(net),
                Preceding: [new(billed.Ref, rel, credits ? net : null)]),
            work[0].PostIn);
    }

    private static Ref CardRef(ResolvedRate rate) => new(
        StreamName.KindOf(rate.Card), StreamName.SourceOf(rate.Card), StreamName.IdOf(rate.Card), Line: rate.CardRate);
}
