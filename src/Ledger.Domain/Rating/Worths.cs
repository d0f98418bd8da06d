using NodaTime;

namespace Ledger.Domain;

/// <summary>What is left to bill of a piece of work, or of money spent.</summary>
/// <param name="Quantity">Null for money spent.</param>
/// <param name="Price">Of work; null = none is known.</param>
/// <param name="Value">Exact; null where there is no price, or none that fits the unit, or one part of what was written
/// down or billed is in another currency.</param>
public sealed record LeftToBill(Quantity? Quantity, Rate? Price, ExactMoney? Value);

/// <summary>A fee, or what is left of it, that no document bills.</summary>
/// <param name="Id">The entity, with <c>#part</c> for a part of the contract or a project.</param>
/// <param name="Quantity">Of metered use; else null.</param>
/// <param name="Price">Of one unit, where all of it has one price.</param>
/// <param name="Value">Exact; null where nothing is agreed for it.</param>
public sealed record FeeLeft(string Id, LocalDate? On, Quantity? Quantity, Rate? Price, ExactMoney? Value);

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

    /// <summary>What a milestone is worth: its amount, else its share of its line's; null where nobody tells.</summary>
    public static decimal? Of(Contract contract, ReachedMilestone milestone, Currency? currency) =>
        FeeBilling.WorthOf(contract, milestone, currency);

    /// <summary>What may be billed of an entry in all: what is billable, else approved, else recorded, less what was
    /// written down; null where nothing says.</summary>
    public static Quantity? ToBill(TimeEntry entry) => TimeBilling.BillableOf(entry);

    /// <summary>What the client pays of an expense in all; null where nobody tells.</summary>
    public static Money? Of(Engagement engagement, SpentMoney spent) => ExpenseBilling.WorthOf(engagement, spent);

    /// <summary>The price of work: its card's, else its own, else a subcontractor's cost as agreed; null where there is
    /// none.</summary>
    public static Rate? PriceOf(Engagement engagement, WorkedTime work) =>
        TimeBilling.PriceOf(engagement, work, out _);

    /// <summary>The price of work by its own word: its card's, else its own; null where there is none.</summary>
    public static Rate? PriceOf(ResolvedRate? card, TimeEntry entry) => TimeBilling.PriceOf(card, entry);

    /// <summary>What waits to be billed of a piece of work: approved, to be billed, and on no document; null = nothing.
    /// </summary>
    /// <param name="standing">What documents bill of it and did not give back, drafts left out.</param>
    public static LeftToBill? Left(Engagement engagement, WorkedTime work, IEnumerable<BilledPart> standing) =>
        TimeBilling.Left(engagement, work, standing);

    /// <summary>The same of money spent.</summary>
    public static LeftToBill? Left(Engagement engagement, SpentMoney spent, IEnumerable<BilledPart> standing) =>
        ExpenseBilling.Left(engagement, spent, standing);

    /// <summary>Fees that fell due and that no document bills, whether or not they may be billed now: released,
    /// accepted, closed, counted, or of a period that is due.</summary>
    /// <param name="through">Up to this day.</param>
    public static IEnumerable<FeeLeft> FeesLeft(Engagement engagement, LocalDate through)
    {
        var sorted = new Sorted();
        var standing = engagement.Billed.Where(b => !b.IsDraft).ToItems();
        new FeeBilling(engagement with { Billed = standing }, through, sorted).Sort();
        foreach (var fee in sorted.Candidates) yield return new(fee.Id, fee.On, fee.Quantity, fee.Price, fee.Value);
        foreach (var left in sorted.LeftOut)
            if (left.Reason is LeftOutReason.Hold or LeftOutReason.MissingDocument or LeftOutReason.OutsideContract
                or LeftOutReason.NoRate)
                yield return new(
                    left.Id, left.On, left.Quantity, null, left.Amount is { } amount ? ExactMoney.Of(amount) : null);
    }

    /// <summary>Why work is never billed for its hours: not billable, written off, paid by a fee, borne by the firm;
    /// null = it is to be billed once it is approved.</summary>
    public static LeftOutReason? NeverBilled(Engagement engagement, WorkedTime work) =>
        TimeBilling.Never(engagement, work)?.Reason;

    /// <summary>The same of money spent.</summary>
    public static LeftOutReason? NeverBilled(Engagement engagement, SpentMoney spent) =>
        ExpenseBilling.Never(engagement, spent)?.Reason;

    /// <summary>Whether work is approved, or nobody has to approve it.</summary>
    public static bool IsApproved(Engagement engagement, WorkedTime work) =>
        TimeBilling.OfApproval(engagement, work) is null;

    /// <summary>The same of money spent.</summary>
    public static bool IsApproved(Engagement engagement, SpentMoney spent) =>
        ExpenseBilling.OfApproval(engagement, spent) is null;
}
