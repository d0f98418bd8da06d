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

/// <summary>Stored bytes → the event they hold.</summary>
public static class Recorded
{
    /// <exception cref="System.Text.Json.JsonException">The body is not of its type's shape.</exception>
    /// <exception cref="ArgumentException">The catalogue has no such type.</exception>
    public static RecordedEvent Event(StoredEvent stored)
    {
        var headers = stored.Headers;
        LedgerJson.TryInstant(headers[HeaderNames.Time], out var time);
        LedgerJson.TryDate(headers.GetValueOrDefault(HeaderNames.EffectiveOn), out var effectiveOn);
        return new(
            stored.Position, stored.Source, stored.Id, stored.Stream, stored.Type, time, effectiveOn,
            headers.TryGetValue(HeaderNames.Sequence, out var sequence)
                ? long.Parse(sequence, System.Globalization.CultureInfo.InvariantCulture)
                : null,
            stored.Actor, stored.RecordedAt, EventCatalog.Find(stored.Type).Read(stored.Data.Span));
    }
}
