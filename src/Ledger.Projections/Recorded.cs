using System.Globalization;
using System.Text;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Projections;

/// <summary>The names of the headers an event carries in <c>mt_events</c>; the door writes them, projections read
/// them.</summary>
public static class HeaderNames
{
    public const string Source = "source";
    public const string SourceId = "source_id";
    public const string Time = "time";
    public const string TimeBasis = "time_basis";
    public const string Sequence = "sequence";
    public const string EffectiveOn = "effective_on";
    public const string Traceparent = "traceparent";
    public const string Links = "links";
}

/// <summary>The one mapping between what Domain understands and what Store keeps.</summary>
public static class Recorded
{
    /// <summary>What the store takes, from what the door understood.</summary>
    /// <exception cref="MalformedJsonException">The body holds what RFC 8785 cannot, such as NUL.</exception>
    public static NewEvent New(Understood understood) => New(understood, default);

    /// <summary>The same, with the event as it came.</summary>
    /// <exception cref="MalformedJsonException">The body holds what RFC 8785 cannot, such as NUL.</exception>
    public static NewEvent New(Understood understood, ReadOnlyMemory<byte> original)
    {
        var (envelope, definition, body, _) = understood;
        var data = CanonicalJson.IsCanonical(understood.Data) ? understood.Data : CanonicalJson.Of(understood.Data);
        return new(
            envelope.Source, envelope.Id, envelope.Stream, Kind.Find(envelope.Kind).StateAlias, envelope.Type,
            definition.DotNetType, data, Headers(envelope), Digest(envelope, data))
        {
            Time = envelope.Time,
            Sequence = envelope.Sequence,
            ExpectedVersion = envelope.ExpectedVersion,
            // Without the type a null would become empty bytes.
            Snapshot = body is Snapshot stated
                ? SnapshotDigest(envelope, definition, stated)
                : default(ReadOnlyMemory<byte>?),
            Original = original,
            Actor = envelope.Actor,
            CorrelationId = envelope.CorrelationId,
            CausationId = envelope.CausationId,
        };
    }

    /// <summary>What tells whether two events under one key are the same, also for one that cannot be understood yet.
    /// </summary>
    /// <param name="data">The body in canonical form.</param>
    /// <exception cref="MalformedJsonException">A link holds what RFC 8785 cannot.</exception>
    public static byte[] Digest(Envelope envelope, ReadOnlySpan<byte> data) =>
        // What an unstated date resolves to hangs on the source's zone, which may be learnt later: never part of the
        // identity of what was said.
        EventDigest.For(
            envelope.Type, envelope.Subject, LedgerJson.WriteInstant(envelope.Time), Sequence(envelope),
            Date(envelope.EffectiveOn), envelope.Actor, Links(envelope), data);

    /// <summary>What tells whether a document is stored already, without reading its body by its schema. Where reading
    /// would change the body (a decimal's form, say) the digest is not the one the event would be stored with, and so
    /// not found.</summary>
    /// <returns>Null = the document must be read; it may be anything.</returns>
    public static Claim? Claim(ReadOnlySpan<byte> document)
    {
        if (!EnvelopeReader.TrySkim(document, out var skimmed))
            return null;
        Span<byte> sequence = stackalloc byte[20];
        var digits = 0;
        skimmed.Sequence?.TryFormat(sequence, out digits, default, CultureInfo.InvariantCulture);
        try
        {
            var digest = EventDigest.For(
                skimmed.Type, skimmed.Subject, skimmed.Time, sequence[..digits], skimmed.EffectiveOn, skimmed.Actor,
                skimmed.Data);
            return new(
                Encoding.UTF8.GetString(skimmed.Source), Encoding.UTF8.GetString(skimmed.Id), skimmed.Stream(),
                EventKey.For(skimmed.Source, skimmed.Id), digest);
        }
        catch (MalformedJsonException)
        {
            return null;
        }
    }

    /// <summary>Stored bytes → the event they hold.</summary>
    /// <exception cref="JsonException">The body is not of its type's shape.</exception>
    /// <exception cref="ArgumentException">The catalogue has no such type.</exception>
    /// <exception cref="FormatException">A header that orders or dates the event is missing or spoilt.</exception>
    public static RecordedEvent Event(StoredEvent stored)
    {
        var headers = stored.Headers;
        if (!LedgerJson.TryInstant(headers.GetValueOrDefault(HeaderNames.Time), out var time))
            throw new FormatException($"the event at {stored.Position} does not say when it happened");
        if (!LedgerJson.TryDate(headers.GetValueOrDefault(HeaderNames.EffectiveOn), out var effectiveOn))
            throw new FormatException($"the event at {stored.Position} does not say which date it counts from");
        var definition = EventCatalog.Find(stored.Type);
        // PostgreSQL writes some numbers otherwise than they were said.
        var data = definition.HasJsonText ? CanonicalJson.Of(stored.Data.Span) : stored.Data.Span;
        return new(
            stored.Position, stored.Source, stored.Id, stored.Stream, stored.Type, time, effectiveOn,
            headers.TryGetValue(HeaderNames.Sequence, out var sequence)
                ? long.Parse(sequence, CultureInfo.InvariantCulture)
                : null,
            stored.Actor, stored.RecordedAt, definition.ReadStored(data));
    }

    private static readonly string[] TimeBases =
        [.. Enum.GetNames<TimeBasis>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    private static List<KeyValuePair<string, string>> Headers(Envelope envelope)
    {
        List<KeyValuePair<string, string>> headers =
        [
            new(HeaderNames.Time, LedgerJson.WriteInstant(envelope.Time)),
            new(HeaderNames.TimeBasis, TimeBases[(int)envelope.TimeBasis]),
            new(HeaderNames.EffectiveOn, Date(envelope.CountsFrom)!),
        ];
        if (Sequence(envelope) is { } sequence) headers.Add(new(HeaderNames.Sequence, sequence));
        if (envelope.Traceparent is { } traceparent) headers.Add(new(HeaderNames.Traceparent, traceparent));
        if (Links(envelope) is { Length: > 0 } links)
            headers.Add(new(HeaderNames.Links, Encoding.UTF8.GetString(links)));
        return headers;
    }

    /// <summary>All a snapshot says, body and envelope, without when it was so and when somebody looked.</summary>
    private static byte[] SnapshotDigest(Envelope envelope, EventDefinition definition, Snapshot snapshot) =>
        EventDigest.For(
            envelope.Type, envelope.Subject, null, null, Date(envelope.EffectiveOn), envelope.Actor, Links(envelope),
            CanonicalJson.Of(definition.WriteOrdered(snapshot with { ObservedAt = null })));

    private static string? Sequence(Envelope envelope) => envelope.Sequence?.ToString(CultureInfo.InvariantCulture);

    private static byte[] Links(Envelope envelope) => envelope.Links.Count == 0
        ? []
        : CanonicalJson.Of(JsonSerializer.SerializeToUtf8Bytes(envelope.Links, LedgerJson.Options));

    private static string? Date(NodaTime.LocalDate? date) =>
        date is { } day ? NodaTime.Text.LocalDatePattern.Iso.Format(day) : null;
}
