using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to a piece of work that is planned, staffed and delivered.</summary>
public abstract record ProjectEvent : Event;

public sealed record ProjectCreated(
    string? Name = null,
    Ref? Client = null,
    Ref? Contract = null,
    Currency? Currency = null,
    LocalDate? Start = null,
    LocalDate? End = null,
    BillingModel? Model = null,
    decimal? Budget = null,
    bool? Approval = null,
    Ref? Parent = null) : ProjectEvent;

public sealed record ProjectActivated(LocalDate? On = null) : ProjectEvent;

public sealed record ProjectBudgetSet(decimal Budget, Currency? Currency = null) : ProjectEvent;

public sealed record ProjectTaskAdded(
    string Task, string? Name = null, bool? Billable = null, bool? FixedFee = null, decimal? Budget = null)
    : ProjectEvent;

public sealed record ProjectTaskChanged(
    string Task, string? Name = null, bool? Billable = null, bool? FixedFee = null, decimal? Budget = null)
    : ProjectEvent;

public sealed record ProjectTaskClosed(string Task, LocalDate? On = null) : ProjectEvent;

public sealed record ProjectResourceAssigned(
    Ref Resource, string? Role = null, LocalDate? From = null, LocalDate? To = null) : ProjectEvent;

public sealed record ProjectResourceReleased(Ref Resource, LocalDate? On = null) : ProjectEvent;

public sealed record ProjectPutOnHold(string? Reason = null) : ProjectEvent;

public sealed record ProjectResumed(string? Reason = null) : ProjectEvent;

public sealed record ProjectClosed(LocalDate? On = null, string? Reason = null) : ProjectEvent;

/// <summary>The project as its system showed it.</summary>
public sealed record ProjectStated(
    Said<string> Name = default,
    Said<Ref> Client = default,
    Said<Ref> Contract = default,
    Said<Currency?> Currency = default,
    Said<LocalDate?> Start = default,
    Said<LocalDate?> End = default,
    Said<BillingModel?> Model = default,
    Said<decimal?> Budget = default,
    Said<bool?> Approval = default,
    Said<Ref> Parent = default,
    Said<ProjectStatus?> Status = default,
    Said<Items<ProjectTask>> Tasks = default) : Snapshot
{
    internal Project Over(Project before) => before with
    {
        Name = Name.Or(before.Name),
        Client = Client.Or(before.Client),
        Contract = Contract.Or(before.Contract),
        Currency = Currency.Or(before.Currency),
        Start = Start.Or(before.Start),
        End = End.Or(before.End),
        Model = Model.Or(before.Model),
        Budget = Budget.Or(before.Budget),
        Approval = Approval.Or(before.Approval),
        Parent = Parent.Or(before.Parent),
        Status = Status.Or(before.Status) ?? ProjectStatus.Created,
        Tasks = !Tasks.IsSaid
            ? before.Tasks
            : IsComplete("tasks")
                ? Tasks.Value ?? Items<ProjectTask>.None
                : (Tasks.Value ?? Items<ProjectTask>.None)
                    .Aggregate(before.Tasks, (all, task) => all.Put(task, t => t.Task)),
    };
}

/// <summary>How work is turned into invoices.</summary>
public enum BillingModel
{
    TimeAndMaterials,
    FixedFee,
    Milestone,
    Retainer,
    Subscription,
    Usage,
}

public enum ProjectStatus
{
    Created,
    Active,
    OnHold,
    Closed,
}

/// <param name="FixedFee">Billed at its budget, whatever time is spent on it.</param>
/// <param name="Budget">In the project's currency.</param>
public sealed record ProjectTask(
    string Task, string? Name = null, bool? Billable = null, bool? FixedFee = null, decimal? Budget = null,
    LocalDate? ClosedOn = null);

/// <param name="Position">Of the event that made it.</param>
public sealed record Assignment(
    Ref Resource, string? Role = null, LocalDate? From = null, LocalDate? To = null, long? Position = null);

/// <summary>A piece of work, as one source tells it.</summary>
public sealed record Project : RecordState
{
    public string? Name { get; init; }

    public Ref? Client { get; init; }

    public Ref? Contract { get; init; }

    public Currency? Currency { get; init; }

    public LocalDate? Start { get; init; }

    public LocalDate? End { get; init; }

    public BillingModel? Model { get; init; }

    public decimal? Budget { get; init; }

    /// <summary>Whether its work must be approved before it is billed; null = the source did not say.</summary>
    public bool? Approval { get; init; }

    public Ref? Parent { get; init; }

    public ProjectStatus Status { get; init; }

    public Items<ProjectTask> Tasks { get; init; } = Items<ProjectTask>.None;

    public Items<Assignment> Assignments { get; init; } = Items<Assignment>.None;

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Project? Evolve(Project? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, ProjectCreated c) => (state ?? new()) with
        {
            Name = c.Name, Client = c.Client, Contract = c.Contract, Currency = c.Currency, Start = c.Start,
            End = c.End, Model = c.Model, Budget = c.Budget, Approval = c.Approval, Parent = c.Parent,
        },
        (_, ProjectStated s) => s.Over(state ?? new()),
        (null, _) => null,
        (_, ProjectActivated) => state with { Status = ProjectStatus.Active },
        (_, ProjectBudgetSet b) => state with { Budget = b.Budget, Currency = b.Currency ?? state.Currency },
        (_, ProjectTaskAdded t) => state with
        {
            Tasks = state.Tasks.Put(new(t.Task, t.Name, t.Billable, t.FixedFee, t.Budget), x => x.Task),
        },
        (_, ProjectTaskChanged t) => Changed(state, t.Task, task => task with
        {
            Name = t.Name ?? task.Name, Billable = t.Billable ?? task.Billable, FixedFee = t.FixedFee ?? task.FixedFee,
            Budget = t.Budget ?? task.Budget,
        }),
        (_, ProjectTaskClosed t) => Changed(state, t.Task, task => task with { ClosedOn = t.On ?? facts.EffectiveOn }),
        (_, ProjectResourceAssigned a) => state with
        {
            Assignments = state.Assignments.Put(
                new(a.Resource, a.Role, a.From, a.To, facts.Position), x => x.Resource),
        },
        (_, ProjectResourceReleased r) => state.Assignments.Any(a => a.Resource == r.Resource)
            ? state with
            {
                Assignments = state.Assignments
                    .Select(a => a.Resource == r.Resource ? a with { To = r.On ?? facts.EffectiveOn } : a).ToItems(),
            }
            : null,
        (_, ProjectPutOnHold) => state with { Status = ProjectStatus.OnHold },
        (_, ProjectResumed) => state with { Status = ProjectStatus.Active },
        (_, ProjectClosed) => state with { Status = ProjectStatus.Closed },
        _ => throw Kind.Unfoldable(e),
    };

    // A change of a task nobody added yet waits for the one that adds it.
    private static Project? Changed(Project state, string task, Func<ProjectTask, ProjectTask> change) =>
        state.Tasks.Any(t => t.Task == task)
            ? state with { Tasks = state.Tasks.Select(t => t.Task == task ? change(t) : t).ToItems() }
            : null;
}
