using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>Keeps numbers out that no money and no time has. A source may state a number of 28 digits; it is kept as
/// said, but to reckon with it would take the report away from everybody else.</summary>
internal static class Reckonable
{
    private const decimal MoneyMax = 1_000_000_000_000_000m;
    private const decimal MeasureMax = 1_000_000_000m;
    private const int DigitsMax = 10;

    /// <summary>The world without the records that cannot be reckoned with, and a finding for each of those.</summary>
    public static (World World, Items<Finding> Findings) Of(World world)
    {
        var absurd = world.Records.Values.Where(r => r.IsLive && !IsSound(r.Fold.State!))
            .OrderBy(r => r.Stream, StringComparer.Ordinal).ToArray();
        if (absurd.Length == 0) return (world, Items<Finding>.None);
        var streams = absurd.Select(r => r.Stream).ToHashSet();
        return (world.Without(streams), absurd.Select(Finding).ToItems());
    }

    private static Finding Finding(SourceRecord record) => new Evidence().Names(record).Finds(
        DriftClass.Amount,
        $"{Say.Capital(record.Kind.Name.Replace('_', ' '))} {Books.LabelOf(record)} of {record.Source} states a number "
        + "that no money and no time has; it is kept as said and left out of the comparison.") with
        {
            Invoice = record.Kind == Kind.Invoice ? record.Fold.State!.Number : null,
        };

    internal static bool IsSound(RecordState state) => state switch
    {
        Invoice i => IsSound(i),
        TimeEntry t => Measures(t.Quantity, t.BillableQuantity, t.Approval?.Quantity) && Prices(t.BillRate, t.CostRate)
            && t.WriteDowns.All(w => Amounts(w.Amount) && Measures(w.Quantity)),
        Expense e => Amounts(e.Amount, e.BillableAmount),
        Posting p => Amounts(p.Totals?.Net, p.Totals?.Tax, p.Totals?.Gross) && Converts(p.Functional)
            && p.Covers.All(c => Amounts(c.Amount) && Measures(c.Quantity)),
        Payment p => Amounts(p.Amount, p.Refunded) && p.CreditsPaidOut.All(c => Amounts(c.Amount))
            && p.Applications.All(a => Amounts(a.Amount, a.TargetAmount, a.Discount) && Converts(a.Fx)),
        BankStatement s => Amounts(s.Opening, s.Closing) && s.Entries.All(e => Amounts(e.Amount)),
        Contract c => c.Lines.All(l => Amounts(l.Amount))
            && c.Schedule.All(s => Amounts(s.Amount) && Percents(s.Percent))
            && c.Ceilings.All(x => Amounts(x.Amount) && Measures(x.Qty))
            && c.Rounding?.Digits is null or (>= 0 and <= DigitsMax) && c.Rates.All(r => Prices(r.Price))
            && c.Usage.All(u => Measures(u.Quantity)) && (c.Billing is null || IsSound(c.Billing)),
        RateCard c => c.Rates.All(r => Prices(r.Price)),
        Project p => Amounts(p.Budget) && p.Tasks.All(t => Amounts(t.Budget)),
        Resource r => Prices(r.CostRate),
        Opportunity o => Amounts(o.Amount, o.Probability),
        ClientProposal p => p.Versions.All(IsSound),
        ChangeRequest c => Amounts(c.Amount) && Measures(c.Quantity, c.Approval?.Quantity),
        Milestone m => Amounts(m.Amount, m.Percent) && m.AmountChanges.All(c => Amounts(c.Amount)),
        Revenue r => Amounts(r.Amount, r.Recognized) && r.Schedule.All(i => Amounts(i.Amount))
            && r.Recognitions.All(x => Amounts(x.Amount, x.Left)),
        ExchangeRate x => Percents(x.Rate),
        Coverage c => Amounts(c.Amount) && Measures(c.Quantity),
        Extract x => x.Read.All(page => page.Sums.All(s => Amounts(s.Amount))),
        _ => true,
    };

    private static bool IsSound(BillingTerms t) =>
        Percents(t.Expenses?.MarkupPercent, t.Subcontractors?.MarkupPercent, t.Tax?.Rate)
        && Amounts(t.Expenses?.ReceiptAbove)
        && (t.Expenses?.Categories ?? []).All(c => Percents(c.MarkupPercent) && Amounts(c.AmountMax))
        && (t.Subscriptions ?? []).All(s => Amounts(s.Amount))
        && (t.Usage ?? []).All(u => u.Tiers.All(tier => Prices(tier.Price) && Percents(tier.UpTo)));

    private static bool IsSound(Invoice i) =>
        Amounts(i.Totals?.Net, i.Totals?.Tax, i.Totals?.Gross, i.Totals?.Prepaid, i.Totals?.Rounding)
        && Amounts(i.Totals?.Payable, i.Totals?.Open, i.Settlement?.Amount)
        && Amounts(i.WrittenOff) && i.WriteOffs.All(w => Amounts(w.Amount))
        && i.Adjustments.All(a => Amounts(a.Amount)) && i.Preceding.All(p => Amounts(p.Amount))
        && i.Lines.All(IsSound) && Converts(i.Fx);

    private static bool IsSound(ProposalVersion version) =>
        Amounts(version.Totals?.Net, version.Totals?.Tax, version.Totals?.Gross)
        && (version.Adjustments ?? Items<Adjustment>.None).All(a => Amounts(a.Amount))
        && (version.Lines ?? Items<ProposalLine>.None)
            .All(l => Amounts(l.Net) && Measures(l.Quantity) && Prices(l.Price));

    private static bool IsSound(InvoiceLine line) =>
        Amounts(line.Net) && Measures(line.Quantity) && Prices(line.Price)
        && (line.Adjustments ?? Items<Adjustment>.None).All(a => Amounts(a.Amount))
        && (line.Bills ?? Items<Billed>.None).All(b => Amounts(b.Amount) && Measures(b.Quantity));

    private static bool Amounts(params ReadOnlySpan<decimal?> amounts)
    {
        foreach (var amount in amounts)
            if (amount is < -MoneyMax or > MoneyMax) return false;
        return true;
    }

    private static bool Converts(ForeignAmount? foreign) => Amounts(foreign?.Amount) && Percents(foreign?.Rate);

    private static bool Measures(params ReadOnlySpan<Quantity?> quantities)
    {
        foreach (var quantity in quantities)
            if (quantity?.Value is < -MeasureMax or > MeasureMax) return false;
        return true;
    }

    private static bool Percents(params ReadOnlySpan<decimal?> percents)
    {
        foreach (var percent in percents)
            if (percent is < -MeasureMax or > MeasureMax) return false;
        return true;
    }

    private static bool Prices(params ReadOnlySpan<Rate?> rates)
    {
        foreach (var rate in rates)
            if (rate?.Amount is < -MeasureMax or > MeasureMax) return false;
        return true;
    }
}
