using NodaTime;

namespace Ledger.Domain;

/// <summary>How a contract turns work into money, beside its cards, ceilings and rounding. What is null is not agreed.
/// </summary>
/// <param name="Discounts">Taken off one after the other, each of what the ones before left.</param>
/// <param name="Subscriptions">Fees that fall due period by period.</param>
/// <param name="Usage">Prices of what meters count.</param>
/// <param name="RateChanges">What becomes of billed work when a price changes for days gone by.</param>
public sealed record BillingTerms(
    Items<Discount>? Discounts = null,
    ExpenseTerms? Expenses = null,
    SubcontractorTerms? Subcontractors = null,
    RetainerTerms? Retainer = null,
    Items<SubscriptionTerms>? Subscriptions = null,
    Items<UsageTerms>? Usage = null,
    TaxTerms? Tax = null,
    RateChangeTreatment? RateChanges = null);

/// <summary>So many percent off.</summary>
/// <param name="Percent">Above 0, 100 at most; any other takes nothing off.</param>
/// <param name="Kind">Of which lines: time, expense, fee, usage; null = of all.</param>
public sealed record Discount(decimal Percent, string? Reason = null, string? Kind = null);

/// <summary>What the client pays of money spent for him.</summary>
/// <param name="PassedThrough">False = the firm bears it; null = it is passed through.</param>
/// <param name="MarkupPercent">On top of the cost, where the expense does not say what the client pays.</param>
/// <param name="ReceiptAbove">Above this amount a receipt must be attached.</param>
/// <param name="Categories">What is agreed otherwise for some categories.</param>
public sealed record ExpenseTerms(
    bool? PassedThrough = null, decimal? MarkupPercent = null, decimal? ReceiptAbove = null,
    Items<ExpenseRule>? Categories = null);

/// <param name="AmountMax">The client pays no more of one expense of the category.</param>
public sealed record ExpenseRule(
    string Category, bool? PassedThrough = null, decimal? MarkupPercent = null, decimal? AmountMax = null);

/// <summary>What the client pays of a subcontractor's cost.</summary>
/// <param name="PassedThrough">False = absorbed by the firm's own fee.</param>
/// <param name="MarkupPercent">On top of the cost, where the cost itself does not say what the client pays.</param>
public sealed record SubcontractorTerms(bool PassedThrough, decimal? MarkupPercent = null);

/// <summary>When money asked for ahead may be drawn on.</summary>
/// <param name="ClientMoney">It stays the client's, kept apart, until an invoice draws on it: only what came of it is
/// there, whatever <paramref name="Available"/> says.</param>
public sealed record RetainerTerms(RetainerAvailability Available, bool? ClientMoney = null);

public enum RetainerAvailability
{
    /// <summary>As soon as it is invoiced.</summary>
    Invoiced,

    /// <summary>As far as it is paid.</summary>
    Paid,
}

/// <summary>A fee for each period.</summary>
/// <param name="Subscription">Its id within the contract.</param>
/// <param name="Amount">For a whole period, in the contract's currency.</param>
/// <param name="Months">How long a period is; below 1 counts as 1.</param>
/// <param name="InAdvance">Billed from the period's first day on; else from its last.</param>
/// <param name="From">The first day; null = the contract's.</param>
/// <param name="To">The last day; null = the contract's. A period cut short by it is billed by its days.</param>
public sealed record SubscriptionTerms(
    string Subscription, decimal Amount, int Months = 1, bool InAdvance = false, LocalDate? From = null,
    LocalDate? To = null, string? Description = null);

/// <summary>The prices of what one meter counts.</summary>
/// <param name="Tiers">From the lowest; each unit has the price of the tier it falls into, counted from the first unit
/// of its calendar month.</param>
public sealed record UsageTerms(string Meter, Items<UsageTier> Tiers, string? Description = null);

/// <param name="UpTo">Up to and with so many units; null = all that is left.</param>
public sealed record UsageTier(Rate Price, decimal? UpTo = null);

/// <summary>The tax on what is billed, where the contract tells.</summary>
/// <param name="Rate">In percent.</param>
public sealed record TaxTerms(string? Category = null, decimal? Rate = null, string? Code = null);

/// <summary>What becomes of billed work when a price changes for days gone by.</summary>
public enum RateChangeTreatment
{
    /// <summary>The line is credited and billed anew.</summary>
    CreditAndRebill,

    /// <summary>The difference is one line on the next invoice.</summary>
    CatchUp,
}

/// <summary>What a meter counted.</summary>
/// <param name="Usage">Its id within the contract; stated again, it takes the place of what was stated.</param>
public sealed record UsageRecord(
    string Usage, string Meter, Quantity Quantity, LocalDate UsedOn, long? Position = null);
