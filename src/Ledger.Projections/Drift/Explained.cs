using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>One part of the money of a finding.</summary>
/// <param name="Amount">Signed as the finding's.</param>
public sealed record MoneyPart(DifferenceCause Cause, Money Amount)
{
    /// <summary>What it is called.</summary>
    public string Name => Cause switch
    {
        DifferenceCause.Quantity => "hours × rate",
        DifferenceCause.Rate => "hours × another rate",
        DifferenceCause.Exchange => "exchange",
        DifferenceCause.Amount => "amounts of their own",
        DifferenceCause.Adjustment => "adjustments",
        DifferenceCause.Rounding => "rounding",
        DifferenceCause.Tax => "tax",
        DifferenceCause.Unexplained => "unexplained",
        _ => throw new System.Diagnostics.UnreachableException($"no cause {Cause}"),
    };
}

/// <summary>What never came, or came otherwise than it would have to.</summary>
/// <param name="Source">From which system; a role where none is known to carry it.</param>
/// <param name="Stream">Of which record; null = one that nobody has.</param>
/// <param name="Value">What it would have to say; null = no more than that it is there.</param>
public sealed record Counterpart(string Source, string Kind, string? Stream, string Field, string? Value)
{
    /// <summary><c>erp: posting P1, net: 960.00 USD</c>.</summary>
    public override string ToString() =>
        $"{Source}: {Say.Record(Kind, Stream)}, {Field}{(Value is null ? "" : $": {Value}")}";
}

/// <summary>What to correct where, so that the difference goes.</summary>
/// <param name="Stream">Of which record; null = one that is to be made.</param>
/// <param name="From">What it says; null = nothing.</param>
/// <param name="To">What it should say; null = nothing.</param>
public sealed record Correction(string Source, string Kind, string? Stream, string Field, string? From, string? To)
{
    /// <summary><c>erp: posting P1, net: 955.00 USD → 960.00 USD</c>.</summary>
    public override string ToString() =>
        $"{Source}: {Say.Record(Kind, Stream)}, {Field}: {From ?? "nothing"} → {To ?? "nothing"}";
}
