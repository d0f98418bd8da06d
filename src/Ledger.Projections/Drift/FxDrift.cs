using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>Compares the rates at which documents, postings and payments convert with those published for their day.
/// </summary>
internal static class FxDrift
{
    /// <summary>Somebody says what money of one currency is in another.</summary>
    /// <param name="Owns">What may have been converted, in <paramref name="From"/>: with tax, or without.</param>
    /// <param name="Days">On which it may have been: its own, and its document's.</param>
    /// <param name="Field">Where its record says so.</param>
    private sealed record Conversion(
        SourceRecord Record, string? Invoice, Money[] Owns, ForeignAmount To, LocalDate[] Days, string Field);

    public static IEnumerable<Finding> In(Books books)
    {
        var rates = new PublishedRates(books.World);
        return rates.IsEmpty
            ? []
            : Conversions(books).Select(c => Held(rates, books, c)).OfType<Finding>();
    }

    private static IEnumerable<Conversion> Conversions(Books books)
    {
        foreach (var (record, invoice) in books.World.Live<Invoice>(Kind.Invoice))
            if (invoice is { IsLive: true, Fx: { } fx, Currency: { } currency })
                yield return new(
                    record, invoice.Number, Owned(currency, invoice.Totals?.Gross, invoice.Totals?.Payable,
                        invoice.NetStated), fx, Known(invoice.IssuedOn, invoice.TaxPointOn), "fx");
        // What takes another entry back converts as that one did.
        foreach (var (record, posting) in books.World.Live<Posting>(Kind.Posting))
            if (posting is { Status: PostingStatus.Posted, Functional: { } fx, Currency: { } currency, Reverses: null })
            {
                var document = books.DocumentOf(posting.Document, record.Source);
                yield return new(
                    record, document?.Number, Owned(currency, posting.Totals?.Gross, posting.Totals?.Net), fx,
                    Known(posting.PostedOn, document?.IssuedOn), "functional");
            }

        foreach (var (record, payment) in books.World.Live<Payment>(Kind.Payment))
            foreach (var part in payment.Applications.Where(a => !a.Withdrawn && a.Fx is not null).ToArray())
                if (payment is { Status: PaymentStatus.Received, Currency: { } currency }
                    && books.DocumentOf(part.Target, record.Source) is { } document
                    && document.Currency == part.Fx!.Currency)
                    yield return new(
                        record, document.Number, Owned(currency, part.Amount), part.Fx,
                        Known(part.AppliedOn, payment.ReceivedOn), "applications");
    }

    private static Money[] Owned(Currency currency, params ReadOnlySpan<decimal?> amounts) =>
        [.. amounts.ToArray().OfType<decimal>().Where(a => a != 0m).Distinct().Select(a => new Money(a, currency))];

    private static LocalDate[] Known(params ReadOnlySpan<LocalDate?> days) =>
        [.. days.ToArray().OfType<LocalDate>().Distinct()];

    /// <summary>Null where it converts as somebody published for one of its days, or nobody published any.</summary>
    private static Finding? Held(PublishedRates rates, Books books, Conversion said)
    {
        if (said.Owns.Length == 0 || said.Owns[0].Currency == said.To.Currency || said.To.Rate is <= 0m
            || said.To.Amount == 0m) return null;
        var entity = books.World.Firm.EntityOf(said.Record);
        var pair = (said.Owns[0].Currency, said.To.Currency);
        var fitting = said.Days.SelectMany(day => rates.For(pair, day, entity)).ToArray();
        if (fitting.Length == 0) return null;
        // The amount that comes nearest to what is stated is the one that was converted.
        var (own, used) = said.Owns
            .Select(own => (Own: own, Used: said.To.Rate ?? Math.Abs(said.To.Amount / own.Amount)))
            .MinBy(c => said.To.Rate is { } stated
                ? Math.Abs(Math.Abs(c.Own.Amount) * stated - Math.Abs(said.To.Amount))
                : fitting.Min(p => Math.Abs(c.Used - p.Rate)));
        if (fitting.Any(p => IsSame(said, own, used, p))) return null;
        var nearest = fitting.MinBy(p => Math.Abs(used - p.Rate))!;
        return Other(rates, said, own, used, nearest, entity);
    }

    /// <summary>Whether both rates are one; of amounts alone, whether they come to one amount.</summary>
    private static bool IsSame(Conversion said, Money own, decimal used, PublishedRate published) =>
        DefaultTolerances.IsSameRate(used, published.Rate)
        || (said.To.Rate is null && Worth(own, published.Rate, said.To.Currency) is var worth
            && Math.Abs(Math.Abs(worth.Amount) - Math.Abs(said.To.Amount))
                <= DefaultTolerances.MinorUnit(said.To.Currency));

    private static Finding Other(
        PublishedRates rates, Conversion said, Money own, decimal used, PublishedRate published, string? entity)
    {
        var currency = said.To.Currency;
        // Its sign is the converted amount's: a posting may state what it converts without one.
        var stated = new Money(Math.Abs(said.To.Amount) * Math.Sign(own.Amount), currency);
        var whole = stated - Worth(own, published.Rate, currency);
        var byRate = said.To.Rate is null ? whole : Worth(own, used, currency) - Worth(own, published.Rate, currency);
        var rest = whole - byRate;
        var evidence = new Evidence()
            .Says(said.Record, "rate", Written(used), said.Field)
            .Should(said.Record, "rate", Written(used), Written(published.Rate));
        foreach (var leg in published.Legs)
            evidence.Says(
                leg.Record, "rate",
                Written(published.Legs.Length == 1 ? published.Rate : leg.State.Rate!.Value), "rate");
        evidence.Computes(said.Record.Stream, "difference by rate", byRate.ToString());
        if (rest.Amount != 0m) evidence.Computes(said.Record.Stream, "difference beside", rest.ToString());
        var other = rates.Before(said.Days[0], (own.Currency, currency), entity)
            .FirstOrDefault(p => DefaultTolerances.IsSameRate(used, p.Rate));
        var kind = Say.Capital(said.Record.Kind.Name);
        return evidence.Finds(
            DriftClass.Currency,
            $"{kind} {Books.LabelOf(said.Record)} converts {own} at {Written(used)} {currency}; "
            + $"{published}: {Say.Abs(byRate)} {Say.TooMuch(byRate)}"
            + (other is null ? "" : $", by the rate of {Say.Date(other.On)}")
            + (rest.Amount == 0m ? "." : $", and {Say.Abs(rest)} {Say.TooMuch(rest)} beside the rate."),
            whole) with
        {
            Invoice = said.Invoice, Of = Worth(own, published.Rate, currency).Amount,
            Parts = new MoneyPart[] { new(DifferenceCause.Exchange, byRate), new(DifferenceCause.Unexplained, rest) }
                .Where(p => p.Amount.Amount != 0m).ToItems(),
        };
    }

    private static Money Worth(Money own, decimal rate, Currency currency) =>
        new Money(own.Amount * rate, currency).Round(RoundingMode.HalfAwayFromZero);

    private static string Written(decimal rate) => DecimalText.Write(PublishedRate.Shown(rate));
}
