using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using Microsoft.AspNetCore.Http.HttpResults;
using NodaTime;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/entities/{kind}</c>: each thing of a kind once, each field from its owner; now, or as it was.
/// </summary>
internal static class ListEntities
{
    public static readonly About About = new(
        "Each thing of a kind once, each field from its owner; now, or as it was",
        [
            Parameter.Path("kind", "Such as client or invoice."),
            Parameter.Whole("after", "Go on after this: the next of the page before; 0 = at the beginning."),
            Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
            Parameter.Truth("live", "Only those that a source still has, or only those that none has."),
            Parameter.Text("source", "Only what this system tells of."),
            Parameter.Text("legalEntity", "Only what belongs to this legal entity, by any of its streams."),
            Parameter.Text("number", "Only what one of its systems gives this business number."),
            Parameter.Whole("changedAfter", "Only what an event after this position was folded into."),
            Parameter.Text("q", "What is looked for: a field, or what lies within it, and its value, such as "
                + "status=issued, lines.bills.ref.id=4711 or client=client/crm:C-1; or a text, wherever it stands."),
            .. AskedTimes.Parameters,
            About.AtLeast,
        ])
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
        var (after, limit) = asked.Page();
        var filter = Filter(asked);
        var when = AskedTimes.Of(asked);
        if ((asked.Problem ?? await At.Views(http, projector, when, cancellationToken)) is { } problem)
            return problem;
        if (when.IsNow)
            return Answer(
                http, await EntityReader.List(source, kind, after, limit, filter, cancellationToken), Times.Now);

        var times = filter.LegalEntity is { } whose
            ? await when.For(whose, source, cancellationToken)
            : await when.In(DateTimeZone.Utc, source, cancellationToken);
        return Answer(
            http, await EntityReader.List(source, kind, after, limit, filter, times, cancellationToken), times);
    }

    private static EntityFilter Filter(Asked asked) => new(
        asked.Flag("live"), asked.Text("source"), asked.Text("number"),
        asked.Text("changedAfter") is null ? null : asked.Whole("changedAfter", 0, long.MaxValue, 0),
        asked.Sought("q"), asked.Text("legalEntity"));

    private static JsonHttpResult<EntityListAnswer> Answer(HttpContext http, EntityPage page, Times times)
    {
        At.Say(http, page.Position);
        TimesAnswer.Say(http, times);
        return TypedResults.Json(
            new EntityListAnswer([.. page.Entities.Select(EntityAnswer.Of)], page.Next, TimesAnswer.Of(times)),
            DoorJson.Plain.EntityListAnswer);
    }
}

/// <summary><c>GET /v1/entities/{kind}/{id}</c>: one of them, by its id or by any stream that is the same thing; now,
/// or as it was.</summary>
internal static class GetEntity
{
    public static readonly About About = new(
        "One thing, each field from its owner; now, or as it was",
        [
            Parameter.Path("kind", "Such as client or invoice."),
            Parameter.Path("id", "The entity's id, or any stream that is the same thing, percent-encoded."),
            Parameter.Truth("who", "Also what each member says of each field, since when, whose word counts and why."),
            .. AskedTimes.Parameters,
            About.AtLeast,
        ])
    {
        Answer = typeof(EntityAnswer),
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector,
        CancellationToken cancellationToken)
    {
        var (kind, id) = Address.Pair(http, "/v1/entities/");
        var asked = new Asked(http.Request.Query);
        var (when, who) = (AskedTimes.Of(asked), asked.Truth("who", false));
        if ((asked.Problem ?? await At.Views(http, projector, when, cancellationToken)) is { } problem)
            return problem;
        if (!Address.IsStorable(kind + id))
            return Problems.NotFound($"No {kind} is known as '{id}'.");
        var times = await when.For(id, source, cancellationToken);
        var (position, entity, words) = await Read(source, kind, id, times, who, cancellationToken);
        At.Say(http, position);
        TimesAnswer.Say(http, times);
        if (entity is null)
            return Problems.NotFound(
                times.IsNow ? $"No {kind} is known as '{id}'." : $"No {kind} was known as '{id}' at the times asked.");
        return TypedResults.Json(
            EntityAnswer.Of(entity) with { Times = TimesAnswer.Of(times), Who = words }, DoorJson.Plain.EntityAnswer);
    }

    private static async Task<(long Position, EntityView? Entity, Dictionary<string, WordAnswer[]>? Words)> Read(
        NpgsqlDataSource source, string kind, string id, Times times, bool who, CancellationToken cancellationToken)
    {
        if (who)
        {
            var (position, entity, words) = await EntityReader.Who(source, kind, id, times, cancellationToken);
            return (position, entity, words.ToDictionary(w => w.Field, w => w.Words.Select(WordAnswer.Of).ToArray()));
        }

        if (!times.IsNow)
        {
            var (position, entity) = await EntityReader.Find(source, kind, id, times, cancellationToken);
            return (position, entity, null);
        }

        var (reached, entities) = await EntityReader.Find(source, kind, id, cancellationToken);
        return (reached, entities.SingleOrDefault(), null);
    }
}

/// <summary>One thing as its owners say it is.</summary>
/// <param name="Opened">Position at which it came into the ledger.</param>
/// <param name="Changed">Position of the last event folded into it.</param>
/// <param name="PausedAt">Position of the first event that could not be folded; it stands still before that.</param>
/// <param name="Members">Streams that are the same thing, the first to come first.</param>
/// <param name="Fields">Field → value, source, stream and position of the event that asserts it.</param>
/// <param name="LegalEntity">The legal entity it belongs to; null = not known.</param>
/// <param name="Times">When this was so; null = now.</param>
/// <param name="Who">Field → what each member says of it; null = not asked for.</param>
public sealed record EntityAnswer(
    string Id, string Kind, bool Live, long Opened, long Changed, long? PausedAt, IReadOnlyList<string> Members,
    JsonElement Fields, string? LegalEntity, TimesAnswer? Times = null,
    IReadOnlyDictionary<string, WordAnswer[]>? Who = null)
{
    internal static EntityAnswer Of(EntityView view) => new(
        view.Id, view.Kind, view.Live, view.Opened, view.Changed, view.PausedAt, view.Members,
        JsonElement.Parse(view.Fields), view.LegalEntity);
}

/// <summary>One record's word on a field.</summary>
/// <param name="Value">Null = it says nothing.</param>
/// <param name="Position">Of the event that asserts it.</param>
/// <param name="Counts">Whether it is the entity's value.</param>
/// <param name="Why">Why it counts, or does not.</param>
public sealed record WordAnswer(
    string Stream, string Source, JsonElement? Value, long? Position, bool Counts, string Why)
{
    internal static WordAnswer Of(MemberWord word) => new(
        word.Stream, word.Source,
        word.Value is { } value
            ? JsonSerializer.SerializeToElement(value, LedgerJson.Options.GetTypeInfo(value.GetType()))
            : null,
        word.Position, word.Counts, word.Why);
}

/// <summary>A page of entities.</summary>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there is no more. As of a time gone by, and
/// where something is looked for in very many, a page may be short, or empty, before the last.</param>
/// <param name="Times">When this was so; null = now.</param>
public sealed record EntityListAnswer(
    IReadOnlyList<EntityAnswer> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next,
    TimesAnswer? Times = null);
