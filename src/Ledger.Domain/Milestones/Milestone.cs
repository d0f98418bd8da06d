using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to something agreed to be reached, and paid for once the client accepts it.</summary>
public abstract record MilestoneEvent : Event;

/// <param name="Amount">What it is worth once accepted, before tax, in <paramref name="Currency"/>.</param>
/// <param name="Percent">Its share of the contract line, where the price is told so.</param>
public sealed record MilestonePlanned(
    Ref Project,
    string? Name = null,
    LocalDate? DueOn = null,
    decimal? Amount = null,
    Currency? Currency = null,
    Ref? Contract = null,
    string? ContractLine = null,
    decimal? Percent = null) : MilestoneEvent;

public sealed record MilestoneRescheduled(LocalDate DueOn, string? Reason = null) : MilestoneEvent;

/// <summary>It is worth something else from now on; such a change is one of the contract.</summary>
/// <param name="Amendment">The contract's amendment that says so.</param>
public sealed record MilestoneAmountChanged(
    decimal Amount, Currency? Currency = null, string? Amendment = null, string? Reason = null) : MilestoneEvent;

/// <summary>The work is done, by the firm's own word; the client has not said yes by that.</summary>
public sealed record MilestoneCompleted(LocalDate? On = null, string? By = null) : MilestoneEvent;

/// <summary>The client said yes. From now on it may be billed.</summary>
/// <param name="Evidence">The documents that show it; at least one.</param>
public sealed record MilestoneAccepted(
    Ref Project,
    LocalDate AcceptedOn,
    string AcceptedBy,
    Items<Attachment> Evidence,
    string? ContractLine = null,
    decimal? Percent = null,
    decimal? Amount = null,
    Currency? Currency = null) : MilestoneEvent, IJsonOnDeserialized
{
    /// <summary>Nobody has to take an acceptance on trust.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Evidence.Count == 0) throw new JsonException("an acceptance has at least one document as evidence");
    }
}

/// <summary>The client said no, or took its yes back.</summary>
public sealed record MilestoneAcceptanceRejected(LocalDate? On = null, string? By = null, string? Reason = null)
    : MilestoneEvent;

public sealed record MilestoneCancelled(LocalDate? On = null, string? Reason = null) : MilestoneEvent;

/// <summary>The milestone as its system showed it.</summary>
public sealed record MilestoneStated(
    Said<string> Name = default,
    Said<Ref> Project = default,
    Said<Ref> Contract = default,
    Said<string> ContractLine = default,
    Said<LocalDate?> DueOn = default,
    Said<decimal?> Amount = default,
    Said<Currency?> Currency = default,
    Said<decimal?> Percent = default,
    Said<MilestoneStatus?> Status = default,
    Said<LocalDate?> CompletedOn = default,
    Said<LocalDate?> AcceptedOn = default,
    Said<string> AcceptedBy = default,
    Said<Items<Attachment>> Evidence = default,
    Said<string> Reason = default,
    Said<Items<MilestoneAmount>> AmountChanges = default) : Snapshot
{
    internal Milestone Over(Milestone before) => before with
    {
        Name = Name.Or(before.Name),
        Project = Project.Or(before.Project),
        Contract = Contract.Or(before.Contract),
        ContractLine = ContractLine.Or(before.ContractLine),
        DueOn = DueOn.Or(before.DueOn),
        Amount = Amount.Or(before.Amount),
        Currency = Currency.Or(before.Currency),
        Percent = Percent.Or(before.Percent),
        Status = Status.Or(before.Status) ?? MilestoneStatus.Planned,
        CompletedOn = CompletedOn.Or(before.CompletedOn),
        AcceptedOn = AcceptedOn.Or(before.AcceptedOn),
        AcceptedBy = AcceptedBy.Or(before.AcceptedBy),
        Evidence = Over(Evidence, before.Evidence, "evidence", document => document.Id),
        Reason = Reason.Or(before.Reason),
        AmountChanges = OverInOrder(
            AmountChanges, before.AmountChanges, "amountChanges", change => (change.On, change.Amount)),
    };
}

/// <summary>How far it has come. Completed is not accepted, and only what is accepted may be billed.</summary>
public enum MilestoneStatus
{
    Planned,
    Completed,
    AcceptanceRejected,
    Accepted,
    Cancelled,
}

/// <summary>What a milestone came to be worth.</summary>
/// <param name="On">The day the change counts from.</param>
public sealed record MilestoneAmount(
    LocalDate On, decimal Amount, Currency? Currency = null, string? Amendment = null, string? Reason = null);

/// <summary>Something agreed to be reached, as one source tells it.</summary>
public sealed record Milestone : RecordState
{
    public string? Name { get; init; }

    public Ref? Project { get; init; }

    public Ref? Contract { get; init; }

    public string? ContractLine { get; init; }

    public LocalDate? DueOn { get; init; }

    /// <summary>What it is worth once accepted, before tax.</summary>
    public decimal? Amount { get; init; }

    public Currency? Currency { get; init; }

    /// <summary>Its share of the contract line, in percent.</summary>
    public decimal? Percent { get; init; }

    public MilestoneStatus Status { get; init; }

    public LocalDate? CompletedOn { get; init; }

    public LocalDate? AcceptedOn { get; init; }

    public string? AcceptedBy { get; init; }

    public Items<Attachment> Evidence { get; init; } = Items<Attachment>.None;

    /// <summary>Why acceptance was refused, or it was cancelled.</summary>
    public string? Reason { get; init; }

    public Items<MilestoneAmount> AmountChanges { get; init; } = Items<MilestoneAmount>.None;

    /// <summary>What a client would be billed for it; null where it is told as a share.</summary>
    public Money? Billing => Amount is { } amount && Currency is { } currency ? new Money(amount, currency) : null;

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Milestone? Evolve(Milestone? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, MilestonePlanned p) => (state ?? new()) with
        {
            Name = p.Name, Project = p.Project, Contract = p.Contract, ContractLine = p.ContractLine, DueOn = p.DueOn,
            Amount = p.Amount, Currency = p.Currency, Percent = p.Percent,
        },
        (_, MilestoneStated s) => s.Over(state ?? new()),
        // A source may state an acceptance without ever stating the plan.
        (_, MilestoneAccepted a) => Accepted(state ?? new(), a),
        (null, _) => null,
        (_, MilestoneRescheduled r) => state with { DueOn = r.DueOn },
        (_, MilestoneAmountChanged c) => state with
        {
            Amount = c.Amount, Currency = c.Currency ?? state.Currency,
            AmountChanges = state.AmountChanges.Plus(
                new(facts.EffectiveOn, c.Amount, c.Currency ?? state.Currency, c.Amendment, c.Reason)),
        },
        (_, MilestoneCompleted c) => state with
        {
            // What the client accepted is no less for being reported complete afterwards.
            Status = state.Status is MilestoneStatus.Accepted ? state.Status : MilestoneStatus.Completed,
            CompletedOn = c.On ?? facts.EffectiveOn,
        },
        (_, MilestoneAcceptanceRejected r) => state with
        {
            Status = MilestoneStatus.AcceptanceRejected, AcceptedOn = null, AcceptedBy = null,
            Evidence = Items<Attachment>.None, Reason = r.Reason,
        },
        (_, MilestoneCancelled c) => state with { Status = MilestoneStatus.Cancelled, Reason = c.Reason },
        _ => throw Kind.Unfoldable(e),
    };

    private static Milestone Accepted(Milestone state, MilestoneAccepted a) => state with
    {
        Project = a.Project, ContractLine = a.ContractLine ?? state.ContractLine, Percent = a.Percent ?? state.Percent,
        Amount = a.Amount ?? state.Amount, Currency = a.Currency ?? state.Currency, AcceptedOn = a.AcceptedOn,
        AcceptedBy = a.AcceptedBy, Evidence = a.Evidence, Status = MilestoneStatus.Accepted, Reason = null,
    };
}
