namespace Ledger.Domain;

/// <summary>A unit of measure: a UN/ECE Recommendation 20 code, two or three capitals or digits.</summary>
public readonly record struct Unit
{
    public static readonly Unit Minute = new("MIN");
    public static readonly Unit Hour = new("HUR");
    public static readonly Unit Day = new("DAY");
    public static readonly Unit Month = new("MON");
    public static readonly Unit Piece = new("C62");
    public static readonly Unit Kilometre = new("KMT");

    private readonly string? code;

    private Unit(string code) => this.code = code;

    public string Code => code ?? "C62";

    public static bool TryOf(string? code, out Unit unit)
    {
        unit = default;
        if (code is not { Length: 2 or 3 }) return false;
        foreach (var c in code)
            if (!char.IsAsciiLetterUpper(c) && !char.IsAsciiDigit(c)) return false;
        unit = new Unit(code);
        return true;
    }

    /// <summary>How many of this unit make one hour: 60 for minutes, 1 for hours; null where hours cannot tell
    /// (a day's hours are a policy, not a fact).</summary>
    public int? PerHour => Code switch { "MIN" => 60, "HUR" => 1, _ => null };

    public override string ToString() => Code;
}

/// <summary>How much of a unit, as stated: minutes stay minutes.</summary>
/// <param name="Value">Signed; a correction or a credit may be negative.</param>
public sealed record Quantity(decimal Value, Unit Unit)
{
    /// <summary>Whether both measure the same amount, after exact conversion between minutes and hours.</summary>
    public bool SameAmountAs(Quantity other) => DifferenceTo(other) is 0m;

    /// <summary>Other minus this, in this one's unit; null where the units do not convert exactly. Hours become
    /// minutes by ×60; minutes become hours by ÷60 as the last step.</summary>
    public decimal? DifferenceTo(Quantity other)
    {
        if (Unit == other.Unit) return other.Value - Value;
        if (Unit.PerHour is not { } mine || other.Unit.PerHour is not { } theirs) return null;
        return (other.Value * mine - Value * theirs) / theirs;
    }

    public override string ToString() => $"{DecimalText.Write(Value)} {Name}";

    private string Name => Unit.Code switch
    {
        "MIN" => "min",
        "HUR" => "h",
        "DAY" => Math.Abs(Value) == 1 ? "day" : "days",
        "C62" => Math.Abs(Value) == 1 ? "piece" : "pieces",
        "KMT" => "km",
        var other => other,
    };
}
