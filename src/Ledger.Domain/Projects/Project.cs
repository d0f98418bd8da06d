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
    Said<Items<ProjectTask>> Tasks = default,
    Said<Items<Assignment>> Assignments = default,
    Said<string> Reason = default) : Snapshot
{
    internal Project Over(Project before, long position) => before with
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
        Tasks = Over(Tasks, before.Tasks, "tasks", task => task.Task),
        Assignments = Over(Assignments, before.Assignments, "assignments", one => (one.Resource, one.From))
            .Select(a => before.Assignments.FirstOrDefault(b => b with { Position = a.Position } == a)
                ?? a with { Position = position }).ToItems(),
        Reason = Reason.Or(before.Reason),
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

    /// <summary>Why it was put on hold, resumed or closed, the last time; null = nobody said.</summary>
    public string? Reason { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Project? Evolve(Project? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, ProjectCreated c) => (state ?? new()) with
        {
            Name = c.Name, Client = c.Client, Contract = c.Contract, Currency = c.Currency, Start = c.Start,
            End = c.End, Model = c.Model, Budget = c.Budget, Approval = c.Approval, Parent = c.Parent,
        },
        (_, ProjectStated s) => s.Over(state ?? new(), facts.Position),
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
        (_, ProjectResourceAssigned a) => state with { Assignments = Assigned(state.Assignments, a, facts) },
        (_, ProjectResourceReleased r) => state.Assignments.Any(a => a.Resource == r.Resource)
            ? state with { Assignments = Released(state.Assignments, r.Resource, r.On ?? facts.EffectiveOn) }
            : null,
        (_, ProjectPutOnHold h) => state with { Status = ProjectStatus.OnHold, Reason = h.Reason },
        (_, ProjectResumed r) => state with { Status = ProjectStatus.Active, Reason = r.Reason },
        (_, ProjectClosed c) => state with { Status = ProjectStatus.Closed, Reason = c.Reason },
        _ => throw Kind.Unfoldable(e),
    };

    /// <summary>One assignment at a time: each holds until the day before the next of the same resource begins. What is
    /// said to begin on a day takes the place of what was said to begin on it before.</summary>
    private static Items<Assignment> Assigned(
        Items<Assignment> before, ProjectResourceAssigned said, EventFacts facts)
    {
        var own = before.Where(a => a.Resource == said.Resource).ToArray();
        var from = said.From ?? (own.Length == 0 ? null : facts.EffectiveOn);
        var next = own.Where(a => from is null ? a.From is not null : a.From > from).Min(a => a.From)?.PlusDays(-1);
        var to = said.To is null || next < said.To ? next ?? said.To : said.To;
        var one = new Assignment(said.Resource, said.Role, from, to, facts.Position);
        var all = before.Where(a => a.Resource != said.Resource || a.From != from).Select(a =>
            a.Resource == said.Resource && from is { } day && (a.From is null || a.From < day)
            && (a.To is null || a.To >= day)
                ? a with { To = day.PlusDays(-1) }
                : a);
        return all.Append(one).ToItems();
    }

    // What begins only later is not ended by it; where all does, it never was.
    private static Items<Assignment> Released(Items<Assignment> before, Ref resource, LocalDate on)
    {
        var begun = before.Where(a => a.Resource == resource && (a.From is null || a.From <= on)).ToArray();
        var ended = begun.Length == 0
            ? before.Where(a => a.Resource == resource).ToArray()
            : [begun.MaxBy(a => a.From ?? LocalDate.MinIsoValue)!];
        return before.Select(a => ended.Contains(a) ? a with { To = on } : a).ToItems();
    }

    // A change of a task nobody added yet waits for the one that adds it.
    private static Project? Changed(Project state, string task, Func<ProjectTask, ProjectTask> change) =>
        state.Tasks.Any(t => t.Task == task)
            ? state with { Tasks = state.Tasks.Select(t => t.Task == task ? change(t) : t).ToItems() }
            : null;
}
