namespace Ledger.Domain;

/// <summary>A figure that a document states otherwise than its own parts come to.</summary>
/// <param name="What">Which figure.</param>
/// <param name="Part">The line, or the tax category; null = the document as a whole.</param>
/// <param name="Stated">As printed; in the document's currency, unsigned for its type.</param>
/// <param name="Computed">What the parts come to; a line and a tax not rounded.</param>
public sealed record SumDifference(DocumentSum What, string? Part, decimal Stated, decimal Computed);

/// <summary>The figures of a document that follow from others. Stored names, in snake_case.</summary>
public enum DocumentSum
{
    /// <summary>A line's net: quantity × price, with its charges and less its allowances.</summary>
    LineNet,

    /// <summary>A line's tax: its net × rate.</summary>
    LineTax,

    /// <summary>The sum of the lines.</summary>
    Lines,

    Allowances,

    Charges,

    /// <summary>Lines with charges, less allowances.</summary>
    Net,

    /// <summary>What a tax category is reckoned on: its lines, charges and allowances.</summary>
    TaxBase,

    /// <summary>A category's tax: base × rate.</summary>
    CategoryTax,

    /// <summary>The sum of the categories.</summary>
    Tax,

    /// <summary>The sum of the lines' taxes.</summary>
    LineTaxes,

    /// <summary>Net and tax.</summary>
    Gross,

    /// <summary>Gross less what was prepaid, with its rounding.</summary>
    Payable,
}

/// <summary>What a document's own parts come to, beside what it states: pure. What it does not state is neither
/// computed from nothing nor held against it.</summary>
public static class InvoiceSums
{
    // Beyond any money, and sums of such would leave the range of a decimal.
    private const decimal Limit = 1_000_000_000_000_000m;
    private const decimal RateMax = 10_000m;

    /// <summary>The totals by the parts: each from what is stated where that is, so that a fault shows once.</summary>
    public static InvoiceTotals Computed(Invoice i)
    {
        var stated = i.Totals ?? new();
        var lines = IsItemised(i) ? i.Lines.Sum(l => l.Net) : null;
        var allowances = i.Adjustments.Where(a => !a.Charge).Sum(a => a.Amount);
        var charges = i.Adjustments.Where(a => a.Charge).Sum(a => a.Amount);
        var isTaxed = i.Taxes.Count > 0 && i.Taxes.All(t => t.Amount is not null);
        return new(
            Net: (stated.Lines ?? lines) - (stated.Allowances ?? allowances) + (stated.Charges ?? charges),
            Tax: isTaxed ? i.Taxes.Sum(t => t.Amount) : null,
            Gross: stated.Net + stated.Tax,
            Payable: stated.Gross - (stated.Prepaid ?? 0m) + (stated.Rounding ?? 0m),
            Lines: lines,
            Allowances: allowances,
            Charges: charges);
    }

    /// <summary>Where the document contradicts itself, in the order a reader adds it up.</summary>
    public static IReadOnlyList<SumDifference> Differences(Invoice i)
    {
        if (!IsReckonable(i)) return [];
        var (stated, computed) = (i.Totals ?? new(), Computed(i));
        SumDifference?[] totals =
        [
            Differs(DocumentSum.Lines, stated.Lines, computed.Lines),
            Differs(DocumentSum.Allowances, stated.Allowances, computed.Allowances),
            Differs(DocumentSum.Charges, stated.Charges, computed.Charges),
            Differs(DocumentSum.Net, stated.Net, computed.Net),
            .. Bases(i),
            .. Categories(i),
            Differs(DocumentSum.Tax, stated.Tax, computed.Tax),
            OfLineTaxes(i, stated),
            Differs(DocumentSum.Gross, stated.Gross, computed.Gross),
            Differs(DocumentSum.Payable, stated.Payable, computed.Payable),
        ];
        return [.. OfLines(i), .. LineTaxes(i), .. totals.OfType<SumDifference>()];
    }

    private static SumDifference? Differs(DocumentSum what, decimal? stated, decimal? computed, string? part = null) =>
        stated is { } said && computed is { } sum && said != sum ? new(what, part, said, sum) : null;

    /// <summary>Whether every line says what it asks for by itself.</summary>
    private static bool IsItemised(Invoice i) =>
        i.Lines.Count > 0 && i.Lines.All(l => l is { Basis: LineBasis.Stated, Net: not null });

    /// <summary>A line may have been rounded for each thing it bills; or all lines once together, or once for each
    /// person and task, and shared among them to the minor unit.</summary>
    private static IEnumerable<SumDifference> OfLines(Invoice i)
    {
        var priced = i.Lines.Select(l => Priced(i, l)).OfType<PricedLine>().ToArray();
        var off = priced.Where(l => !IsRounded(l.Net, l.Exact, l.Currency, l.Line.Bills?.Count ?? 1)).ToArray();
        return Array.TrueForAll(off, l => Math.Abs(l.Net - l.Exact) < MinorUnit(l.Currency))
            && priced.GroupBy(l => l.Currency).All(IsShared)
                ? []
                : off.Select(l => new SumDifference(DocumentSum.LineNet, l.Line.Line, l.Net, l.Exact));
    }

    private static bool IsShared(IGrouping<Currency, PricedLine> lines) => IsRounded(
        lines.Sum(l => l.Net), lines.Sum(l => l.Exact), lines.Key,
        lines.DistinctBy(l => (l.Line.Work?.Resource, l.Line.Work?.Task)).Count());

    private static PricedLine? Priced(Invoice i, InvoiceLine line)
    {
        if (line is not { Basis: LineBasis.Stated, Net: { } net, Quantity: { } quantity, Price: { } price }
            || (i.Currency ?? price.Currency) != price.Currency || ExactMoney.Of(quantity, price) is not { } exact)
            return null;
        var adjusted = line.Adjustments?.Sum(a => a.Charge ? a.Amount : -a.Amount) ?? 0m;
        return new(line, net, exact.Sixtieths / 60m + adjusted, price.Currency);
    }

    /// <param name="Exact">Quantity × price with its adjustments, not rounded.</param>
    private sealed record PricedLine(InvoiceLine Line, decimal Net, decimal Exact, Currency Currency);

    /// <summary>By category and rate where no charge or allowance is in the category, which tells no rate.</summary>
    private static IEnumerable<SumDifference> Bases(Invoice i)
    {
        if (!IsItemised(i) || i.Lines.Any(l => l.Tax?.Category is null)
            || i.Adjustments.Any(a => a.TaxCategory is null && a.Amount != 0m)) yield break;
        foreach (var category in i.Taxes.Where(t => t.Category is not null).GroupBy(t => t.Category!))
        {
            if (category.Any(t => t.Base is null)) continue;
            var lines = i.Lines.Where(l => l.Tax!.Category == category.Key).ToArray();
            var adjustments = i.Adjustments.Where(a => a.TaxCategory == category.Key && a.Amount != 0m).ToArray();
            var byRate = adjustments.Length == 0 && Array.TrueForAll(lines, l => l.Tax!.Rate is not null);
            foreach (var part in byRate ? category.GroupBy(t => t.Rate) : category.GroupBy(_ => (decimal?)null))
            {
                var sum = lines.Where(l => !byRate || l.Tax!.Rate == part.Key).Sum(l => l.Net)
                    + adjustments.Sum(a => a.Charge ? a.Amount : -a.Amount);
                var name = Named(category.Key, part.Key);
                if (Differs(DocumentSum.TaxBase, part.Sum(t => t.Base), sum, name) is { } differs) yield return differs;
            }
        }
    }

    private static IEnumerable<SumDifference> Categories(Invoice i)
    {
        if (i.Currency is not { } currency) yield break;
        foreach (var tax in i.Taxes.ToArray())
            if (tax is { Amount: { } amount, Rate: >= -RateMax and <= RateMax and var rate, Base: { } of }
                && !IsTaxRounded(i, tax, currency))
                yield return new(DocumentSum.CategoryTax, Named(tax.Category, rate), amount, of * rate / 100m);
    }

    /// <summary>Whether a category's tax is what its base and rate come to, rounded to the minor unit and to the
    /// nearest: once; or else line by line, charge by charge, all in one mode, which must give the tax to the cent.
    /// </summary>
    /// <param name="tax">With amount, base and rate.</param>
    public static bool IsTaxRounded(Invoice i, Tax tax, Currency currency)
    {
        var (stated, rate) = (tax.Amount!.Value, tax.Rate!.Value);
        if (IsRounded(stated, tax.Base!.Value * rate / 100m, currency, 1)) return true;
        var lines = i.Lines.Where(l => l.Tax?.Category == tax.Category && (l.Tax?.Rate ?? rate) == rate).ToArray();
        if (lines.Length == 0 || Array.Exists(lines, l => l.Net is null)) return false;
        decimal[] parts =
        [
            .. lines.Select(l => l.Net!.Value),
            .. i.Adjustments.Where(a => a.TaxCategory == tax.Category).Select(a => a.Charge ? a.Amount : -a.Amount),
        ];
        return parts.Sum() == tax.Base.Value
            && Array.Exists(Nearest, mode => parts.Sum(p => Rounded(p * rate / 100m, currency, mode)) == stated);
    }

    private static readonly RoundingMode[] Nearest =
        [RoundingMode.HalfAwayFromZero, RoundingMode.HalfEven, RoundingMode.HalfTowardsZero];

    private static decimal Rounded(decimal exact, Currency currency, RoundingMode mode) =>
        Rounding.Round(exact, currency.MinorDigits, mode);

    /// <summary>A line's tax is rounded by itself.</summary>
    private static IEnumerable<SumDifference> LineTaxes(Invoice i) =>
        from line in i.Currency is null ? Items<InvoiceLine>.None : i.Lines
        let tax = line.Tax
        where tax is { Amount: not null, Rate: >= -RateMax and <= RateMax } && (tax.Base ?? line.Net) is not null
        let exact = (tax.Base ?? line.Net)!.Value * tax.Rate!.Value / 100m
        where !IsRounded(tax.Amount!.Value, exact, i.Currency!.Value, 1)
        select new SumDifference(DocumentSum.LineTax, line.Line, tax.Amount!.Value, exact);

    /// <summary>Where the lines are all there is and each states its tax: their sum, or what each rate comes to rounded
    /// once, in one mode to the nearest.</summary>
    private static SumDifference? OfLineTaxes(Invoice i, InvoiceTotals stated)
    {
        if (stated is not { Tax: { } tax, Net: { } net } || i.Currency is not { } currency || !IsItemised(i)
            || i.Lines.Any(l => l.Tax?.Amount is null) || i.Lines.Sum(l => l.Net) != net) return null;
        var sum = i.Lines.Sum(l => l.Tax!.Amount!.Value);
        var rates = i.Lines.GroupBy(l => l.Tax!.Rate).ToArray();
        var isRoundedOnce = Array.TrueForAll(rates, r => r.Key is >= -RateMax and <= RateMax)
            && Array.Exists(Nearest, mode => rates.Sum(
                r => Rounded(r.Sum(l => l.Net!.Value) * r.Key!.Value / 100m, currency, mode)) == tax);
        return isRoundedOnce ? null : Differs(DocumentSum.LineTaxes, tax, sum);
    }

    private static string Named(string? category, decimal? rate) =>
        rate is null ? category ?? "" : $"{category} {DecimalText.Write(rate.Value)} %".TrimStart();

    /// <summary>Whether so many roundings to the minor unit, in whichever mode to the nearest, lead from one to the
    /// other.</summary>
    private static bool IsRounded(decimal stated, decimal exact, Currency currency, int roundings) =>
        Math.Abs(stated - exact) <= MinorUnit(currency) / 2m * Math.Max(1, roundings);

    private static decimal MinorUnit(Currency currency)
    {
        var unit = 1m;
        for (var digit = 0; digit < currency.MinorDigits; digit++) unit /= 10m;
        return unit;
    }

    private static bool IsReckonable(Invoice i)
    {
        decimal?[] figures =
        [
            i.Totals?.Net, i.Totals?.Tax, i.Totals?.Gross, i.Totals?.Prepaid, i.Totals?.Rounding, i.Totals?.Payable,
            i.Totals?.Lines, i.Totals?.Allowances, i.Totals?.Charges,
            .. i.Lines.SelectMany(l => new[] { l.Net, l.Quantity?.Value, l.Price?.Amount }),
            .. i.Lines.SelectMany(l => l.Adjustments ?? []).Concat(i.Adjustments).Select(a => (decimal?)a.Amount),
            .. i.Taxes.Concat(i.Lines.Select(l => l.Tax).OfType<Tax>())
                .SelectMany(t => new[] { t.Amount, t.Base, t.Rate }),
        ];
        return Array.TrueForAll(figures, f => f is null or (>= -Limit and <= Limit));
    }
}
