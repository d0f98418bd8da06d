using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to something that has to be looked at. The ledger opens and closes a case by what the records
/// say; what people say of it is said in the ledger's name with who and why.</summary>
public abstract record CaseEvent : GovernanceEvent;

public enum Severity
{
    Low,
    Medium,
    High,
}

/// <summary>It came up, or came up again.</summary>
/// <param name="Sentence">What is wrong, in plain English.</param>
/// <param name="Streams">The records it is about, the one it is about first.</param>
/// <param name="Amount">The money at stake, in <paramref name="Currency"/>; positive.</param>
/// <param name="Owner">The system whose record is likely to be wrong, and so who looks at it first.</param>
/// <param name="Since">The date of the event at which it began.</param>
/// <param name="Suggestion">What to correct where.</param>
/// <param name="Assignee">Who looks at it by a rule, unless a person says otherwise.</param>
/// <param name="Rule">Id of that rule.</param>
public abstract record CaseOpened(
    string Sentence, Items<string> Streams, Severity Severity, decimal? Amount = null, Currency? Currency = null,
    string? Owner = null, LocalDate? Since = null, string? Suggestion = null, string? Assignee = null,
    string? Rule = null) : CaseEvent;

/// <summary>A person says why it is so. It stays open.</summary>
public abstract record CaseExplained(string Words) : CaseEvent;

/// <param name="To">A person or a team; null = nobody, and what a rule says counts again.</param>
/// <param name="Rule">Id of the rule by which it is so; null = a person says it, which goes before any rule.</param>
public abstract record CaseAssigned(string? To = null, string? Reason = null, string? Rule = null) : CaseEvent;

/// <summary>It may stay as it is.</summary>
/// <param name="Until">The last day; null = for good.</param>
public abstract record CaseAccepted(string Reason, LocalDate? Until = null) : CaseEvent;

/// <summary>Nothing is wrong any more; or a person says so, until the records say otherwise again.</summary>
public abstract record CaseResolved(string? Reason = null) : CaseEvent;

/// <summary>A person had the records behind it folded from their events and compared once more.</summary>
/// <param name="Outcome">What came of it, in plain English.</param>
/// <param name="Stands">Whether its cause is still there.</param>
/// <param name="Changed">How many of its records the views had otherwise than their events say.</param>
public abstract record CaseReplayed(string Outcome, bool Stands, int Changed, string? Reason = null) : CaseEvent;

public sealed record DriftCaseOpened(
    DriftClass Class, string Sentence, Items<string> Streams, Severity Severity, decimal? Amount = null,
    Currency? Currency = null, string? Owner = null, LocalDate? Since = null, string? Suggestion = null,
    string? Assignee = null, string? Rule = null)
    : CaseOpened(Sentence, Streams, Severity, Amount, Currency, Owner, Since, Suggestion, Assignee, Rule);

public sealed record DriftCaseExplained(string Words) : CaseExplained(Words);

public sealed record DriftCaseAssigned(string? To = null, string? Reason = null, string? Rule = null)
    : CaseAssigned(To, Reason, Rule);

public sealed record DriftCaseAccepted(string Reason, LocalDate? Until = null) : CaseAccepted(Reason, Until);

public sealed record DriftCaseResolved(string? Reason = null) : CaseResolved(Reason);

public sealed record DriftCaseReplayed(string Outcome, bool Stands, int Changed, string? Reason = null)
    : CaseReplayed(Outcome, Stands, Changed, Reason);

/// <summary>The difference is back, or its acceptance ran out.</summary>
/// <param name="Accepted">Whether what a person accepted still covers it, so that it stays accepted.</param>
public sealed record DriftCaseReopened(
    string Sentence, Severity Severity, decimal? Amount = null, Currency? Currency = null, string? Reason = null,
    string? Owner = null, string? Suggestion = null, bool? Accepted = null, string? Assignee = null,
    string? Rule = null) : CaseEvent;

/// <summary>It is another by much: as it stands now. Whether it is open or accepted stays as it is.</summary>
public sealed record DriftCaseChanged(
    string Sentence, Severity Severity, decimal? Amount = null, Currency? Currency = null, string? Suggestion = null)
    : CaseEvent;

/// <param name="Code">Of the finding.</param>
/// <param name="Accepted">Whether what a person accepted still covers it, where it came up again.</param>
public sealed record ExceptionOpened(
    string Code, string Sentence, Items<string> Streams, Severity Severity, decimal? Amount = null,
    Currency? Currency = null, string? Owner = null, LocalDate? Since = null, string? Suggestion = null,
    bool? Accepted = null, string? Assignee = null, string? Rule = null)
    : CaseOpened(Sentence, Streams, Severity, Amount, Currency, Owner, Since, Suggestion, Assignee, Rule);

public sealed record ExceptionExplained(string Words) : CaseExplained(Words);

public sealed record ExceptionAssigned(string? To = null, string? Reason = null, string? Rule = null)
    : CaseAssigned(To, Reason, Rule);

public sealed record ExceptionAccepted(string Reason, LocalDate? Until = null) : CaseAccepted(Reason, Until);

public sealed record ExceptionResolved(string? Reason = null) : CaseResolved(Reason);

public sealed record ExceptionReplayed(string Outcome, bool Stands, int Changed, string? Reason = null)
    : CaseReplayed(Outcome, Stands, Changed, Reason);

public enum CaseStatus
{
    Open,
    Accepted,
    Resolved,
}

/// <summary>What a person said of a case.</summary>
public sealed record CaseWord(string Words, Instant At, long Position, string? By = null);

/// <summary>The last time a case was looked at again because somebody asked.</summary>
public sealed record Replay(string Outcome, bool Stands, Instant At, string? By = null);

/// <summary>That a case may stay as it is.</summary>
/// <param name="Until">The last day; null = for good.</param>
/// <param name="Severity">How much it weighed when it was accepted.</param>
public sealed record Acceptance(
    string Reason, string? By = null, LocalDate? Until = null, Severity? Severity = null);

/// <summary>Something that has to be looked at, or had to be.</summary>
public abstract record Case : RecordState
{
    public CaseStatus Status { get; init; }

    public string Sentence { get; init; } = "";

    public Items<string> Streams { get; init; } = Items<string>.None;

    public Severity Severity { get; init; }

    public decimal? Amount { get; init; }

    public Currency? Currency { get; init; }

    /// <summary>The system whose record is likely to be wrong.</summary>
    public string? Owner { get; init; }

    /// <summary>Who looks at it; null = nobody.</summary>
    public string? Assignee { get; init; }

    /// <summary>Who said so; <see cref="Itself"/> = a rule did.</summary>
    public string? AssignedBy { get; init; }

    /// <summary>Id of the rule by which it is assigned; null = a person did, or nobody.</summary>
    public string? Rule { get; init; }

    /// <summary>When it first came up; coming up again does not turn the clock back.</summary>
    public LocalDate? Since { get; init; }

    public string? Suggestion { get; init; }

    /// <summary>How often it came up again.</summary>
    public int Reopened { get; init; }

    public Items<CaseWord> Words { get; init; } = Items<CaseWord>.None;

    /// <summary>That it may stay as it is; kept while its cause is gone, for when it comes back.</summary>
    public Acceptance? Acceptance { get; init; }

    /// <summary>What came of looking at it again, the last time somebody asked; null = nobody did.</summary>
    public Replay? Replayed { get; init; }

    /// <summary>Why it is resolved, where that is said.</summary>
    public string? Resolution { get; init; }

    /// <summary>Who resolved it; <see cref="Itself"/> = it closed itself.</summary>
    public string? ResolvedBy { get; init; }

    /// <summary>Who opens and closes cases where no person does.</summary>
    public const string Itself = "ledger";

    /// <summary>Whether what a person accepted still counts on a day.</summary>
    public bool IsAccepted(LocalDate day) =>
        Acceptance is { } acceptance && (acceptance.Until is not { } until || day <= until);

    /// <summary>How much it may weigh and stay accepted, whatever it weighs now.</summary>
    public Severity SeverityAccepted() => Acceptance?.Severity ?? Severity;

    /// <summary>Whether a person said who looks at it.</summary>
    public bool IsAssignedByHand() => Assignee is not null && Rule is null;

    /// <summary>What the events of both families do alike; null where it cannot apply yet.</summary>
    private protected static TCase? Next<TCase>(TCase? state, Event e, EventFacts facts)
        where TCase : Case => (state, e) switch
        {
            (null, _) => null,
            (_, CaseOpened o) => Routed(state, o.Assignee, o.Rule) with
            {
                Status = CaseStatus.Open, Sentence = o.Sentence, Streams = o.Streams, Severity = o.Severity,
                Amount = o.Amount, Currency = o.Currency, Owner = o.Owner, Since = state.Since ?? o.Since,
                Suggestion = o.Suggestion, Resolution = null, ResolvedBy = null,
            },
            (_, CaseExplained x) => state with
            {
                Words = state.Words.Plus(new(x.Words, facts.Time, facts.Position, facts.Actor)),
            },
            (_, CaseAssigned a) => state with
            {
                Assignee = a.To, AssignedBy = a.To is null ? null : facts.Actor, Rule = a.To is null ? null : a.Rule,
            },
            (_, CaseReplayed r) => state with { Replayed = new(r.Outcome, r.Stands, facts.Time, facts.Actor) },
            (_, CaseAccepted a) => state with
            {
                Status = CaseStatus.Accepted, Acceptance = new(a.Reason, facts.Actor, a.Until, state.Severity),
            },
            (_, CaseResolved r) => state with
            {
                Status = CaseStatus.Resolved, Resolution = r.Reason, ResolvedBy = facts.Actor,
                Acceptance = facts.Actor == Itself ? state.Acceptance : null,
            },
            (_, DriftCaseReopened r) => Routed(state, r.Assignee, r.Rule) with
            {
                Status = CaseStatus.Open, Sentence = r.Sentence, Severity = r.Severity, Amount = r.Amount,
                Currency = r.Currency, Owner = r.Owner ?? state.Owner, Suggestion = r.Suggestion,
                Reopened = state.Reopened + 1, Resolution = null, ResolvedBy = null,
            },
            (_, DriftCaseChanged c) => state with
            {
                Sentence = c.Sentence, Severity = c.Severity, Amount = c.Amount, Currency = c.Currency,
                Suggestion = c.Suggestion,
            },
            _ => throw Kind.Unfoldable(e),
        };

    /// <summary>Who looks at it by a rule, where no person said otherwise.</summary>
    private static TCase Routed<TCase>(TCase state, string? assignee, string? rule)
        where TCase : Case => state.IsAssignedByHand() ? state
        : state with { Assignee = assignee, AssignedBy = assignee is null ? null : Itself, Rule = rule };

    /// <summary>What came up again stays accepted where that was said to cover it.</summary>
    private protected static TCase Again<TCase>(TCase next, bool? accepted)
        where TCase : Case => accepted is true && next.Acceptance is not null
        ? next with { Status = CaseStatus.Accepted }
        : next with { Acceptance = null };
}

/// <summary>Systems that differ beyond what is tolerated.</summary>
public sealed record DriftCase : Case
{
    public DriftClass Class { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static DriftCase? Evolve(DriftCase? state, Event e, EventFacts facts) => e switch
    {
        DriftCaseOpened o => Again(Next(state ?? new(), e, facts)!, null) with { Class = o.Class },
        DriftCaseReopened r when state is not null => Again(Next(state, e, facts)!, r.Accepted),
        _ => Next(state, e, facts),
    };
}

/// <summary>A finding about one thing that somebody has to look at.</summary>
public sealed record ExceptionCase : Case
{
    /// <summary>Of the finding.</summary>
    public string Code { get; init; } = "";

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static ExceptionCase? Evolve(ExceptionCase? state, Event e, EventFacts facts) => e is ExceptionOpened o
        ? Again(Next(state ?? new(), e, facts)!, o.Accepted) with
        {
            Code = o.Code, Reopened = state is null ? 0 : state.Reopened + 1,
        }
        : Next(state, e, facts);
}
