using Ledger.Domain;

namespace Ledger.Projections.Proof;

/// <summary>What each line is of what its document asks for. SQL says the same: bi.line_shares.</summary>
internal static class LineShares
{
    /// <summary>The tax of each line: its own, else its part by net of the tax that no line states.</summary>
    /// <param name="tax">The document's; null where it states none.</param>
    /// <returns>Exact, in the order of the lines.</returns>
    public static decimal[] TaxOf(IReadOnlyList<InvoiceLine> lines, decimal? tax)
    {
        var rest = (tax ?? 0m) - lines.Sum(l => l.Tax?.Amount ?? 0m);
        var net = lines.Where(l => l.Tax?.Amount is null).Sum(l => l.Net ?? 0m);
        return
        [
            .. lines.Select(l => l.Tax?.Amount ?? (tax is null || net == 0m ? 0m : rest * (l.Net ?? 0m) / net)),
        ];
    }

    /// <summary>What is owed by a document, shared out over its lines by what they come to with tax.</summary>
    /// <returns>In the order of the lines; together what is owed, or nothing where the lines come to nothing.</returns>
    public static decimal[] Of(IReadOnlyList<InvoiceLine> lines, decimal? tax, decimal owed, Currency? currency)
    {
        decimal[] asked = [.. TaxOf(lines, tax).Zip(lines, (t, l) => t + (l.Net ?? 0m))];
        var whole = asked.Sum();
        if (whole == 0m) return new decimal[asked.Length];
        var money = new Money(owed, currency ?? default);
        var shares = Allocation.Share(
            money, [.. asked.Select(a => new ExactMoney(owed * a / whole * 60m, money.Currency))],
            currency?.MinorDigits ?? 2);
        return Array.ConvertAll(shares, s => s.Amount);
    }

    /// <summary>What of an amount lines take: all of it where every line is gone, else what they come to, never more
    /// than it and never less than nothing.</summary>
    public static decimal Taken(bool isWhole, decimal amount, decimal all) =>
        isWhole ? all : Math.Clamp(amount, Math.Min(all, 0m), Math.Max(all, 0m));
}
