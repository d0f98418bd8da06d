using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;

namespace Ledger.Domain;

/// <summary>What finance agreed to leave alone, from one day to another: each a record of the ledger's own, said anew
/// as a whole; one that ends is said again with its last day.</summary>
public abstract record PolicyEvent : GovernanceEvent;

/// <summary>Differences of a class up to here are left alone. What is absent limits nothing; of several that fit, the
/// one that says most of where it counts does, then the one said last. <see cref="Event.Entity"/> limits it to one
/// legal entity.</summary>
/// <param name="Amount">Largest difference of money, in <paramref name="Currency"/>; 0 or more.</param>
/// <param name="Percent">Largest difference of money as a share of what the document asks for; 0 or more.</param>
/// <param name="Quantity">Largest difference of a quantity, in a unit that converts to what is compared.</param>
/// <param name="Of">The kind of record it is about.</param>
/// <param name="Between">The systems it is between: all of them must have a part in the difference.</param>
/// <param name="From">First day it counts; null = always did.</param>
/// <param name="To">Last day it counts; null = until said otherwise.</param>
public sealed record ToleranceSet(
    DriftClass Class, decimal? Amount = null, Currency? Currency = null, decimal? Percent = null,
    Quantity? Quantity = null, string? Of = null, Items<string>? Between = null, LocalDate? From = null,
    LocalDate? To = null, string? Reason = null) : PolicyEvent, IJsonOnDeserialized
{
    /// <summary>It says how much, and between whom.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Amount is null && Percent is null && Quantity is null)
            throw new JsonException("a tolerance is an amount, a percent or a quantity");
        if (Amount < 0m || Percent < 0m || Quantity?.Value < 0m)
            throw new JsonException("a tolerance is nothing or more");
        if (Amount is not null && Currency is null) throw new JsonException("an amount has a currency");
        Span.Check(From, To);
    }
}

/// <summary>How many days a system may be late with a kind, before a record counts as missing. Goes before what the
/// system was registered with.</summary>
/// <param name="System">The source.</param>
/// <param name="Of">The kind of record; null = any.</param>
/// <param name="Days">0 to 3650.</param>
public sealed record LagSet(
    string System, int Days, string? Of = null, LocalDate? From = null, LocalDate? To = null, string? Reason = null)
    : PolicyEvent, IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Days is < 0 or > 3650) throw new JsonException("days is 0 to 3650");
        Span.Check(From, To);
    }
}

/// <summary>From which amount on a difference is of weight: what is less is of low severity, ten times as much of high.
/// </summary>
/// <param name="Amount">More than 0.</param>
public sealed record MaterialitySet(
    decimal Amount, Currency Currency, LocalDate? From = null, LocalDate? To = null, string? Reason = null)
    : PolicyEvent, IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Amount <= 0m) throw new JsonException("an amount of weight is more than nothing");
        Span.Check(From, To);
    }
}

/// <summary>What a system's words for how far a record has come mean.</summary>
/// <param name="System">The source.</param>
/// <param name="Of">The kind of record.</param>
/// <param name="Map">Its status → the one it is compared as.</param>
public sealed record StatusMapSet(
    string System, string Of, Ext Map, LocalDate? From = null, LocalDate? To = null, string? Reason = null)
    : PolicyEvent, IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => Span.Check(From, To);
}

/// <summary>Who looks at the cases of a sort, unless a person says otherwise of one. What is absent limits nothing; of
/// several that fit, the one that says most of which cases it means does, then the one said last.
/// <see cref="Event.Entity"/> limits it to one legal entity.</summary>
/// <param name="Assignee">A person or a team.</param>
/// <param name="Class">A class of drift, or a finding's code.</param>
/// <param name="System">The source that is asked first.</param>
/// <param name="Of">The kind of a record the case is about.</param>
/// <param name="From">First day it counts; null = always did.</param>
/// <param name="To">Last day it counts; null = until said otherwise.</param>
public sealed record RoutingSet(
    string Assignee, string? Class = null, string? System = null, string? Of = null, LocalDate? From = null,
    LocalDate? To = null, string? Reason = null) : PolicyEvent, IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (string.IsNullOrWhiteSpace(Assignee)) throw new JsonException("an assignee is a person or a team");
        Span.Check(From, To);
    }
}

/// <summary>A tolerance as it was said last.</summary>
public sealed record Tolerance : RecordState
{
    public ToleranceSet? Said { get; init; }

    public static Tolerance? Evolve(Tolerance? state, Event e, EventFacts facts) =>
        e is ToleranceSet said ? new() { Said = said, Entity = said.Entity } : throw Kind.Unfoldable(e);
}

/// <summary>An allowed lag as it was said last.</summary>
public sealed record Lag : RecordState
{
    public LagSet? Said { get; init; }

    public static Lag? Evolve(Lag? state, Event e, EventFacts facts) =>
        e is LagSet said ? new() { Said = said } : throw Kind.Unfoldable(e);
}

/// <summary>An amount of weight as it was said last.</summary>
public sealed record Materiality : RecordState
{
    public MaterialitySet? Said { get; init; }

    public static Materiality? Evolve(Materiality? state, Event e, EventFacts facts) =>
        e is MaterialitySet said ? new() { Said = said, Entity = said.Entity } : throw Kind.Unfoldable(e);
}

/// <summary>A map of statuses as it was said last.</summary>
public sealed record StatusMap : RecordState
{
    public StatusMapSet? Said { get; init; }

    public static StatusMap? Evolve(StatusMap? state, Event e, EventFacts facts) =>
        e is StatusMapSet said ? new() { Said = said } : throw Kind.Unfoldable(e);
}

/// <summary>Who looks at cases, as it was said last.</summary>
public sealed record Routing : RecordState
{
    public RoutingSet? Said { get; init; }

    public static Routing? Evolve(Routing? state, Event e, EventFacts facts) =>
        e is RoutingSet said ? new() { Said = said, Entity = said.Entity } : throw Kind.Unfoldable(e);
}

/// <summary>From one day to another.</summary>
internal static class Span
{
    public static void Check(LocalDate? from, LocalDate? to)
    {
        if (to < from) throw new JsonException("it ends no earlier than it begins");
    }
}
