using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>Figures that can be reckoned with. A source may state a number of 28 digits; no money has so many, and sums
/// of such would not fit.</summary>
internal static class Figures
{
    /// <summary>What is beyond this is kept as said and never reckoned with.</summary>
    private const decimal Limit = 1_000_000_000_000_000m;

    /// <summary>The number, or null where it is beyond any money.</summary>
    public static decimal? Of(decimal? said) => said is >= -Limit and <= Limit ? said : null;

    public static decimal Sum(IEnumerable<Adjustment>? adjustments) =>
        (adjustments ?? []).Sum(a => Of(a.Amount) is not { } amount ? 0m : a.Charge ? amount : -amount);

    /// <summary>A document's total before tax; null where nothing tells, or what tells is beyond any money.</summary>
    public static decimal? NetOf(Invoice document)
    {
        try
        {
            return Of(document.NetStated);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>The price of a quantity; null where the units do not convert, or it is beyond any money.</summary>
    public static ExactMoney? Priced(Quantity quantity, Rate rate)
    {
        if (Of(quantity.Value) is null || Of(rate.Amount) is null) return null;
        try
        {
            return rate.Extend(quantity) is { } worth && Of(worth.Sixtieths / 60m) is not null ? worth : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}
