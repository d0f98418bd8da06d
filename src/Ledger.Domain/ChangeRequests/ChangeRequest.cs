using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to a wish to change what was agreed.</summary>
public abstract record ChangeRequestEvent : Event;

/// <param name="Amount">What it adds to the price, before tax; negative takes away.</param>
/// <param name="Quantity">How much work it adds; negative takes away.</param>
/// <param name="ScheduleDays">By how many days the end moves; negative is earlier.</param>
public sealed record ChangeRequestRaised(
    Ref Project,
    string? Title = null,
    Ref? Contract = null,
    LocalDate? RaisedOn = null,
    string? RaisedBy = null,
    string? Description = null,
    decimal? Amount = null,
    Currency? Currency = null,
    Quantity? Quantity = null,
    int? ScheduleDays = null) : ChangeRequestEvent;

/// <summary>It was agreed to.</summary>
/// <param name="Amount">What was agreed, where it is not what was asked; so too the quantity and the days.</param>
public sealed record ChangeRequestApproved(
    string Approver, decimal? Amount = null, Currency? Currency = null, Quantity? Quantity = null,
    int? ScheduleDays = null) : ChangeRequestEvent;

public sealed record ChangeRequestRejected(string? By = null, string? Reason = null) : ChangeRequestEvent;

/// <summary>It took effect: in the plan, and in the contract where an amendment is named.</summary>
public sealed record ChangeRequestImplemented(LocalDate? On = null, string? Amendment = null) : ChangeRequestEvent;

/// <summary>The change request as its system showed it.</summary>
public sealed record ChangeRequestStated(
    Said<string> Title = default,
    Said<Ref> Project = default,
    Said<Ref> Contract = default,
    Said<LocalDate?> RaisedOn = default,
    Said<string> RaisedBy = default,
    Said<string> Description = default,
    Said<decimal?> Amount = default,
    Said<Currency?> Currency = default,
    Said<Quantity> Quantity = default,
    Said<int?> ScheduleDays = default,
    Said<ChangeRequestStatus?> Status = default,
    Said<Approval> Approval = default,
    Said<LocalDate?> ImplementedOn = default,
    Said<string> Amendment = default) : Snapshot
{
    internal ChangeRequest Over(ChangeRequest before) => before with
    {
        Title = Title.Or(before.Title),
        Project = Project.Or(before.Project),
        Contract = Contract.Or(before.Contract),
        RaisedOn = RaisedOn.Or(before.RaisedOn),
        RaisedBy = RaisedBy.Or(before.RaisedBy),
        Description = Description.Or(before.Description),
        Amount = Amount.Or(before.Amount),
        Currency = Currency.Or(before.Currency),
        Quantity = Quantity.Or(before.Quantity),
        ScheduleDays = ScheduleDays.Or(before.ScheduleDays),
        Status = Status.Or(before.Status) ?? ChangeRequestStatus.Raised,
        Approval = Approval.Or(before.Approval),
        ImplementedOn = ImplementedOn.Or(before.ImplementedOn),
        Amendment = Amendment.Or(before.Amendment),
    };
}

public enum ChangeRequestStatus
{
    Raised,
    Approved,
    Rejected,
    Implemented,
}

/// <summary>A wish to change what was agreed, as one source tells it.</summary>
public sealed record ChangeRequest : RecordState
{
    public string? Title { get; init; }

    public Ref? Project { get; init; }

    public Ref? Contract { get; init; }

    public LocalDate? RaisedOn { get; init; }

    public string? RaisedBy { get; init; }

    public string? Description { get; init; }

    /// <summary>What it adds to the price, before tax; negative takes away.</summary>
    public decimal? Amount { get; init; }

    public Currency? Currency { get; init; }

    public Quantity? Quantity { get; init; }

    public int? ScheduleDays { get; init; }

    public ChangeRequestStatus Status { get; init; }

    /// <summary>Who decided; null = nobody yet, or nobody says.</summary>
    public Approval? Approval { get; init; }

    public LocalDate? ImplementedOn { get; init; }

    /// <summary>The amendment of the contract it became.</summary>
    public string? Amendment { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static ChangeRequest? Evolve(ChangeRequest? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, ChangeRequestRaised r) => (state ?? new()) with
        {
            Title = r.Title, Project = r.Project, Contract = r.Contract, RaisedOn = r.RaisedOn ?? facts.EffectiveOn,
            RaisedBy = r.RaisedBy, Description = r.Description, Amount = r.Amount, Currency = r.Currency,
            Quantity = r.Quantity, ScheduleDays = r.ScheduleDays,
        },
        (_, ChangeRequestStated s) => s.Over(state ?? new()),
        (null, _) => null,
        (_, ChangeRequestApproved a) => state with
        {
            // What has taken effect stays in effect, however late somebody signs for it.
            Status = state.Status is ChangeRequestStatus.Implemented ? state.Status : ChangeRequestStatus.Approved,
            Approval = new(ApprovalStatus.Approved, a.Approver, facts.Time, a.Quantity),
            Amount = a.Amount ?? state.Amount, Currency = a.Currency ?? state.Currency,
            Quantity = a.Quantity ?? state.Quantity, ScheduleDays = a.ScheduleDays ?? state.ScheduleDays,
        },
        (_, ChangeRequestRejected r) => state with
        {
            Status = ChangeRequestStatus.Rejected,
            Approval = new(ApprovalStatus.Rejected, r.By, facts.Time, Reason: r.Reason),
        },
        (_, ChangeRequestImplemented i) => state with
        {
            Status = ChangeRequestStatus.Implemented, ImplementedOn = i.On ?? facts.EffectiveOn,
            Amendment = i.Amendment ?? state.Amendment,
        },
        _ => throw Kind.Unfoldable(e),
    };
}
