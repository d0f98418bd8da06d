using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/entities/{kind}</c>: each thing of a kind once, each field from its owner.</summary>
internal static class ListEntities
{
    public static readonly About About = new(
        "Each thing of a kind once, each field from its owner",
        Parameter.Path("kind", "Such as client or invoice."),
        Parameter.Whole("after", "Begin after this entity's opened; 0 = at the beginning."),
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
        About.AtLeast)
    {
        Answer = typeof(EntityListAnswer),
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(
        string kind, HttpContext http, NpgsqlDataSource source, Projector projector,
        CancellationToken cancellationToken)
    {
        if (!Kind.TryFind(kind, out _))
            return Problems.NotFound($"There is no kind '{kind}'.");
        var asked = new Asked(http.Request.Query);
        var after = asked.Whole("after", 0, long.MaxValue, 0);
        var limit = (int)asked.Whole("limit", 1, ListEvents.LimitMax, ListEvents.LimitDefault);
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var (position, entities) = await EntityReader.List(source, kind, after, limit, cancellationToken);
        At.Say(http, position);
        return TypedResults.Json(
            new EntityListAnswer(
                entities.ConvertAll(EntityAnswer.Of), entities.Count == limit ? entities[^1].Opened : null),
            DoorJson.Plain.EntityListAnswer);
    }
}

/// <summary><c>GET /v1/entities/{kind}/{id}</c>: one of them, by its id or by any stream that is the same thing.
/// </summary>
internal static class GetEntity
{
    public static readonly About About = new(
        "One thing, each field from its owner",
        Parameter.Path("kind", "Such as client or invoice."),
        Parameter.Path("id", "The entity's id, or any stream that is the same thing, percent-encoded."),
        About.AtLeast)
    {
        Answer = typeof(EntityAnswer),
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        var (kind, id) = Address.Pair(http, "/v1/entities/");
        if (await At.Views(http, projector, cancellationToken) is { } problem)
            return problem;
        var (position, entities) = Address.IsStorable(kind + id)
            ? await EntityReader.Find(source, kind, id, cancellationToken)
            : (projector.Position, []);
        At.Say(http, position);
        return entities is [var entity]
            ? TypedResults.Json(EntityAnswer.Of(entity), DoorJson.Plain.EntityAnswer)
            : Problems.NotFound($"No {kind} is known as '{id}'.");
    }
}

/// <summary>One thing as its owners say it is.</summary>
/// <param name="Opened">Position at which it came into the ledger.</param>
/// <param name="Changed">Position of the last event folded into it.</param>
/// <param name="PausedAt">Position of the first event that could not be folded; it stands still before that.</param>
/// <param name="Members">Streams that are the same thing, the first to come first.</param>
/// <param name="Fields">Field → value, source, stream and position of the event that asserts it.</param>
public sealed record EntityAnswer(
    string Id, string Kind, bool Live, long Opened, long Changed, long? PausedAt, IReadOnlyList<string> Members,
    JsonElement Fields)
{
    internal static EntityAnswer Of(EntityView view) => new(
        view.Id, view.Kind, view.Live, view.Opened, view.Changed, view.PausedAt, view.Members,
        JsonElement.Parse(view.Fields));
}

/// <summary>A page of entities.</summary>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there is no more.</param>
public sealed record EntityListAnswer(
    IReadOnlyList<EntityAnswer> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next);
