using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to one person's work on one day.</summary>
public abstract record TimeEvent : Event;

/// <summary>Work was recorded.</summary>
/// <param name="WorkedOn">The service date, in the source's zone.</param>
/// <param name="Quantity">As stated; minutes stay minutes.</param>
/// <param name="BillRate">The rate the source would bill at; the resolved rate is the ledger's own work.</param>
public sealed record TimeEntryRecorded(
    Ref Resource,
    LocalDate WorkedOn,
    Quantity Quantity,
    Ref? Project = null,
    string? Task = null,
    string? Activity = null,
    bool? Billable = null,
    Quantity? BillableQuantity = null,
    Rate? BillRate = null,
    Rate? CostRate = null,
    string? Note = null,
    StatedFlags? Stated = null) : TimeEvent;

/// <summary>What was recorded was wrong; what is absent stays as it was.</summary>
public sealed record TimeEntryCorrected(
    Ref? Resource = null,
    LocalDate? WorkedOn = null,
    Quantity? Quantity = null,
    Ref? Project = null,
    string? Task = null,
    string? Activity = null,
    bool? Billable = null,
    Quantity? BillableQuantity = null,
    Rate? BillRate = null,
    Rate? CostRate = null,
    string? Note = null,
    string? Reason = null) : TimeEvent;

public sealed record TimeEntrySubmitted(string? Submission = null) : TimeEvent;

/// <param name="Quantity">How much of it was approved.</param>
public sealed record TimeEntryApproved(
    string Approver, Quantity Quantity, string? Approves = null, string? Submission = null) : TimeEvent;

public sealed record TimeEntryRejected(string Approver, string? Reason = null) : TimeEvent;

/// <summary>The work belongs elsewhere, or is billable otherwise than thought.</summary>
public sealed record TimeEntryReclassified(
    Ref? Project = null, string? Task = null, string? Activity = null, bool? Billable = null, string? Reason = null)
    : TimeEvent;

/// <summary>Worth less, before billing.</summary>
public sealed record TimeEntryWrittenDown(
    decimal? Amount = null, Currency? Currency = null, Quantity? Quantity = null, string? Reason = null,
    string? Approver = null) : TimeEvent;

/// <summary>Never to be billed.</summary>
public sealed record TimeEntryWrittenOff(string? Reason = null, string? Approver = null) : TimeEvent;

/// <summary>The entry as its system showed it.</summary>
public sealed record TimeStated(
    Said<Ref> Resource = default,
    Said<LocalDate?> WorkedOn = default,
    Said<Quantity> Quantity = default,
    Said<Ref> Project = default,
    Said<string> Task = default,
    Said<string> Activity = default,
    Said<bool?> Billable = default,
    Said<Quantity> BillableQuantity = default,
    Said<Rate> BillRate = default,
    Said<Rate> CostRate = default,
    Said<string> Note = default,
    Said<Approval> Approval = default,
    Said<StatedFlags> Stated = default,
    Said<Items<WriteDown>> WriteDowns = default) : Snapshot
{
    internal TimeEntry Over(TimeEntry before) => before with
    {
        Resource = Resource.Or(before.Resource),
        WorkedOn = WorkedOn.Or(before.WorkedOn),
        Quantity = Quantity.Or(before.Quantity),
        Project = Project.Or(before.Project),
        Task = Task.Or(before.Task),
        Activity = Activity.Or(before.Activity),
        Billable = Billable.Or(before.Billable),
        BillableQuantity = BillableQuantity.Or(before.BillableQuantity),
        BillRate = BillRate.Or(before.BillRate),
        CostRate = CostRate.Or(before.CostRate),
        Note = Note.Or(before.Note),
        Approval = Approval.Or(before.Approval),
        Stated = Stated.Or(before.Stated),
        WriteDowns = OverInOrder(
            WriteDowns, before.WriteDowns, "writeDowns",
            down => (down.Off, down.On, down.Amount, down.Amount is null ? down.Quantity : null)),
    };
}

/// <summary>One person's work on one day, as one source tells it.</summary>
public sealed record TimeEntry : RecordState
{
    public Ref? Resource { get; init; }

    public LocalDate? WorkedOn { get; init; }

    public Quantity? Quantity { get; init; }

    public Ref? Project { get; init; }

    public string? Task { get; init; }

    public string? Activity { get; init; }

    /// <summary>Null = the source did not say.</summary>
    public bool? Billable { get; init; }

    public Quantity? BillableQuantity { get; init; }

    public Rate? BillRate { get; init; }

    public Rate? CostRate { get; init; }

    public string? Note { get; init; }

    public Approval? Approval { get; init; }

    public StatedFlags? Stated { get; init; }

    public Items<WriteDown> WriteDowns { get; init; } = Items<WriteDown>.None;

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static TimeEntry? Evolve(TimeEntry? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, TimeEntryRecorded r) => (state ?? new()) with
        {
            Resource = r.Resource, WorkedOn = r.WorkedOn, Quantity = r.Quantity, Project = r.Project, Task = r.Task,
            Activity = r.Activity, Billable = r.Billable, BillableQuantity = r.BillableQuantity, BillRate = r.BillRate,
            CostRate = r.CostRate, Note = r.Note, Stated = r.Stated,
        },
        (_, TimeStated s) => s.Over(state ?? new()),
        (null, _) => null,
        (_, TimeEntryCorrected c) => state with
        {
            Resource = c.Resource ?? state.Resource, WorkedOn = c.WorkedOn ?? state.WorkedOn,
            Quantity = c.Quantity ?? state.Quantity, Project = c.Project ?? state.Project,
            Task = c.Task ?? state.Task, Activity = c.Activity ?? state.Activity,
            Billable = c.Billable ?? state.Billable, BillableQuantity = c.BillableQuantity ?? state.BillableQuantity,
            BillRate = c.BillRate ?? state.BillRate, CostRate = c.CostRate ?? state.CostRate,
            Note = c.Note ?? state.Note,
        },
        (_, TimeEntrySubmitted) => state with { Approval = new(ApprovalStatus.Submitted) },
        (_, TimeEntryApproved a) => state with
        {
            Approval = new(ApprovalStatus.Approved, a.Approver, facts.Time, a.Quantity),
        },
        (_, TimeEntryRejected r) => state with
        {
            Approval = new(ApprovalStatus.Rejected, r.Approver, facts.Time, Reason: r.Reason),
        },
        (_, TimeEntryReclassified r) => state with
        {
            Project = r.Project ?? state.Project, Task = r.Task ?? state.Task, Activity = r.Activity ?? state.Activity,
            Billable = r.Billable ?? state.Billable,
        },
        (_, TimeEntryWrittenDown w) => state with
        {
            WriteDowns = state.WriteDowns.Plus(
                new(false, w.Amount, w.Currency, w.Quantity, w.Reason, w.Approver, facts.EffectiveOn)),
        },
        (_, TimeEntryWrittenOff w) => state with
        {
            WriteDowns = state.WriteDowns.Plus(
                new(true, Reason: w.Reason, Approver: w.Approver, On: facts.EffectiveOn)),
        },
        _ => throw Kind.Unfoldable(e),
    };
}
