using NodaTime;

namespace Ledger.Domain;

/// <summary>What carries an event to the ledger: CloudEvents' names first, the ledger's own as extensions.</summary>
/// <param name="Source">The system that states it: lower-case letters, digits and hyphens.</param>
/// <param name="Id">The source's id of the event, at most 200 characters; with the source the key, for ever.</param>
/// <param name="Type">The event's stored name.</param>
/// <param name="Kind">The kind of record, from the subject.</param>
/// <param name="RecordId">The record's immutable id at the source, from the subject.</param>
/// <param name="Time">When the source says it happened; UTC, microseconds.</param>
/// <param name="Sequence">The source's own order, where it has one.</param>
/// <param name="EffectiveOn">The date it counts from, as stated; null = the date of <paramref name="Time"/>.</param>
/// <param name="LocalDate">The date of <paramref name="Time"/> at the offset it was stated with.</param>
public sealed record Envelope(
    string Source,
    string Id,
    string Type,
    string Kind,
    string RecordId,
    Instant Time,
    LocalDate LocalDate,
    TimeBasis TimeBasis = TimeBasis.Stated,
    long? Sequence = null,
    LocalDate? EffectiveOn = null)
{
    /// <summary>Version its stream must have at its turn; null = any.</summary>
    public long? ExpectedVersion { get; init; }

    public string? Actor { get; init; }

    public string? CorrelationId { get; init; }

    public string? CausationId { get; init; }

    public string? Traceparent { get; init; }

    public Items<Link> Links { get; init; } = Items<Link>.None;

    public string Subject => $"{Kind}/{RecordId}";

    public string Stream => StreamName.Of(Kind, Source, RecordId);

    /// <summary>The date it counts from, stated or not.</summary>
    public LocalDate CountsFrom => EffectiveOn ?? LocalDate;
}

/// <summary>What <see cref="Envelope.Time"/> rests on.</summary>
public enum TimeBasis
{
    /// <summary>The source says when it happened.</summary>
    Stated,

    /// <summary>The record's modified time.</summary>
    Modified,

    /// <summary>When somebody looked.</summary>
    Observed,

    /// <summary>Only a date is known; midnight at its start.</summary>
    Date,
}

/// <summary>What is wrong with a document, and where.</summary>
/// <param name="Pointer">JSON Pointer (RFC 6901); empty = the whole document.</param>
/// <param name="Code">Stable, snake_case.</param>
public sealed record Problem(string Pointer, string Code, string Message);

/// <summary>What the door made of one document: a closed family.</summary>
public abstract record Reading
{
    private protected Reading()
    {
    }
}

/// <summary>A known event of the right shape.</summary>
/// <param name="Data">The body as JSON with decimals in canonical form.</param>
public sealed record Understood(Envelope Envelope, EventDefinition Definition, Event Body, byte[] Data) : Reading
{
    /// <summary>The same reading for an event that was made here instead of read: what importers hand to the door.
    /// </summary>
    /// <exception cref="ArgumentException">The envelope names another type or kind than the body is.</exception>
    public static Understood Of(Envelope envelope, Event body)
    {
        var definition = EventCatalog.Find(body);
        if (definition.Name != envelope.Type || (definition.Kind is { } kind && kind.Name != envelope.Kind))
            throw new ArgumentException($"{definition.Name} is no {envelope.Type} of '{envelope.Kind}'", nameof(body));
        return new(envelope, definition, body, definition.WriteOrdered(body));
    }
}

/// <summary>A type this catalogue does not know; the body is kept as it came.</summary>
public sealed record UnknownType(Envelope Envelope, byte[] Data) : Reading;

/// <summary>A known type whose body, or subject, is not as its schema says.</summary>
public sealed record Invalid(Envelope Envelope, byte[] Data, Items<Problem> Problems) : Reading;

/// <summary>No envelope can be made of it.</summary>
public sealed record Malformed(Items<Problem> Problems, string? Source = null, string? Id = null) : Reading;
