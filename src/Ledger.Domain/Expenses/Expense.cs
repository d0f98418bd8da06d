using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to money spent on a client's behalf.</summary>
public abstract record ExpenseEvent : Event;

/// <summary>A cost was recorded.</summary>
/// <param name="Amount">In <paramref name="Currency"/>; positive is a cost.</param>
/// <param name="BillableAmount">What the client pays, where it is not the amount itself.</param>
public sealed record ExpenseRecorded(
    LocalDate IncurredOn,
    string Category,
    decimal Amount,
    Currency Currency,
    bool Billable,
    Ref? Resource = null,
    Ref? Supplier = null,
    Ref? Project = null,
    string? Task = null,
    ForeignAmount? Original = null,
    Items<Tax>? Taxes = null,
    decimal? BillableAmount = null,
    bool? Reimbursable = null,
    string? Note = null,
    StatedFlags? Stated = null) : ExpenseEvent;

/// <summary>A subcontractor's cost, passed through or absorbed by the contract's terms.</summary>
public sealed record SubcontractorCostRecorded(
    Ref Supplier,
    LocalDate IncurredOn,
    decimal Amount,
    Currency Currency,
    bool Billable,
    Ref? Project = null,
    string? Task = null,
    decimal? BillableAmount = null,
    decimal? MarkupPercent = null,
    string? Note = null) : ExpenseEvent;

public sealed record ExpenseCorrected(
    LocalDate? IncurredOn = null,
    string? Category = null,
    decimal? Amount = null,
    Currency? Currency = null,
    bool? Billable = null,
    Ref? Project = null,
    string? Task = null,
    decimal? BillableAmount = null,
    string? Note = null,
    string? Reason = null) : ExpenseEvent;

public sealed record ExpenseSubmitted(string? Submission = null) : ExpenseEvent;

public sealed record ExpenseApproved(string Approver, string? Submission = null) : ExpenseEvent;

public sealed record ExpenseRejected(string Approver, string? Reason = null) : ExpenseEvent;

/// <summary>The person who paid got the money back.</summary>
public sealed record ExpenseReimbursed(LocalDate On, decimal Amount, Currency Currency) : ExpenseEvent;

public sealed record ExpenseWrittenOff(string? Reason = null, string? Approver = null) : ExpenseEvent;

/// <summary>The expense as its system showed it.</summary>
public sealed record ExpenseStated(
    Said<LocalDate?> IncurredOn = default,
    Said<string> Category = default,
    Said<decimal?> Amount = default,
    Said<Currency?> Currency = default,
    Said<bool?> Billable = default,
    Said<Ref> Resource = default,
    Said<Ref> Supplier = default,
    Said<Ref> Project = default,
    Said<string> Task = default,
    Said<ForeignAmount> Original = default,
    Said<decimal?> BillableAmount = default,
    Said<bool?> Reimbursable = default,
    Said<string> Note = default,
    Said<Approval> Approval = default,
    Said<StatedFlags> Stated = default,
    Said<Items<Tax>> Taxes = default,
    Said<decimal?> Reimbursed = default,
    Said<bool?> WrittenOff = default,
    Said<LocalDate?> WrittenOffOn = default,
    Said<string> WriteOffReason = default,
    Said<string> WriteOffApprover = default,
    Said<LocalDate?> ReimbursedOn = default) : Snapshot
{
    internal Expense Over(Expense before, LocalDate on) => WrittenOffSince(before, before with
    {
        IncurredOn = IncurredOn.Or(before.IncurredOn),
        Category = Category.Or(before.Category),
        Amount = Amount.Or(before.Amount),
        Currency = Currency.Or(before.Currency),
        Billable = Billable.Or(before.Billable),
        Resource = Resource.Or(before.Resource),
        Supplier = Supplier.Or(before.Supplier),
        Project = Project.Or(before.Project),
        Task = Task.Or(before.Task),
        Original = Original.Or(before.Original),
        BillableAmount = BillableAmount.Or(before.BillableAmount),
        Reimbursable = Reimbursable.Or(before.Reimbursable),
        Note = Note.Or(before.Note),
        Approval = Approval.Or(before.Approval),
        Stated = Stated.Or(before.Stated),
        Taxes = Taxes.Or(before.Taxes),
        Reimbursed = Reimbursed.Or(before.Reimbursed) ?? 0m,
        WrittenOff = WrittenOff.Or(before.WrittenOff) ?? false,
        WrittenOffOn = WrittenOffOn.Or(before.WrittenOffOn),
        WriteOffReason = WriteOffReason.Or(before.WriteOffReason),
        WriteOffApprover = WriteOffApprover.Or(before.WriteOffApprover),
        ReimbursedOn = ReimbursedOn.Or(before.ReimbursedOn),
    }, on);

    // Who does not say since when, says it since now; what is written off no more never was.
    private static Expense WrittenOffSince(Expense before, Expense after, LocalDate on) => after.WrittenOff
        ? after with { WrittenOffOn = after.WrittenOffOn ?? (before.WrittenOff ? null : on) }
        : after with { WrittenOffOn = null, WriteOffReason = null, WriteOffApprover = null };
}

/// <summary>Money spent on a client's behalf, as one source tells it.</summary>
public sealed record Expense : RecordState
{
    public LocalDate? IncurredOn { get; init; }

    public string? Category { get; init; }

    /// <summary>The cost; positive.</summary>
    public decimal? Amount { get; init; }

    public Currency? Currency { get; init; }

    public bool? Billable { get; init; }

    public Ref? Resource { get; init; }

    public Ref? Supplier { get; init; }

    public Ref? Project { get; init; }

    public string? Task { get; init; }

    public ForeignAmount? Original { get; init; }

    public Items<Tax>? Taxes { get; init; }

    public decimal? BillableAmount { get; init; }

    public bool? Reimbursable { get; init; }

    public string? Note { get; init; }

    public Approval? Approval { get; init; }

    public StatedFlags? Stated { get; init; }

    public decimal Reimbursed { get; init; }

    /// <summary>When the person last got any of it back.</summary>
    public LocalDate? ReimbursedOn { get; init; }

    public bool WrittenOff { get; init; }

    public LocalDate? WrittenOffOn { get; init; }

    public string? WriteOffReason { get; init; }

    public string? WriteOffApprover { get; init; }

    /// <summary>What a client would be billed for it.</summary>
    public Money? Billing => (BillableAmount ?? Amount) is { } amount && Currency is { } currency
        ? new Money(amount, currency)
        : null;

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Expense? Evolve(Expense? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, ExpenseRecorded r) => (state ?? new()) with
        {
            IncurredOn = r.IncurredOn, Category = r.Category, Amount = r.Amount, Currency = r.Currency,
            Billable = r.Billable, Resource = r.Resource, Supplier = r.Supplier, Project = r.Project, Task = r.Task,
            Original = r.Original, Taxes = r.Taxes, BillableAmount = r.BillableAmount, Reimbursable = r.Reimbursable,
            Note = r.Note, Stated = r.Stated,
        },
        (_, SubcontractorCostRecorded r) => (state ?? new()) with
        {
            Supplier = r.Supplier, IncurredOn = r.IncurredOn, Category = "subcontractor", Amount = r.Amount,
            Currency = r.Currency, Billable = r.Billable, Project = r.Project, Task = r.Task, Note = r.Note,
            BillableAmount = r.BillableAmount
                ?? (r.MarkupPercent is { } percent ? r.Amount * (100m + percent) / 100m : null),
        },
        (_, ExpenseStated s) => s.Over(state ?? new(), facts.EffectiveOn),
        (null, _) => null,
        (_, ExpenseCorrected c) => state with
        {
            IncurredOn = c.IncurredOn ?? state.IncurredOn, Category = c.Category ?? state.Category,
            Amount = c.Amount ?? state.Amount, Currency = c.Currency ?? state.Currency,
            Billable = c.Billable ?? state.Billable, Project = c.Project ?? state.Project, Task = c.Task ?? state.Task,
            BillableAmount = c.BillableAmount ?? state.BillableAmount, Note = c.Note ?? state.Note,
        },
        (_, ExpenseSubmitted) => state with { Approval = new(ApprovalStatus.Submitted) },
        (_, ExpenseApproved a) => state with { Approval = new(ApprovalStatus.Approved, a.Approver, facts.Time) },
        (_, ExpenseRejected r) => state with
        {
            Approval = new(ApprovalStatus.Rejected, r.Approver, facts.Time, Reason: r.Reason),
        },
        (_, ExpenseReimbursed r) => state with
        {
            Reimbursed = state.Reimbursed + r.Amount,
            ReimbursedOn = state.ReimbursedOn is { } before && before > r.On ? before : r.On,
        },
        (_, ExpenseWrittenOff w) => state with
        {
            WrittenOff = true, WrittenOffOn = facts.EffectiveOn, WriteOffReason = w.Reason,
            WriteOffApprover = w.Approver,
        },
        _ => throw Kind.Unfoldable(e),
    };
}
