namespace Ledger.Projections.Identity;

/// <summary>What a business knows a thing by, normalised. Never its identity: a rule joins two records by it only while
/// it is unique on both sides.</summary>
/// <param name="Scheme"><c>number</c>, <c>tax:{country}:{scheme}</c>, <c>registration</c>, <c>employee</c>; with a
/// <c>~</c> before it, a hint that two records may be the same thing, from which no rule joins.</param>
public sealed record BusinessKey(string Scheme, string Value)
{
    /// <summary>So many live records at most share a key; what more have is a placeholder.</summary>
    public const int HoldersMax = 16;

    /// <summary>Whether it only hints.</summary>
    public bool IsHint => Scheme.StartsWith('~');

    public override string ToString() => $"{Scheme} {Value}";
}
