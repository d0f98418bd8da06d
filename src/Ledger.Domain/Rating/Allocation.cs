namespace Ledger.Domain;

/// <summary>Exact amounts made printable: rounded where the contract says, and shared out again so that the shares sum
/// to the whole.</summary>
public static class Allocation
{
    /// <summary>Each group rounded once, and each group's rounded amount shared among its members.</summary>
    /// <param name="exact">All of one currency.</param>
    /// <param name="groups">For each of them, the group it is rounded in.</param>
    /// <returns>One share for each, in their order; together they are what the rule makes of the whole.</returns>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static Money[] Round(IReadOnlyList<ExactMoney> exact, IReadOnlyList<string> groups, Rounding rule)
    {
        var shares = new Money[exact.Count];
        foreach (var group in Enumerable.Range(0, exact.Count).GroupBy(i => groups[i], StringComparer.Ordinal))
        {
            var members = group.ToArray();
            var whole = members.Skip(1).Aggregate(exact[members[0]], (sum, i) => sum + exact[i])
                .Round(rule.Mode, rule.Digits);
            var shared = Share(whole, [.. members.Select(i => exact[i])], rule.Digits);
            for (var i = 0; i < members.Length; i++) shares[members[i]] = shared[i];
        }

        return shares;
    }

    /// <summary>Shares out a whole by largest remainder: each part cut down to the unit below, the rest by unit to
    /// those that lost most; a tie goes to the earlier one.</summary>
    /// <param name="whole">What the shares sum to: the parts' sum, rounded in any mode.</param>
    /// <param name="parts">Exact, of any sign, at least one.</param>
    /// <param name="digits">Of the unit, after the point; null = the currency's.</param>
    public static Money[] Share(Money whole, IReadOnlyList<ExactMoney> parts, int? digits = null)
    {
        var unit = new decimal(1, 0, 0, false, (byte)(digits ?? whole.Currency.MinorDigits));
        var shares = parts.Select(p => decimal.Floor(p.Sixtieths / 60m / unit) * unit).ToArray();
        var lost = Enumerable.Range(0, shares.Length).OrderByDescending(i => parts[i].Sixtieths / 60m - shares[i])
            .ThenBy(i => i).ToArray();
        var left = whole.Amount - shares.Sum();
        for (var i = 0; left >= unit; i++, left -= unit) shares[lost[i % lost.Length]] += unit;
        for (var i = lost.Length - 1; left <= -unit; i = (i + lost.Length - 1) % lost.Length, left += unit)
            shares[lost[i]] -= unit;
        shares[lost[0]] += left;
        return [.. shares.Select(share => whole with { Amount = share })];
    }

    /// <summary>What a piece of work is rounded together with, in a scope.</summary>
    internal static string GroupOf(RoundingScope scope, string entry, string line, string? person, string? task,
        string? taxCategory) => scope switch
    {
        RoundingScope.Entry => entry,
        RoundingScope.Line => line,
        RoundingScope.Person => person ?? "",
        RoundingScope.Task => task ?? "",
        RoundingScope.TaxCategory => taxCategory ?? "",
        RoundingScope.Invoice => "",
        _ => throw new System.Diagnostics.UnreachableException($"no rounding scope {scope}"),
    };
}
