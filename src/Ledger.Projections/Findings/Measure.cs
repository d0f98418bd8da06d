using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Findings;

/// <summary>In what the parts of a piece of work are reckoned: its own unit where all that bill it say a quantity or
/// nothing, else money, else by counting.</summary>
/// <param name="Whole">All there is; null where it is counted.</param>
/// <param name="Unit">Null where it is money, or counted.</param>
internal sealed record Measure(decimal? Whole, Unit? Unit, bool IsMoney)
{
    /// <summary>False where quantities are stated that do not convert: nothing can be said.</summary>
    public bool IsReckoned { get; private init; } = true;

    /// <summary>A hundredth of an hour is how systems round what they keep in minutes.</summary>
    public decimal Tolerance => Unit?.PerHour is { } perHour ? perHour / 100m : 0m;

    public static Measure Of(ComposedEntity work, CoverageEdge[] bills)
    {
        var whole = work.Value<Quantity>("billableQuantity") ?? work.Value<Quantity>("quantity");
        if (whole is not null && Array.TrueForAll(bills, b => b.Quantity is not null || b.Amount is null))
            return new(whole.Value, whole.Unit, false)
            {
                IsReckoned = Figures.Of(whole.Value) is not null
                    && Array.TrueForAll(bills, b => b.Quantity is null || In(whole.Unit, b.Quantity) is not null),
            };
        var amount = work.Value<decimal?>("billableAmount") ?? work.Value<decimal?>("amount");
        return Figures.Of(amount) is { } worth
            && Array.TrueForAll(bills, b => Figures.Of(b.Amount) is not null || (b.Amount ?? b.Quantity?.Value) is null)
            ? new(worth, null, true)
            : new(null, null, false);
    }

    /// <summary>Of a fee: money where it and all that bills it are told in money of one currency. Where they are not,
    /// or of a share that nobody reckoned, nothing can be said of parts; what says no money is counted whole.</summary>
    public static Measure Of(decimal? worth, Currency? currency, CoverageEdge[] bills)
    {
        if (Array.TrueForAll(bills, b => b.Amount is null)) return new(null, null, false);
        return new(Figures.Of(worth), null, true)
        {
            IsReckoned = Figures.Of(worth) is not null && Array.TrueForAll(
                bills, b => Figures.Of(b.Amount) is not null && (b.Currency ?? currency) == (currency ?? b.Currency)),
        };
    }

    /// <summary>A quantity in a unit; null where it does not convert, or is beyond reckoning.</summary>
    public static decimal? In(Unit unit, Quantity quantity) =>
        Figures.Of(quantity.Value) is null ? null : new Quantity(0m, unit).DifferenceTo(quantity);

    /// <summary>How much an edge says; null = nothing, or not in this measure.</summary>
    public decimal? Size(CoverageEdge edge) =>
        Unit is { } unit ? edge.Quantity is { } quantity ? In(unit, quantity) : null
        : IsMoney ? Figures.Of(edge.Amount)
        : null;

    public bool IsExceededBy(CoverageEdge edge) => IsReckoned && Size(edge) - Whole > Tolerance;

    public string Words(decimal size) => Unit is { } unit
        ? new Quantity(size, unit).ToString()
        : DecimalText.Write(size);
}
