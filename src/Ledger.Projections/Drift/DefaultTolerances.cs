using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>What is left alone where finance agreed to nothing. A class that is not here has no tolerance: it is
/// compared exactly, money to the minor unit.</summary>
public static class DefaultTolerances
{
    /// <summary>Of hours; of other units as many as convert to it, else none: what decimal hours cannot say of minutes.
    /// </summary>
    public const decimal Hours = 0.01m;

    /// <summary>Of the tax of one category, in the document's currency: what rounding may leave.</summary>
    public const decimal TaxOfCategory = 0.01m;

    /// <summary>Of a rate of exchange, as a share of it: one basis point.</summary>
    public const decimal ExchangeRate = 0.0001m;

    /// <summary>Whether two rates of exchange are one, but for what is left alone.</summary>
    public static bool IsSameRate(decimal rate, decimal published) =>
        Math.Abs(rate - published) <= ExchangeRate * Math.Abs(published);

    /// <summary>What rounding may leave of an amount that was converted.</summary>
    public static decimal MinorUnit(Currency currency) => new(1, 0, 0, false, (byte)currency.MinorDigits);

    /// <summary>By class, in words.</summary>
    public static readonly IReadOnlyList<(DriftClass Class, string Words)> All =
    [
        (DriftClass.Missing, "the days its system is registered to be late; none where it is not"),
        (DriftClass.Late, "the same, and told as a notice"),
        (DriftClass.Quantity, "0.01 hours, after exact conversion; other units none"),
        (DriftClass.Rounding, "whatever a known rounding scope and mode reproduces, where no other is in force"),
        (DriftClass.Tax, "0.01 for each category"),
        (DriftClass.Amount, "none: to the minor unit"),
        (DriftClass.Currency, "1 basis point of an exchange rate; none between codes"),
        (DriftClass.Status, "what is behind for no longer than its system may be late; words as its status map says"),
    ];
}
