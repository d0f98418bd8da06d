using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Proof;

/// <summary>What moves a balance.</summary>
public enum Movement
{
    /// <summary>Work became billable: worked and approved.</summary>
    Accrued,

    /// <summary>Work was billed otherwise than the price it was carried at.</summary>
    ReRated,

    /// <summary>Work is worth less, before it is billed.</summary>
    WrittenDown,

    /// <summary>Given up for good: work that is never billed, or what a client never pays.</summary>
    WrittenOff,

    /// <summary>A document asks for work.</summary>
    Billed,

    /// <summary>Work waits again: its document was cancelled, replaced or credited.</summary>
    Released,

    /// <summary>A document asks for money.</summary>
    Invoiced,

    /// <summary>It asks for it no more: cancelled, voided or replaced.</summary>
    Cancelled,

    /// <summary>A credit note gives back.</summary>
    Credited,

    /// <summary>Money was applied; positive where that was taken back.</summary>
    Paid,

    /// <summary>What a client kept for paying early, or as agreed; positive where that was taken back.</summary>
    Discounted,

    /// <summary>A credit note's money was paid out.</summary>
    Refunded,

    /// <summary>What exchange rates made of money applied.</summary>
    Exchanged,

    /// <summary>Revenue was recognised.</summary>
    Recognised,

    /// <summary>Revenue that was recognised was taken back.</summary>
    TakenBack,
}

/// <summary>What is kept apart: never is one netted with another.</summary>
/// <param name="Contract">Its entity, or of work under none its project's; null = not known.</param>
/// <param name="LegalEntity">As <see cref="Firm.EntityOf"/> tells it; null = not known.</param>
/// <param name="Currency">Null = no price or amount tells.</param>
public sealed record ProofAccount(string? Contract, string? LegalEntity, Currency? Currency);

/// <summary>Time and money together.</summary>
/// <param name="Minutes">Of work; 0 where it has none.</param>
/// <param name="Amount">In the account's currency, before tax for work, with tax for what clients owe.</param>
public readonly record struct Worth(decimal Minutes, decimal Amount)
{
    public bool IsNothing => Minutes == 0m && Amount == 0m;

    public static Worth operator +(Worth a, Worth b) => new(a.Minutes + b.Minutes, a.Amount + b.Amount);

    public static Worth operator -(Worth a, Worth b) => new(a.Minutes - b.Minutes, a.Amount - b.Amount);

    public static Worth operator -(Worth a) => new(-a.Minutes, -a.Amount);
}

/// <summary>All of one movement within the days asked for; signed, as it adds to the balance.</summary>
public sealed record MovementSum(Movement Movement, Worth Sum);

/// <summary>Where a balance does not come to what moved it.</summary>
/// <param name="Item">The piece of work or the document, by its entity; else the line or application.</param>
/// <param name="Difference">What there is less what moved it comes to.</param>
/// <param name="Streams">Of all that has a part in it.</param>
/// <param name="Events">Positions of the events that state it.</param>
public sealed record ProofBreak(
    string Item, string Sentence, Worth Difference, Items<string> Streams, Items<long> Events);

/// <summary>One balance over the days asked for: what there was, what moved it, what there is. What there is is read
/// from the records as they stand; what moved it is summed from the movements. That the two agree proves how much work
/// waits and what is open of each document; what work is worth is the same price on both sides, and proven by neither.
/// A write-off that does not say how much is resolved once, on its day, for both.</summary>
/// <param name="Movements">Those there were, in the order of their names in <see cref="Movement"/>.</param>
/// <param name="Breaks">One for each piece of work or document that does not foot. They sum to
/// <see cref="Difference"/>.</param>
public sealed record RollForward(
    Worth Opening, Items<MovementSum> Movements, Worth Closing, Items<ProofBreak> Breaks)
{
    /// <summary>What there is less what opening and movements come to.</summary>
    public Worth Difference => Movements.Aggregate(Closing - Opening, (left, m) => left - m.Sum);

    public bool Foots => Breaks.Count == 0 && Difference.IsNothing;

    public static RollForward operator +(RollForward a, RollForward b) => new(
        a.Opening + b.Opening,
        a.Movements.Concat(b.Movements).GroupBy(m => m.Movement).OrderBy(g => g.Key)
            .Select(g => new MovementSum(g.Key, g.Aggregate(default(Worth), (sum, m) => sum + m.Sum))).ToItems(),
        a.Closing + b.Closing, [.. a.Breaks, .. b.Breaks]);
}

/// <summary>Revenue billed less revenue recognised, before tax, of a contract of which revenue is told; money asked for
/// ahead by prepayments is left out.</summary>
/// <param name="Roll">Above nothing more is billed than recognised.</param>
/// <param name="DeferredBefore">What of the opening is deferred.</param>
/// <param name="Deferred">What of the closing is deferred: billed ahead of what was earned.</param>
/// <param name="AssetBefore">What of the opening is a contract asset.</param>
/// <param name="Asset">What of the closing is a contract asset: earned ahead of the bill, and no receivable.</param>
public sealed record RevenueProof(
    RollForward Roll, decimal DeferredBefore, decimal Deferred, decimal AssetBefore, decimal Asset)
{
    /// <summary>Of one account: it has the one or the other.</summary>
    internal static RevenueProof Of(RollForward roll) => new(
        roll, Math.Max(roll.Opening.Amount, 0m), Math.Max(roll.Closing.Amount, 0m), Math.Max(-roll.Opening.Amount, 0m),
        Math.Max(-roll.Closing.Amount, 0m));

    public static RevenueProof operator +(RevenueProof a, RevenueProof b) => new(
        a.Roll + b.Roll, a.DeferredBefore + b.DeferredBefore, a.Deferred + b.Deferred, a.AssetBefore + b.AssetBefore,
        a.Asset + b.Asset);
}

/// <summary>Where every approved minute is at the last day asked for.</summary>
/// <param name="NotBillable">By the word of who recorded it, or borne by the firm; negative where more is billable than
/// was approved.</param>
/// <param name="PaidByFee">A fee agreed beforehand pays for it.</param>
/// <param name="Waiting">Work in progress.</param>
/// <param name="Unmeasured">Pieces of work stated in neither minutes nor hours: not among the minutes.</param>
public sealed record HoursKept(
    decimal Approved, decimal NotBillable, decimal PaidByFee, decimal WrittenDown, decimal WrittenOff, decimal Billed,
    decimal Waiting, int Unmeasured)
{
    /// <summary>One for each piece of work that is nowhere or twice, whenever that came about.</summary>
    public Items<ProofBreak> Breaks { get; init; } = Items<ProofBreak>.None;

    /// <summary>Minutes that are nowhere, or negative those that are somewhere twice.</summary>
    public decimal Astray => Approved - NotBillable - PaidByFee - WrittenDown - WrittenOff - Billed - Waiting;

    public static HoursKept operator +(HoursKept a, HoursKept b) => new(
        a.Approved + b.Approved, a.NotBillable + b.NotBillable, a.PaidByFee + b.PaidByFee,
        a.WrittenDown + b.WrittenDown, a.WrittenOff + b.WrittenOff, a.Billed + b.Billed, a.Waiting + b.Waiting,
        a.Unmeasured + b.Unmeasured)
    {
        Breaks = [.. a.Breaks, .. b.Breaks],
    };
}

/// <summary>What documents that stand ask for before tax, and whence it comes.</summary>
/// <param name="Stated">As printed; a credit note's is negative.</param>
/// <param name="Remainder">What nothing explains.</param>
/// <param name="Breaks">One for each document with a remainder. They sum to it.</param>
public sealed record BilledMoney(
    int Documents, decimal Stated, decimal Work, decimal Expenses, decimal Fees, decimal Adjustments, decimal Remainder,
    Items<ProofBreak> Breaks)
{
    public static BilledMoney operator +(BilledMoney a, BilledMoney b) => new(
        a.Documents + b.Documents, a.Stated + b.Stated, a.Work + b.Work, a.Expenses + b.Expenses, a.Fees + b.Fees,
        a.Adjustments + b.Adjustments, a.Remainder + b.Remainder, [.. a.Breaks, .. b.Breaks]);
}

/// <summary>Everything proven of one account.</summary>
/// <param name="Name">What a person calls the contract.</param>
/// <param name="LegalEntityName">What a person calls the legal entity.</param>
public sealed record AccountProof(
    ProofAccount Account, string Name, string? LegalEntityName, RollForward Work, RollForward Receivables,
    RevenueProof Revenue, HoursKept Hours, BilledMoney Billed)
{
    public bool Foots =>
        Work.Foots && Receivables.Foots && Revenue.Roll.Foots && Hours.Astray == 0m && !Breaks.Any();

    /// <summary>Each once.</summary>
    public IEnumerable<ProofBreak> Breaks =>
        Work.Breaks.Concat(Hours.Breaks.ExceptBy(Work.Breaks.Select(b => b.Item), b => b.Item))
            .Concat(Receivables.Breaks).Concat(Revenue.Roll.Breaks).Concat(Billed.Breaks);

    /// <summary>Several accounts of one legal entity and currency together.</summary>
    internal static AccountProof Sum(IEnumerable<AccountProof> accounts) => accounts.Aggregate((a, b) => new(
        a.Account with { Contract = null }, "", a.LegalEntityName, a.Work + b.Work, a.Receivables + b.Receivables,
        a.Revenue + b.Revenue, a.Hours + b.Hours, a.Billed + b.Billed));
}

/// <summary>What is asked to be proven.</summary>
/// <param name="From">The first day whose movements count; null = from the beginning, when there was nothing.</param>
/// <param name="To">The last one; null = whatever day.</param>
/// <param name="LegalEntity">Any of its streams, its number or its name; null = all of them.</param>
public sealed record ProofAsked(LocalDate? From = null, LocalDate? To = null, string? LegalEntity = null);

/// <summary>Whether work in progress, receivables and revenue foot, and where hours and money went. Same events, same
/// report.</summary>
/// <param name="Accounts">By contract, legal entity and currency.</param>
public sealed record ProofReport(long Position, ProofAsked Asked, Items<AccountProof> Accounts)
{
    /// <summary>The times it was asked at; what was known then is told by its position.</summary>
    public Times Times { get; init; } = Times.Now;

    public bool Foots => Accounts.All(a => a.Foots);

    /// <summary>The accounts of each legal entity and currency together.</summary>
    public IReadOnlyList<AccountProof> Totals =>
    [
        .. Accounts.GroupBy(a => (a.Account.LegalEntity, a.Account.Currency)).Select(AccountProof.Sum),
    ];

    /// <summary>Positions of all events it names, each once, in order.</summary>
    public IEnumerable<long> Positions =>
        Accounts.SelectMany(a => a.Breaks).SelectMany(b => b.Events).Distinct().Order();
}
