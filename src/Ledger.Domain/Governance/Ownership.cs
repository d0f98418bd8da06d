using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;

namespace Ledger.Domain;

/// <summary>Whose word counts, from the first role that has a record on; <see cref="Event.Entity"/> limits it to one
/// legal entity. The ledger's own word alone.</summary>
/// <param name="Of">The kind of record.</param>
/// <param name="Field">As in the state's JSON; null = every field.</param>
/// <param name="From">First day it counts; null = always did.</param>
/// <param name="To">Last day it counts; null = until it is withdrawn.</param>
public sealed record OwnershipAssigned(
    string Of, Items<Role> Roles, string? Field = null, LocalDate? From = null, LocalDate? To = null,
    string? Reason = null) : GovernanceEvent, IJsonOnDeserialized
{
    /// <summary>Somebody owns it, from one day to another.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Roles.Count == 0) throw new JsonException("roles names one role at least");
        if (To < From) throw new JsonException("an assignment ends no earlier than it begins");
    }
}

public sealed record OwnershipWithdrawn(string? Reason = null) : GovernanceEvent;

/// <summary>A person puts a value over what the owner says. The ledger's own word alone.</summary>
/// <param name="Of">A record, by whichever source's stream or number; all that is the same thing has the value.</param>
/// <param name="Field">As in the state's JSON.</param>
/// <param name="Value">Of the field's own shape.</param>
/// <param name="Overrode">What the owners said then; null = nothing, or not told.</param>
/// <param name="Until">Last day it counts; null = until it is withdrawn.</param>
public sealed record TruthOverridden(
    Ref Of, string Field, JsonText Value, string Reason, JsonText? Overrode = null, LocalDate? Until = null)
    : GovernanceEvent;

public sealed record OverrideWithdrawn(string? Reason = null) : GovernanceEvent;

/// <summary>Whose word counts for a kind, or for a field of it.</summary>
public sealed record OwnershipAssignment : RecordState
{
    public string? Of { get; init; }

    public string? Field { get; init; }

    public Items<Role> Roles { get; init; } = Items<Role>.None;

    public LocalDate? From { get; init; }

    public LocalDate? To { get; init; }

    public string? Reason { get; init; }

    public bool Withdrawn { get; init; }

    /// <summary>Whether it counts on a day.</summary>
    public bool IsInForce(LocalDate day) => !Withdrawn && (From is null || day >= From) && (To is null || day <= To);

    /// <summary>The next state; null where the event cannot apply yet. An assignment says all of it anew.</summary>
    public static OwnershipAssignment? Evolve(OwnershipAssignment? state, Event e, EventFacts facts) =>
        (state, e) switch
        {
            (_, OwnershipAssigned a) => new()
            {
                Of = a.Of, Field = a.Field, Roles = a.Roles, From = a.From, To = a.To, Reason = a.Reason,
            },
            (null, _) => null,
            (_, OwnershipWithdrawn) => state with { Withdrawn = true },
            _ => throw Kind.Unfoldable(e),
        };
}

/// <summary>A value a person put over what the owner says.</summary>
public sealed record TruthOverride : RecordState
{
    public Ref? Of { get; init; }

    public string? Field { get; init; }

    public JsonText? Value { get; init; }

    public JsonText? Overrode { get; init; }

    public string? Reason { get; init; }

    public LocalDate? Until { get; init; }

    public bool Withdrawn { get; init; }

    /// <summary>Whether it counts on a day.</summary>
    public bool IsInForce(LocalDate day) => !Withdrawn && (Until is null || day <= Until);

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static TruthOverride? Evolve(TruthOverride? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, TruthOverridden o) => new()
        {
            Of = o.Of, Field = o.Field, Value = o.Value, Overrode = o.Overrode, Reason = o.Reason, Until = o.Until,
        },
        (null, _) => null,
        (_, OverrideWithdrawn) => state with { Withdrawn = true },
        _ => throw Kind.Unfoldable(e),
    };
}
