using System.Globalization;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>One stored event: CloudEvents' names first, then where the ledger keeps it.</summary>
/// <param name="Source">The system that stated it.</param>
/// <param name="Subject">{kind}/{id}.</param>
/// <param name="Time">When its source says it happened; UTC, microseconds.</param>
/// <param name="EffectiveOn">The date it counts from.</param>
/// <param name="Version">In its stream, in order of arrival, from 1.</param>
/// <param name="RecordedAt">When the ledger stored it.</param>
public sealed record EventAnswer(
    long Position, string Source, string Id, string Type, string Subject, string? Time, string? TimeBasis,
    long? Sequence, string? EffectiveOn, string? Actor, string? CorrelationId, string? CausationId,
    string? Traceparent, JsonElement? Links, string Stream, long Version, string RecordedAt, JsonElement Data)
{
    internal static EventAnswer Of(StoredEvent stored)
    {
        var headers = stored.Headers;
        return new(
            stored.Position, stored.Source, stored.Id, stored.Type,
            $"{StreamName.KindOf(stored.Stream)}/{StreamName.IdOf(stored.Stream)}",
            headers.GetValueOrDefault(HeaderNames.Time), headers.GetValueOrDefault(HeaderNames.TimeBasis),
            headers.TryGetValue(HeaderNames.Sequence, out var sequence)
                ? long.Parse(sequence, CultureInfo.InvariantCulture)
                : null,
            headers.GetValueOrDefault(HeaderNames.EffectiveOn), stored.Actor, stored.CorrelationId, stored.CausationId,
            headers.GetValueOrDefault(HeaderNames.Traceparent),
            headers.TryGetValue(HeaderNames.Links, out var links) ? JsonElement.Parse(links) : null,
            stored.Stream, stored.Version, LedgerJson.WriteInstant(stored.RecordedAt),
            JsonElement.Parse(stored.Data.Span));
    }
}

/// <summary>A stretch of the log.</summary>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = the log ends here for now.</param>
public sealed record EventPage(
    IReadOnlyList<EventAnswer> Items,
    [property: System.Text.Json.Serialization.JsonIgnore(
        Condition = System.Text.Json.Serialization.JsonIgnoreCondition.Never)] long? Next);
