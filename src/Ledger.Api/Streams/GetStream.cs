using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>GET /v1/streams/{kind}/{source}:{id}</c>: what one source says of one record, and every event it said it
/// with.</summary>
internal static class GetStream
{
    public static readonly About About = new(
        "What one source says of one record, and the events it said it with",
        Parameter.Path("kind", "Such as time or invoice."),
        Parameter.Path("id", "{source}:{id}; the id percent-encoded, or plain where that is unambiguous."),
        About.AtLeast)
    {
        Answer = typeof(StreamAnswer),
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(HttpContext http, EventStore store, CancellationToken cancellationToken)
    {
        var stream = Address.After(http, "/v1/streams/");
        if (!StreamName.TryParse(stream, out var kind, out var source, out var id) || !Address.IsStorable(stream))
            return Problems.NotFound($"'{stream}' names no stream; a stream is {{kind}}/{{source}}:{{id}}.");
        if (await At.Log(http, store, cancellationToken) is { } problem)
            return problem;
        var events = new List<StoredEvent>();
        await foreach (var stored in store.ReadStream(stream, cancellationToken))
            events.Add(stored);
        return events.Count == 0
            ? Problems.NotFound($"No event of the stream '{stream}' is stored.")
            : TypedResults.Json(
                StreamAnswer.Of(Kind.Find(kind), stream, source, id, events), DoorJson.Plain.StreamAnswer);
    }
}

/// <summary>One source's word on one record.</summary>
/// <param name="State">Its events folded in the source's own order; null while none of them could begin it.</param>
/// <param name="Deleted">Whether its source deleted it.</param>
/// <param name="Pending">Positions of events that wait for another to apply.</param>
/// <param name="Asserted">Field → position of the event that last changed it.</param>
/// <param name="Events">In order of arrival.</param>
public sealed record StreamAnswer(
    string Stream, string Kind, string Source, string Id, long Version,
    [property: System.Text.Json.Serialization.JsonIgnore(
        Condition = System.Text.Json.Serialization.JsonIgnoreCondition.Never)] JsonElement? State,
    bool Deleted, IReadOnlyList<long> Pending, IReadOnlyDictionary<string, long> Asserted,
    IReadOnlyList<EventAnswer> Events)
{
    internal static StreamAnswer Of(Kind kind, string stream, string source, string id, List<StoredEvent> events)
    {
        var fold = StreamFold.Fold(kind, events.Select(Recorded.Event));
        return new(
            stream, kind.Name, source, id, events[^1].Version,
            fold.State is { } state ? StateJson.Of(kind, state) : null,
            fold.DeletedBy is not null, [.. fold.Pending], fold.Asserted, events.ConvertAll(EventAnswer.Of));
    }
}
