using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to an accounting period of a legal entity; <see cref="Event.Entity"/> says whose it is.
/// </summary>
public abstract record PeriodEvent : Event;

/// <param name="Period">As the books name it, e.g. <c>2026-03</c>.</param>
/// <param name="From">Its first day.</param>
/// <param name="To">Its last day.</param>
public sealed record PeriodOpened(string Period, LocalDate From, LocalDate To)
    : PeriodEvent, System.Text.Json.Serialization.IJsonOnDeserialized
{
    /// <summary>A period has a day at least.</summary>
    void System.Text.Json.Serialization.IJsonOnDeserialized.OnDeserialized()
    {
        if (To < From) throw new System.Text.Json.JsonException("a period ends no earlier than it begins");
    }
}

/// <summary>Closed to most; corrections are still let in.</summary>
/// <param name="Actor">Who closed it, where that is not who sent it.</param>
public sealed record PeriodSoftClosed(string? Reason = null, string? Actor = null) : PeriodEvent;

public sealed record PeriodClosed(string? Reason = null) : PeriodEvent;

public sealed record PeriodReopened(string Reason) : PeriodEvent;

/// <summary>The period as its system showed it.</summary>
public sealed record PeriodStated(
    Said<string> Period = default,
    Said<LocalDate?> From = default,
    Said<LocalDate?> To = default,
    Said<PeriodStatus?> Status = default,
    Said<string> Reason = default) : Snapshot
{
    internal AccountingPeriod Over(AccountingPeriod before) => Over(
        before, before.Turned(Status.Or(before.Status) ?? default));

    private AccountingPeriod Over(AccountingPeriod before, AccountingPeriod turned) => turned with
    {
        Name = Period.Or(before.Name),
        From = From.Or(before.From),
        To = To.Or(before.To),
        // Why it was closed is not why it was opened again.
        Reason = Reason.Or(turned.Status == before.Status ? before.Reason : null),
    };
}

/// <summary>open → soft-closed → closed → open again, with a reason.</summary>
public enum PeriodStatus
{
    Open,
    SoftClosed,
    Closed,
}

/// <summary>A span for which a legal entity keeps and closes its books, as one source tells it.</summary>
public sealed record AccountingPeriod : RecordState
{
    public string? Name { get; init; }

    public LocalDate? From { get; init; }

    /// <summary>Its last day.</summary>
    public LocalDate? To { get; init; }

    public PeriodStatus Status { get; init; }

    /// <summary>True since it was closed to all but corrections, also once it is closed; null = it was not, or it is
    /// open again.</summary>
    public bool? SoftClosed { get; init; }

    /// <summary>How often it was opened again.</summary>
    public int Reopened { get; init; }

    /// <summary>Why it was closed or opened again, the last time; null = nobody said.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether a day lies in it; never while its ends are not known.</summary>
    public bool Contains(LocalDate day) => day >= From && day <= To;

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static AccountingPeriod? Evolve(AccountingPeriod? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, PeriodOpened o) => (state ?? new()) with { Name = o.Period, From = o.From, To = o.To },
        (_, PeriodStated s) => s.Over(state ?? new()),
        (null, _) => null,
        (_, PeriodSoftClosed c) => state.Turned(PeriodStatus.SoftClosed) with { Reason = c.Reason },
        (_, PeriodClosed c) => state.Turned(PeriodStatus.Closed) with { Reason = c.Reason },
        (_, PeriodReopened r) => state.Turned(PeriodStatus.Open) with { Reason = r.Reason },
        _ => throw Kind.Unfoldable(e),
    };

    internal AccountingPeriod Turned(PeriodStatus status) => this with
    {
        Status = status,
        SoftClosed = status is PeriodStatus.SoftClosed ? true : status is PeriodStatus.Open ? null : SoftClosed,
        Reopened = status is PeriodStatus.Open && Status is not PeriodStatus.Open ? Reopened + 1 : Reopened,
    };
}
