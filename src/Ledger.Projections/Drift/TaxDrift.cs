using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>Whether the tax a live document states follows from its own bases and rates.</summary>
internal static class TaxDrift
{
    public static IEnumerable<Finding> In(Books books) => books.Documents.Where(d => d.IsLive)
        .SelectMany(d => new[] { OtherRate(d), OtherSum(d) }).OfType<Finding>();

    private static Finding? OtherRate(Document document)
    {
        if (document.Currency is not { } currency) return null;
        var wrong = document.State.Taxes
            .Where(t => t is { Amount: { } amount, Base: not null, Rate: not null }
                && Math.Abs(amount - Due(t, currency)) > DefaultTolerances.TaxOfCategory
                && !InvoiceSums.IsTaxRounded(document.State, t, currency))
            .ToArray();
        if (wrong.Length == 0) return null;
        var difference = new Money(wrong.Sum(t => t.Amount!.Value - Due(t, currency)), currency);
        var evidence = new Evidence().Says(
            document.Record, "taxes",
            Say.List(wrong.Select(t => new Money(t.Amount!.Value, currency).ToString())), "taxes").Should(
            document.Record, "taxes", new Money(wrong[0].Amount!.Value, currency).ToString(),
            new Money(Due(wrong[0], currency), currency).ToString());
        return evidence.Finds(
            DriftClass.Tax, document,
            $"{document.Name} states " + Say.List(wrong.Select(t =>
                $"{new Money(t.Amount!.Value, currency)} of tax on {new Money(t.Base!.Value, currency)} at "
                + $"{DecimalText.Write(t.Rate!.Value)} %")) + $": {Say.Abs(difference)} {Say.TooMuch(difference)}.",
            difference);
    }

    private static Finding? OtherSum(Document document)
    {
        var taxes = document.State.Taxes;
        if (document.Currency is not { } currency || taxes.Count == 0 || taxes.Any(t => t.Amount is null)
            || document.State.Totals?.Tax is not { } total) return null;
        var difference = new Money(total - taxes.Sum(t => t.Amount!.Value), currency);
        if (Math.Abs(difference.Amount) <= DefaultTolerances.TaxOfCategory * taxes.Count) return null;
        return new Evidence().Says(document.Record, "tax", new Money(total, currency).ToString(), "totals", "taxes")
            .Should(
                document.Record, "tax", new Money(total, currency).ToString(),
                new Money(total - difference.Amount, currency).ToString())
            .Finds(
                DriftClass.Tax, document,
                $"{document.Name} states {new Money(total, currency)} of tax in all, and "
                + $"{new Money(taxes.Sum(t => t.Amount!.Value), currency)} by category.", difference);
    }

    private static decimal Due(Tax tax, Currency currency) => Rounding.Round(
        tax.Base!.Value * tax.Rate!.Value / 100m, currency.MinorDigits, RoundingMode.HalfAwayFromZero);
}
