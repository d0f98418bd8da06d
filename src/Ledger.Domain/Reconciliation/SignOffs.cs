using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;

namespace Ledger.Domain;

/// <summary>What becomes of a scope that finance put its name to: a legal entity's records from one day to another.
/// <see cref="Event.Entity"/> is the legal entity; absent = the whole firm.</summary>
public abstract record SignOffEvent : GovernanceEvent;

/// <summary>Finance looked at a scope as of a position, and lets it stand; anew where a sign-off was suspended.
/// </summary>
/// <param name="From">First day of the scope.</param>
/// <param name="To">Its last day.</param>
/// <param name="Position">The last event that was known when it was looked at; from 0.</param>
/// <param name="Period">Name of the accounting period, where it is one.</param>
/// <param name="Records">How many records had a part in the scope.</param>
/// <param name="Open">What was still open in it, by class and currency.</param>
/// <param name="Accepted">How many exceptions in it were accepted.</param>
/// <param name="Breaks">How many pieces of work and documents did not foot over its days.</param>
/// <param name="Root">Root of the log at the position, base64: what was known cannot be changed unseen.</param>
public sealed record PeriodSignedOff(
    LocalDate From, LocalDate To, long Position, string Reason, string? Period = null, int? Records = null,
    Items<OpenClass>? Open = null, int? Accepted = null, string? Root = null, int? Breaks = null)
    : SignOffEvent, IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Position < 0) throw new JsonException("a position is 0 or more");
        Span.Check(From, To);
    }
}

/// <summary>Something in the scope is no longer as it was signed: the sign-off does not count until somebody signs
/// again.</summary>
/// <param name="Position">Of the event that did it.</param>
/// <param name="Stream">The record that event is about.</param>
/// <param name="Event">What happened: the event's type.</param>
/// <param name="Sentence">What it did, in plain English.</param>
public sealed record SignOffSuspended(long Position, string Stream, string Event, string Sentence) : SignOffEvent;

/// <summary>Exceptions of one class and currency that were open.</summary>
/// <param name="Class">A class of drift, or a finding's code.</param>
/// <param name="Amount">The money at stake in all of them, never netted; absent where there is none.</param>
public sealed record OpenClass(string Class, int Exceptions, decimal? Amount = null, Currency? Currency = null);

public enum SignOffStatus
{
    Signed,
    Suspended,
}

/// <summary>What suspended a sign-off.</summary>
public sealed record Suspension(long Position, string Stream, string Event, string Sentence);

/// <summary>What finance put its name to, and whether it still counts.</summary>
public sealed record SignOff : RecordState
{
    public SignOffStatus Status { get; init; }

    public LocalDate From { get; init; }

    public LocalDate To { get; init; }

    public string? Period { get; init; }

    /// <summary>The last event that was known when it was looked at.</summary>
    public long Position { get; init; }

    public string Reason { get; init; } = "";

    public string? By { get; init; }

    public Instant? At { get; init; }

    public int? Records { get; init; }

    public Items<OpenClass> Open { get; init; } = Items<OpenClass>.None;

    public int? Accepted { get; init; }

    /// <summary>How many pieces of work and documents did not foot then; null = nobody said.</summary>
    public int? Breaks { get; init; }

    public string? Root { get; init; }

    /// <summary>How often it was signed.</summary>
    public int Signed { get; init; }

    /// <summary>Why it does not count; null while it does.</summary>
    public Suspension? Suspension { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static SignOff? Evolve(SignOff? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, PeriodSignedOff s) => new()
        {
            From = s.From, To = s.To, Period = s.Period, Position = s.Position, Reason = s.Reason, By = facts.Actor,
            At = facts.Time, Records = s.Records, Open = s.Open ?? Items<OpenClass>.None, Accepted = s.Accepted,
            Breaks = s.Breaks, Root = s.Root, Signed = (state?.Signed ?? 0) + 1,
        },
        (null, _) => null,
        // What was known when it was signed is no reason to suspend it.
        (_, SignOffSuspended x) => x.Position <= state.Position ? state : state with
        {
            Status = SignOffStatus.Suspended, Suspension = new(x.Position, x.Stream, x.Event, x.Sentence),
        },
        _ => throw Kind.Unfoldable(e),
    };
}
