using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/streams/{kind}/{source}:{id}</c>: what one source says of one record, and every event it said it
/// with; all of them, or those by some times.</summary>
internal static class GetStream
{
    public static readonly About About = new(
        "What one source says of one record, and the events it said it with; now, or as it was",
        [
            Parameter.Path("kind", "Such as time or invoice."),
            Parameter.Path("id", "{source}:{id}; the id percent-encoded, or plain where that is unambiguous."),
            .. AskedTimes.Parameters,
            About.AtLeast,
        ])
    {
        Answer = typeof(StreamAnswer),
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource database, EventStore store, CancellationToken cancellationToken)
    {
        var stream = Address.After(http, "/v1/streams/");
        if (!StreamName.TryParse(stream, out var kind, out var source, out var id) || !Address.IsStorable(stream))
            return Problems.NotFound($"'{stream}' names no stream; a stream is {{kind}}/{{source}}:{{id}}.");
        var asked = new Asked(http.Request.Query);
        var when = AskedTimes.Of(asked);
        if ((asked.Problem ?? await At.Log(http, store, when.Position ?? 0, cancellationToken)) is { } problem)
            return problem;
        var times = await when.For(stream, database, cancellationToken);
        TimesAnswer.Say(http, times);
        var events = new List<(StoredEvent Stored, RecordedEvent Event)>();
        await foreach (var stored in store.ReadStream(stream, cancellationToken))
            if (Recorded.Event(stored) is var e && times.Includes(e))
                events.Add((stored, e));
        return events.Count == 0
            ? Problems.NotFound(
                $"No event of the stream '{stream}' is stored{(times.IsNow ? "" : " by the times asked")}.")
            : TypedResults.Json(
                StreamAnswer.Of(Kind.Find(kind), stream, source, id, events, times), DoorJson.Plain.StreamAnswer);
    }
}

/// <summary>One source's word on one record.</summary>
/// <param name="State">Its events folded in the source's own order; null while none of them could begin it.</param>
/// <param name="Deleted">Whether its source deleted it.</param>
/// <param name="Pending">Positions of events that wait for another to apply.</param>
/// <param name="Asserted">Field → position of the event that last changed it.</param>
/// <param name="Events">In order of arrival.</param>
/// <param name="Times">When this was so; null = now.</param>
public sealed record StreamAnswer(
    string Stream, string Kind, string Source, string Id, long Version,
    [property: System.Text.Json.Serialization.JsonIgnore(
        Condition = System.Text.Json.Serialization.JsonIgnoreCondition.Never)] JsonElement? State,
    bool Deleted, IReadOnlyList<long> Pending, IReadOnlyDictionary<string, long> Asserted,
    IReadOnlyList<EventAnswer> Events, TimesAnswer? Times = null)
{
    internal static StreamAnswer Of(
        Kind kind, string stream, string source, string id, List<(StoredEvent Stored, RecordedEvent Event)> events,
        Times times)
    {
        var fold = StreamFold.Fold(kind, events.Select(e => e.Event));
        return new(
            stream, kind.Name, source, id, events[^1].Stored.Version,
            fold.State is { } state ? StateJson.Of(kind, state) : null,
            fold.DeletedBy is not null, [.. fold.Pending], fold.Asserted,
            events.ConvertAll(e => EventAnswer.Of(e.Stored)), TimesAnswer.Of(times));
    }
}
