using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to something that might be sold.</summary>
public abstract record OpportunityEvent : Event;

/// <param name="Amount">What it would be worth, before tax.</param>
/// <param name="Stage">How far it has come, as the source calls it.</param>
/// <param name="Probability">How likely it is to be won, in percent.</param>
/// <param name="ExpectedOn">When a decision is expected.</param>
/// <param name="Owner">Who pursues it.</param>
public sealed record OpportunityOpened(
    string? Name = null,
    Ref? Client = null,
    decimal? Amount = null,
    Currency? Currency = null,
    string? Stage = null,
    decimal? Probability = null,
    LocalDate? OpenedOn = null,
    LocalDate? ExpectedOn = null,
    string? Owner = null) : OpportunityEvent;

/// <summary>It came further, or fell back; what is absent stays as it was.</summary>
public sealed record OpportunityStageChanged(
    string Stage, decimal? Probability = null, decimal? Amount = null, Currency? Currency = null,
    LocalDate? ExpectedOn = null) : OpportunityEvent;

/// <summary>It was won, with a proposal and as a contract where they are named.</summary>
public sealed record OpportunityWon(
    LocalDate? On = null, Ref? Proposal = null, Ref? Contract = null, decimal? Amount = null,
    Currency? Currency = null, string? Reason = null) : OpportunityEvent;

public sealed record OpportunityLost(LocalDate? On = null, string? Reason = null) : OpportunityEvent;

/// <summary>The opportunity as its system showed it.</summary>
public sealed record OpportunityStated(
    Said<string> Name = default,
    Said<Ref> Client = default,
    Said<decimal?> Amount = default,
    Said<Currency?> Currency = default,
    Said<string> Stage = default,
    Said<decimal?> Probability = default,
    Said<LocalDate?> OpenedOn = default,
    Said<LocalDate?> ExpectedOn = default,
    Said<LocalDate?> ClosedOn = default,
    Said<string> Owner = default,
    Said<OpportunityStatus?> Status = default,
    Said<Ref> Proposal = default,
    Said<Ref> Contract = default,
    Said<string> Reason = default) : Snapshot
{
    internal Opportunity Over(Opportunity before) => before with
    {
        Name = Name.Or(before.Name),
        Client = Client.Or(before.Client),
        Amount = Amount.Or(before.Amount),
        Currency = Currency.Or(before.Currency),
        Stage = Stage.Or(before.Stage),
        Probability = Probability.Or(before.Probability),
        OpenedOn = OpenedOn.Or(before.OpenedOn),
        ExpectedOn = ExpectedOn.Or(before.ExpectedOn),
        ClosedOn = ClosedOn.Or(before.ClosedOn),
        Owner = Owner.Or(before.Owner),
        Status = Status.Or(before.Status) ?? OpportunityStatus.Open,
        Proposal = Proposal.Or(before.Proposal),
        Contract = Contract.Or(before.Contract),
        Reason = Reason.Or(before.Reason),
    };
}

public enum OpportunityStatus
{
    Open,
    Won,
    Lost,
}

/// <summary>Something that might be sold, as one source tells it.</summary>
public sealed record Opportunity : RecordState
{
    public string? Name { get; init; }

    public Ref? Client { get; init; }

    /// <summary>What it would be worth, before tax.</summary>
    public decimal? Amount { get; init; }

    public Currency? Currency { get; init; }

    public string? Stage { get; init; }

    /// <summary>In percent.</summary>
    public decimal? Probability { get; init; }

    public LocalDate? OpenedOn { get; init; }

    public LocalDate? ExpectedOn { get; init; }

    public LocalDate? ClosedOn { get; init; }

    public string? Owner { get; init; }

    public OpportunityStatus Status { get; init; }

    /// <summary>The proposal it was won with.</summary>
    public Ref? Proposal { get; init; }

    /// <summary>The contract it was won as.</summary>
    public Ref? Contract { get; init; }

    /// <summary>Why it was won or lost.</summary>
    public string? Reason { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Opportunity? Evolve(Opportunity? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, OpportunityOpened o) => (state ?? new()) with
        {
            Name = o.Name, Client = o.Client, Amount = o.Amount, Currency = o.Currency, Stage = o.Stage,
            Probability = o.Probability, OpenedOn = o.OpenedOn ?? facts.EffectiveOn, ExpectedOn = o.ExpectedOn,
            Owner = o.Owner,
        },
        (_, OpportunityStated s) => s.Over(state ?? new()),
        (null, _) => null,
        // A stage after the end means that it is pursued again.
        (_, OpportunityStageChanged c) => state with
        {
            Stage = c.Stage, Probability = c.Probability ?? state.Probability, Amount = c.Amount ?? state.Amount,
            Currency = c.Currency ?? state.Currency, ExpectedOn = c.ExpectedOn ?? state.ExpectedOn,
            Status = OpportunityStatus.Open, ClosedOn = null, Reason = null,
        },
        (_, OpportunityWon w) => state with
        {
            Status = OpportunityStatus.Won, ClosedOn = w.On ?? facts.EffectiveOn, Reason = w.Reason,
            Proposal = w.Proposal ?? state.Proposal, Contract = w.Contract ?? state.Contract,
            Amount = w.Amount ?? state.Amount, Currency = w.Currency ?? state.Currency,
        },
        (_, OpportunityLost l) => state with
        {
            Status = OpportunityStatus.Lost, ClosedOn = l.On ?? facts.EffectiveOn, Reason = l.Reason,
        },
        _ => throw Kind.Unfoldable(e),
    };
}
