using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>How a document came out of the comparison.</summary>
public enum Verdict
{
    /// <summary>Two systems or more were compared, and nothing differs.</summary>
    Agrees,

    /// <summary>Nothing differs, but one system says it all: it agrees with itself, which proves nothing.</summary>
    AgreesSameSystem,

    /// <summary>At least one difference.</summary>
    Differs,

    /// <summary>Cancelled, voided, discarded or a draft: asks for no money now.</summary>
    NotLive,
}

/// <summary>One document, to the cent: stated = work + expenses + fees + adjustments + remainder.</summary>
/// <param name="Stated">Its total before tax as printed.</param>
/// <param name="Work">Time billed, rounded by <paramref name="InForce"/>.</param>
/// <param name="Fees">Asked by reference to a fixed fee, a schedule or another document.</param>
/// <param name="Remainder">What nothing explains.</param>
/// <param name="InForce">The engagement's rounding.</param>
/// <param name="InForceByContract">Whether a contract states it; else it is what reproduces most of the engagement.
/// </param>
/// <param name="Reproducing">Every rule that leads to the stated total, or leaves the same remainder.</param>
/// <param name="Chain">Numbers of the cancellation and rebill chain it is part of, itself among them.</param>
public sealed record InvoiceCheck(
    string? Number, string Stream, DocumentType DocumentType, InvoiceStatus Status, LocalDate? IssuedOn,
    Currency? Currency, Money? Stated, Money? Work, Money? Expenses, Money? Fees, Money? Adjustments, Money? Remainder,
    Rounding? InForce, bool InForceByContract, Items<Rounding> Reproducing, int Lines, int TimeEntries,
    int ExpenseCount, int Undelivered, Items<string> Chain, Verdict Verdict, int Differences, int Notices);

/// <summary>Money per class and currency; opposite differences are never netted.</summary>
/// <param name="Over">Sum of what is asked too much; positive.</param>
/// <param name="Under">Sum of what is asked too little; positive.</param>
public sealed record ClassTotal(
    DriftClass Class, FindingWeight Weight, Currency? Currency, int Findings, decimal Over, decimal Under);

/// <summary>How an engagement is rounded, and whether one rule explains all of it.</summary>
/// <param name="Engagement">The contract, project or client its documents share.</param>
/// <param name="Rules">Every rule that reproduces as many documents as any; the likeliest first.</param>
/// <param name="Explained">Documents that any rule reproduces; the others carry money of another origin.</param>
public sealed record EngagementTotal(
    string Engagement, Currency Currency, bool ByContract, Rounding InForce, Items<Rounding> Rules, int Documents,
    int Reproduced, int Explained);

/// <summary>The first thing a reader wants to know.</summary>
/// <param name="Documents">Compared: live ones whose total is known.</param>
public sealed record Headline(
    int Documents, int Agreeing, int AgreeingSameSystem, int Differing, int NotLive, int Differences, int Notices,
    Items<ClassTotal> Classes, Items<EngagementTotal> Engagements);

/// <summary>Everything in which what the systems say does not fit together, as of a position. Same events, same
/// report, byte for byte.</summary>
/// <param name="Findings">Differences before notices, the most money first.</param>
/// <param name="Invoices">In the order of their numbers.</param>
public sealed record DriftReport(
    long Position, Headline Headline, Items<Finding> Findings, Items<InvoiceCheck> Invoices,
    Items<ControlTotal> Controls)
{
    /// <summary>The times it was asked at; what was known then is told by its position.</summary>
    public Times Times { get; init; } = Times.Now;

    /// <summary>Positions of all events it names, each once, in order.</summary>
    public IEnumerable<long> Positions => Findings
        .SelectMany(f => f.Events.Concat(f.Values.Select(v => v.Position).OfType<long>()).Concat(f.Parting.Positions))
        .Distinct().Order();
}
