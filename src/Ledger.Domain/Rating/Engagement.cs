using NodaTime;

namespace Ledger.Domain;

/// <summary>A contract with everything that may be billed under it and everything that was: what a proposal is made of.
/// Every reference names its source.</summary>
/// <param name="Id">The contract's entity.</param>
/// <param name="Position">The last position that counts.</param>
/// <param name="Cards">Every card that may price its work, in any order.</param>
/// <param name="Billed">What documents that stand, and drafts, bill of it.</param>
/// <param name="Retainers">What was asked for ahead.</param>
/// <param name="Asserted">Positions of the events that state the contract's terms, by field.</param>
/// <param name="Documents">What documents that stand ask for under it, money asked for ahead left out.</param>
/// <param name="Elsewhere">What the client's other contracts committed: billed, and unbilled but approved; counts for
/// ceilings of the customer. Null = none, or nobody asked.</param>
public sealed record Engagement(
    string Id,
    Ref Ref,
    Contract Contract,
    long Position,
    Items<EngagedProject> Projects,
    Items<WorkedTime> Time,
    Items<SpentMoney> Expenses,
    Items<ReachedMilestone> Milestones,
    Items<OfferedCard> Cards,
    Items<BilledPart> Billed,
    Items<Retainer> Retainers,
    Items<AskedMoney> Documents,
    IReadOnlyDictionary<string, long>? Asserted = null,
    Money? Elsewhere = null)
{
    /// <summary>The contract's, else the one its projects share; null where nothing tells.</summary>
    public Currency? Currency => Contract.Currency
        ?? (Projects.Select(p => p.Project.Currency).OfType<Currency>().Distinct().Take(2).ToArray() is [var one]
            ? one
            : null);

    /// <summary>Position of the event that states a term; 0 where that is not known.</summary>
    public long PositionOf(string field) => Asserted?.GetValueOrDefault(field) ?? 0L;

    public BillingTerms Terms => Contract.Billing ?? NothingAgreed;

    /// <summary>How the contract is billed where a line of it does not say.</summary>
    public BillingModel Model => Contract.Model ?? BillingModel.TimeAndMaterials;

    public EngagedProject? ProjectOf(string? id) => id is null ? null : Projects.FirstOrDefault(p => p.Id == id);

    /// <summary>The line of the contract that a project is under; null where none names it.</summary>
    public ContractLine? LineOf(EngagedProject? project) => project is null
        ? null
        : Contract.Lines.FirstOrDefault(l => l.Project is not null && project.Names.Contains(l.Project));

    /// <summary>How a project's work is billed: its contract line's word, else its own, else the contract's.</summary>
    public BillingModel ModelOf(EngagedProject? project) =>
        LineOf(project)?.Model ?? project?.Project.Model ?? Model;

    private static readonly BillingTerms NothingAgreed = new();
}

/// <summary>A project under the contract.</summary>
/// <param name="Id">Its entity.</param>
/// <param name="Names">What contract lines may call it: ids, number.</param>
public sealed record EngagedProject(string Id, Ref Ref, Project Project, Items<string> Names);

/// <summary>A piece of work under the contract.</summary>
/// <param name="Id">Its entity.</param>
/// <param name="Asked">What its price depends on; null where it has no date.</param>
/// <param name="Project">The project's entity; null where none is known.</param>
/// <param name="Person">Who did it, as one name whatever system says it.</param>
/// <param name="Changed">Position of the event that last changed how much it is.</param>
/// <param name="IsSubcontractor">Whether who did it is no employee.</param>
public sealed record WorkedTime(
    string Id, Ref Ref, TimeEntry Entry, PricedWork? Asked, string? Project, string? Person, long Changed,
    bool IsSubcontractor = false);

/// <summary>Money spent under the contract.</summary>
/// <param name="IsSubcontractor">Whether it is a subcontractor's cost.</param>
public sealed record SpentMoney(
    string Id, Ref Ref, Expense Expense, string? Project, long Changed, bool IsSubcontractor = false);

/// <summary>A milestone under the contract.</summary>
/// <param name="AcceptedOn">Null = the client has not accepted it; that it is completed is not enough.</param>
/// <param name="HasEvidence">Whether its acceptance carries a document.</param>
/// <param name="Percent">Of its contract line, where it has no amount of its own.</param>
public sealed record ReachedMilestone(
    string Id, Ref Ref, string? Name, string? ContractLine, Money? Amount, decimal? Percent, LocalDate? AcceptedOn,
    bool HasEvidence, bool IsCancelled, long Changed);

/// <summary>What one line of a document bills of one thing.</summary>
/// <param name="Target">The entity billed; of a part of the contract or a project, with <c>#part</c>.</param>
/// <param name="Document">What a person calls the document.</param>
/// <param name="IsDraft">Drafted, not issued.</param>
/// <param name="Hold">Why the draft is held; null = it is not.</param>
/// <param name="Quantity">How much of it is billed and not given back; null = all of it, or told by the amount.</param>
/// <param name="Amount">What is asked for it and not given back; null = all of it, or told by the quantity.</param>
/// <param name="Worth">What the line asks for it, as far as anybody can tell.</param>
public sealed record BilledPart(
    string Target, string Document, bool IsDraft, string? Hold, Quantity? Quantity, Money? Amount,
    Money? Worth = null);

/// <summary>What a document that stands asks for under a contract; negative where it gives back.</summary>
/// <param name="Net">Before tax, without money spent.</param>
/// <param name="Tax">On that.</param>
/// <param name="Expenses">For money spent, before tax.</param>
/// <param name="ExpensesTax">On that.</param>
public sealed record AskedMoney(
    Currency Currency, decimal Net, decimal Tax = 0m, decimal Expenses = 0m, decimal ExpensesTax = 0m);

/// <summary>Money asked for ahead of the work.</summary>
/// <param name="Ref">The document.</param>
/// <param name="Invoiced">What was asked for, tax and all.</param>
/// <param name="Paid">What came of it.</param>
/// <param name="Drawn">What later documents used up.</param>
public sealed record Retainer(Ref Ref, Money Invoiced, Money Paid, Money Drawn, LocalDate? IssuedOn = null)
{
    /// <summary>What there is to draw on in all: what was invoiced, or paid, as agreed.</summary>
    /// <param name="terms">Null = nothing is agreed: as soon as it is invoiced.</param>
    public Money There(RetainerTerms? terms) =>
        terms is { ClientMoney: true } or { Available: RetainerAvailability.Paid } ? Paid : Invoiced;

    /// <summary>What may be drawn yet; never below nothing.</summary>
    public Money Available(RetainerTerms terms)
    {
        var there = There(terms);
        return there with { Amount = Math.Max(0m, (there - Drawn).Amount) };
    }
}
