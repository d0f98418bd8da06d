using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to the revenue of one obligation: how it is to be earned, and what was recognised.</summary>
public abstract record RevenueEvent : Event;

/// <summary>How and when the obligation is earned was decided, or decided anew.</summary>
/// <param name="Amount">The price allocated to it, before tax.</param>
/// <param name="Obligation">What the client is to get.</param>
public sealed record RevenueScheduleSet(
    decimal Amount,
    Currency Currency,
    RevenuePolicy Policy,
    Ref? Contract = null,
    string? ContractLine = null,
    Ref? Project = null,
    string? Obligation = null,
    LocalDate? From = null,
    LocalDate? To = null,
    Items<RevenueItem>? Schedule = null) : RevenueEvent;

/// <summary>A part was earned and recognised. It says nothing of what was billed: what is recognised ahead of the bill
/// is a contract asset, never a receivable.</summary>
/// <param name="Recognition">Its id within the record.</param>
/// <param name="Amount">Signed: a catch-up may be negative.</param>
/// <param name="Period">The accounting period, as the books name it.</param>
/// <param name="Posting">The posting that books it.</param>
public sealed record RevenueRecognized(
    string Recognition,
    LocalDate On,
    decimal Amount,
    Currency? Currency = null,
    string? Period = null,
    Ref? Posting = null,
    Ref? Contract = null,
    Ref? Project = null,
    string? Reason = null) : RevenueEvent;

/// <summary>A recognition was taken back: as much as is stated, else all that is left of it.</summary>
/// <param name="Amount">Of the same sign as the recognition.</param>
public sealed record RevenueReversed(
    string Recognition, LocalDate? On = null, decimal? Amount = null, Ref? Posting = null, string? Reason = null)
    : RevenueEvent;

/// <summary>Nothing more will be recognised.</summary>
public sealed record RevenueRecognitionClosed(LocalDate? On = null, string? Reason = null) : RevenueEvent;

/// <summary>The obligation as its system showed it.</summary>
public sealed record RevenueStated(
    Said<decimal?> Amount = default,
    Said<Currency?> Currency = default,
    Said<RevenuePolicy> Policy = default,
    Said<Ref> Contract = default,
    Said<string> ContractLine = default,
    Said<Ref> Project = default,
    Said<string> Obligation = default,
    Said<LocalDate?> From = default,
    Said<LocalDate?> To = default,
    Said<Items<RevenueItem>> Schedule = default,
    Said<Items<Recognition>> Recognitions = default,
    Said<RevenueStatus?> Status = default,
    Said<LocalDate?> ClosedOn = default,
    Said<string> Reason = default) : Snapshot
{
    internal Revenue Over(Revenue before, EventFacts facts) => (before with
    {
        Amount = Amount.Or(before.Amount),
        Currency = Currency.Or(before.Currency),
        Policy = Policy.Or(before.Policy),
        Contract = Contract.Or(before.Contract),
        ContractLine = ContractLine.Or(before.ContractLine),
        Project = Project.Or(before.Project),
        Obligation = Obligation.Or(before.Obligation),
        From = From.Or(before.From),
        To = To.Or(before.To),
        Schedule = Over(Schedule, before.Schedule, "schedule", item => item.Item),
        Status = Status.Or(before.Status) ?? RevenueStatus.Open,
        ClosedOn = ClosedOn.Or(before.ClosedOn),
        Reason = Reason.Or(before.Reason),
    }).With(RecognitionsOver(before.Recognitions, facts));

    // One that is shown as it was before was asserted then.
    private Items<Recognition> RecognitionsOver(Items<Recognition> before, EventFacts facts)
    {
        if (!Recognitions.IsSaid) return before;
        var shown = (Recognitions.Value ?? Items<Recognition>.None).Select(
            r => before.FirstOrDefault(b => Unplaced(b) == Unplaced(r)) ?? Placed(r, facts.Position));
        return IsComplete("recognitions")
            ? shown.ToItems()
            : shown.Aggregate(before, (all, recognition) => all.Put(recognition, r => r.Id));
    }

    private static Recognition Unplaced(Recognition recognition) => Placed(recognition, null);

    private static Recognition Placed(Recognition recognition, long? position) => recognition with
    {
        Position = position,
        Reversals = recognition.Reversals?.Select(r => r with { Position = position }).ToItems(),
    };
}

/// <summary>The decision by which revenue is recognised: kept, not only the number that comes of it.</summary>
/// <param name="Measure">How progress is measured over time; null at a point in time, or not said.</param>
/// <param name="Modification">How a change of the contract is treated; null = not decided.</param>
/// <param name="Basis">Why it was decided so, such as the paragraph of a standard.</param>
public sealed record RevenuePolicy(
    RevenueTiming Timing, RevenueMeasure? Measure = null, ContractModification? Modification = null,
    string? Basis = null, string? DecidedBy = null, LocalDate? DecidedOn = null);

/// <summary>Whether the client gets what was promised bit by bit, or at once.</summary>
public enum RevenueTiming
{
    OverTime,
    PointInTime,
}

/// <summary>How progress towards the promise is measured.</summary>
public enum RevenueMeasure
{
    StraightLine,
    Hours,
    Costs,
    Milestones,
    Units,
    AsInvoiced,
}

/// <summary>What a change of contract does to revenue: it is a contract of its own, or spreads over what is left, or
/// catches up on what was recognised.</summary>
public enum ContractModification
{
    SeparateContract,
    Prospective,
    CatchUp,
}

/// <param name="Item">Its id within the schedule.</param>
/// <param name="On">The day it is to be recognised.</param>
public sealed record RevenueItem(string Item, LocalDate On, decimal Amount, string? Period = null);

/// <summary>A part that was recognised.</summary>
/// <param name="Amount">As recognised; signed.</param>
/// <param name="Position">Of the event that states it.</param>
public sealed record Recognition(
    string Id, LocalDate On, decimal Amount, string? Period = null, Ref? Posting = null, string? Reason = null,
    Items<Reversal>? Reversals = null, long? Position = null)
{
    /// <summary>What is left of it.</summary>
    public decimal Left => Amount - (Reversals ?? Items<Reversal>.None).Sum(r => r.Amount);
}

/// <summary>What was taken back of a recognition.</summary>
/// <param name="Amount">Of the same sign as the recognition.</param>
/// <param name="Position">Of the event that states it.</param>
public sealed record Reversal(
    LocalDate On, decimal Amount, Ref? Posting = null, string? Reason = null, long? Position = null);

public enum RevenueStatus
{
    Open,
    Closed,
}

/// <summary>The revenue of one obligation, as one source tells it.</summary>
public sealed record Revenue : RecordState
{
    /// <summary>The price allocated to the obligation, before tax.</summary>
    public decimal? Amount { get; init; }

    public Currency? Currency { get; init; }

    public RevenuePolicy? Policy { get; init; }

    public Ref? Contract { get; init; }

    public string? ContractLine { get; init; }

    public Ref? Project { get; init; }

    public string? Obligation { get; init; }

    public LocalDate? From { get; init; }

    public LocalDate? To { get; init; }

    public Items<RevenueItem> Schedule { get; init; } = Items<RevenueItem>.None;

    public Items<Recognition> Recognitions { get; init; } = Items<Recognition>.None;

    /// <summary>What was recognised so far, less what was reversed.</summary>
    public decimal Recognized { get; init; }

    public RevenueStatus Status { get; init; }

    public LocalDate? ClosedOn { get; init; }

    /// <summary>Why it was closed; null = nobody said.</summary>
    public string? Reason { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Revenue? Evolve(Revenue? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, RevenueScheduleSet s) => (state ?? new()) with
        {
            Amount = s.Amount, Currency = s.Currency, Policy = s.Policy, Contract = s.Contract,
            ContractLine = s.ContractLine, Project = s.Project, Obligation = s.Obligation, From = s.From, To = s.To,
            Schedule = s.Schedule ?? Items<RevenueItem>.None,
        },
        // A source may state what was recognised without ever stating the schedule.
        (_, RevenueRecognized r) => Recognised(state ?? new(), r, facts),
        (_, RevenueStated s) => s.Over(state ?? new(), facts),
        (null, _) => null,
        (_, RevenueReversed r) => state.Recognitions.Any(x => x.Id == r.Recognition)
            ? state.With(state.Recognitions.Select(x => x.Id == r.Recognition ? Reversed(x, r, facts) : x).ToItems())
            : null,
        (_, RevenueRecognitionClosed c) => state with
        {
            Status = RevenueStatus.Closed, ClosedOn = c.On ?? facts.EffectiveOn, Reason = c.Reason,
        },
        _ => throw Kind.Unfoldable(e),
    };

    /// <summary>The same with these recognitions, and their sum.</summary>
    internal Revenue With(Items<Recognition> recognitions) => this with
    {
        Recognitions = recognitions, Recognized = DecimalText.Plain(recognitions.Sum(r => r.Left)),
    };

    private static Revenue Recognised(Revenue state, RevenueRecognized r, EventFacts facts) => (state with
    {
        Currency = state.Currency ?? r.Currency, Contract = state.Contract ?? r.Contract,
        Project = state.Project ?? r.Project,
    }).With(state.Recognitions.Put(
        new(r.Recognition, r.On, r.Amount, r.Period, r.Posting, r.Reason, Position: facts.Position),
        x => x.Id));

    private static Recognition Reversed(Recognition recognition, RevenueReversed r, EventFacts facts) =>
        recognition with
        {
            Reversals = (recognition.Reversals ?? Items<Reversal>.None).Plus(new(
                r.On ?? facts.EffectiveOn, r.Amount ?? recognition.Left, r.Posting, r.Reason, facts.Position)),
        };
}
