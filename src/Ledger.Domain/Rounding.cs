namespace Ledger.Domain;

/// <summary>How an exact amount becomes one that can be printed. Always stated, never a default of the
/// runtime.</summary>
public enum RoundingMode
{
    /// <summary>Half a unit goes away from zero: 0.125 → 0.13, −0.125 → −0.13. The trade's usual one.</summary>
    HalfAwayFromZero,

    /// <summary>Half a unit goes to the even neighbour: 0.125 → 0.12.</summary>
    HalfEven,

    /// <summary>Half a unit goes towards zero: 0.125 → 0.12.</summary>
    HalfTowardsZero,

    /// <summary>Any fraction goes away from zero.</summary>
    Up,

    /// <summary>Any fraction is cut off.</summary>
    Down,
}

/// <summary>Where rounding happens: once for each of these, then the rounded amounts are summed. A contract
/// term.</summary>
public enum RoundingScope
{
    Entry,
    Line,
    Person,
    Task,
    TaxCategory,
    Invoice,
}

/// <summary>A contract's rounding terms.</summary>
/// <param name="Digits">Digits after the point; null = the currency's minor digits.</param>
public sealed record Rounding(RoundingScope Scope, RoundingMode Mode, int? Digits = null)
    : System.Text.Json.Serialization.IJsonOnDeserialized
{
    /// <summary>No currency needs more digits than a decimal of a source may have.</summary>
    void System.Text.Json.Serialization.IJsonOnDeserialized.OnDeserialized()
    {
        if (Digits is < 0 or > DecimalText.FractionDigitsMax)
            throw new System.Text.Json.JsonException("digits are 0 to 10");
    }

    /// <summary>Rounds to <paramref name="digits"/> digits after the point, 0 to 28, in the mode given.</summary>
    public static decimal Round(decimal value, int digits, RoundingMode mode) => mode switch
    {
        RoundingMode.HalfAwayFromZero => Math.Round(value, digits, MidpointRounding.AwayFromZero),
        RoundingMode.HalfEven => Math.Round(value, digits, MidpointRounding.ToEven),
        RoundingMode.HalfTowardsZero => HalfTowardsZero(value, digits),
        RoundingMode.Up => AwayFromZero(value, digits),
        RoundingMode.Down => Math.Round(value, digits, MidpointRounding.ToZero),
        _ => throw new System.Diagnostics.UnreachableException($"no rounding mode {mode}"),
    };

    private static decimal AwayFromZero(decimal value, int digits) => value < 0
        ? Math.Round(value, digits, MidpointRounding.ToNegativeInfinity)
        : Math.Round(value, digits, MidpointRounding.ToPositiveInfinity);

    private static decimal HalfTowardsZero(decimal value, int digits)
    {
        var cut = Math.Round(value, digits, MidpointRounding.ToZero);
        var up = AwayFromZero(value, digits);
        return Math.Abs(value - cut) > Math.Abs(up - value) ? up : cut;
    }
}
