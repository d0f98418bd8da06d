using NodaTime;

namespace Ledger.Domain;

/// <summary>A record goes on as another: it was migrated, or its system replaced. Between two of kind <c>source</c>,
/// every record of the old system goes on as the new one's of the same kind and id.</summary>
/// <param name="From">The first day on which the new one counts instead of the old.</param>
public sealed record StreamSucceeded(Ref Old, Ref New, LocalDate From, string? Reason = null) : GovernanceEvent;

public sealed record SuccessionWithdrawn(string? Reason = null) : GovernanceEvent;

/// <summary>That one record goes on as another, by the word of whoever states it.</summary>
public sealed record Succession : RecordState
{
    public Ref? Old { get; init; }

    public Ref? New { get; init; }

    public LocalDate? From { get; init; }

    public string? Reason { get; init; }

    public bool Withdrawn { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Succession? Evolve(Succession? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, StreamSucceeded s) => new() { Old = s.Old, New = s.New, From = s.From, Reason = s.Reason },
        (null, _) => null,
        (_, SuccessionWithdrawn) => state with { Withdrawn = true },
        _ => throw Kind.Unfoldable(e),
    };
}
