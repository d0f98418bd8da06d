using NodaTime;

namespace Ledger.Store;

/// <summary>One event as a caller hands it over: names, canonical bytes and what they commit to. The store never
/// looks inside.</summary>
/// <param name="Source">The system that states it; with <paramref name="Id"/> the idempotency key, for ever.</param>
/// <param name="Id">The source's event id, at most 200 characters.</param>
/// <param name="Stream">The stream key, <c>{kind}/{source}:{id}</c>.</param>
/// <param name="StreamType">The kind's state alias, written to <c>mt_streams.type</c>.</param>
/// <param name="Type">The stored event name, snake_case.</param>
/// <param name="DotNetType"><c>Full.Type.Name, AssemblyName</c> as Marten stores it.</param>
/// <param name="Data">The body in RFC 8785 canonical form, UTF-8.</param>
/// <param name="Headers">Header names and values in any order, each name once; the store adds <c>source</c> and
/// <c>source_id</c> itself.</param>
/// <param name="Digest">SHA-256 that tells a duplicate from a conflict; see <see cref="EventDigest"/>.</param>
public sealed record NewEvent(
    string Source,
    string Id,
    string Stream,
    string StreamType,
    string Type,
    string DotNetType,
    ReadOnlyMemory<byte> Data,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    ReadOnlyMemory<byte> Digest)
{
    /// <summary>Version the stream must have at this event's turn; null = any.</summary>
    public long? ExpectedVersion { get; init; }

    /// <summary>When the source says it happened, in microseconds; what the header <c>time</c> says.</summary>
    public required Instant Time { get; init; }

    /// <summary>The source's own order where it has one; what the header <c>sequence</c> says.</summary>
    public long? Sequence { get; init; }

    /// <summary>SHA-256 of all a snapshot says except when it was seen; null for an event that is no snapshot. Equal to
    /// the stream's newest one, and not before it, means <see cref="Unchanged"/>.</summary>
    public ReadOnlyMemory<byte>? Snapshot { get; init; }

    /// <summary>The event as it came, shown to its source's owner where the key turns out to be another's; empty = not
    /// at hand.</summary>
    public ReadOnlyMemory<byte> Original { get; init; }

    /// <summary>Who did it at the source; <c>mt_events.user_name</c>.</summary>
    public string? Actor { get; init; }

    public string? CorrelationId { get; init; }

    public string? CausationId { get; init; }
}

/// <summary>What the ledger answers for a stored event, for ever the same.</summary>
/// <param name="Position">Place in the one commit order, from 1.</param>
/// <param name="RecordedAt">The ledger's instant, UTC, microseconds, never before the previous event's.</param>
public sealed record Receipt(
    string Source, string Id, string Stream, long Version, long Position, Instant RecordedAt,
    ReadOnlyMemory<byte> Digest)
{
    /// <summary>Two receipts are one when all they say is one, the digest byte by byte.</summary>
    public bool Equals(Receipt? other) =>
        other is not null
        && (Source, Id, Stream, Version, Position, RecordedAt)
            == (other.Source, other.Id, other.Stream, other.Version, other.Position, other.RecordedAt)
        && Digest.Span.SequenceEqual(other.Digest.Span);

    public override int GetHashCode() => HashCode.Combine(Source, Id, Position);
}

/// <summary>What the store decided about one event: a closed family.</summary>
public abstract record Verdict
{
    private protected Verdict()
    {
    }
}

/// <summary>Stored now.</summary>
public sealed record Appended(Receipt Receipt) : Verdict;

/// <summary>Stored before, same key and digest: the original receipt.</summary>
public sealed record Duplicate(Receipt Receipt) : Verdict;

/// <summary>A snapshot equal to the stream's last event, which is the newest in the source's order too: nothing stored.
/// The receipt is of that last one.</summary>
public sealed record Unchanged(Receipt Receipt) : Verdict;

/// <summary>Same key, other digest: nothing stored, the attempt is recorded for the source's owner.</summary>
/// <param name="Existing">Of the event that holds the key; null where that one is parked, or an item of the same
/// all-or-nothing request that is not stored either.</param>
public sealed record KeyConflict(
    Receipt? Existing, ReadOnlyMemory<byte> ExistingDigest, ReadOnlyMemory<byte> OfferedDigest) : Verdict;

/// <summary>The stream was not at the expected version when the event's turn came: nothing stored.</summary>
public sealed record VersionConflict(long Expected, long Actual) : Verdict;

/// <summary>A type this ledger does not know yet: kept, to be applied on upgrade.</summary>
public sealed record Parked(Instant ParkedAt, ReadOnlyMemory<byte> Digest) : Verdict;

/// <summary>PostgreSQL cannot hold it, or the store's own look found it malformed: nothing stored, neighbours unharmed.
/// </summary>
/// <param name="SqlState">The refusal's SQLSTATE; <c>22023</c> where the store found it itself.</param>
public sealed record Refused(string SqlState, string Reason) : Verdict;

/// <summary>Part of an all-or-nothing request that another item failed: nothing stored.</summary>
public sealed record NotAttempted : Verdict;

/// <summary>One stored event as read back from <c>mt_events</c>.</summary>
/// <param name="StreamType">The kind's state alias, from <c>mt_streams.type</c>.</param>
/// <param name="Data">The body in RFC 8785 canonical form, UTF-8, where the reader does not say otherwise.</param>
/// <param name="Headers">All of them, <c>source</c> and <c>source_id</c> included.</param>
public sealed record StoredEvent(
    long Position,
    Guid Key,
    string Source,
    string Id,
    string Stream,
    string StreamType,
    long Version,
    string Type,
    Instant RecordedAt,
    ReadOnlyMemory<byte> Data,
    IReadOnlyDictionary<string, string> Headers,
    string? Actor,
    string? CorrelationId,
    string? CausationId);

/// <summary>A document that was refused before it came to be an event.</summary>
/// <param name="Source">Null where not even that could be read; so too <paramref name="Id"/>.</param>
/// <param name="Body">As it came.</param>
/// <param name="Problems">Why, as JSON.</param>
public sealed record Rejected(string? Source, string? Id, ReadOnlyMemory<byte> Body, string Problems);
