using NodaTime;

namespace Ledger.Domain;

/// <summary>What money spent and fees under a contract are worth, whether they are billed or not.</summary>
public static class Worths
{
    /// <returns>By entity, or entity and part; those that nobody tells of are missing.</returns>
    /// <param name="through">Periods and usage up to this day.</param>
    public static IReadOnlyDictionary<string, Money> Of(Engagement engagement, LocalDate through)
    {
        var worths = new Dictionary<string, Money>();
        foreach (var spent in engagement.Expenses)
            if (ExpenseBilling.WorthOf(engagement, spent) is { } worth) worths[spent.Id] = worth;
        var sorted = new Sorted();
        new FeeBilling(engagement with { Billed = Items<BilledPart>.None }, through, sorted).Sort();
        var mode = engagement.Contract.Rounding ?? InvoiceProposal.RoundingAssumed;
        foreach (var fee in sorted.Candidates) worths[fee.Id] = fee.Value.Round(mode.Mode, mode.Digits);
        foreach (var left in sorted.LeftOut)
            if (left.Amount is { } amount) worths.TryAdd(left.Id, amount);
        return worths;
    }

    /// <summary>What each item of a contract's schedule is worth: its amount, else its share of its line's; shares that
    /// make the whole sum to it.</summary>
    /// <returns>One for each, in their order; null = nobody tells.</returns>
    public static IReadOnlyList<decimal?> OfSchedule(Contract contract, Currency currency) =>
        FeeBilling.WorthOf(contract, currency);

    /// <summary>What may be billed of an entry in all: what is billable, else approved, else recorded, less what was
    /// written down; null where nothing says.</summary>
    public static Quantity? ToBill(TimeEntry entry) => TimeBilling.BillableOf(entry);
}
