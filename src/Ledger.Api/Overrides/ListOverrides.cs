using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/overrides</c>: what people put over what owners say, what was taken back too.</summary>
internal static class ListOverrides
{
    public static readonly About About = new(
        "What people put over what owners say, in the order it came into the ledger",
        Parameter.Text("entity", "Only of this entity: its id, or any stream that is the same thing."),
        Parameter.Whole("after", "Begin after this override's opened; 0 = at the beginning."),
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
        About.AtLeast)
    {
        Answer = typeof(OverridePage),
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var entity = asked.Text("entity");
        var (after, limit) = asked.Page();
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var (position, day, found) = await GovernanceReader.Overrides(source, entity, after, limit, cancellationToken);
        At.Say(http, position);
        return TypedResults.Json(
            new OverridePage(
                day is { } known ? LocalDatePattern.Iso.Format(known) : null,
                found.ConvertAll(view => OverrideAnswer.Told(view, day)),
                found.Count == limit ? found[^1].Opened : null),
            DoorJson.Plain.OverridePage);
    }
}

/// <summary>A value that a person put over what the owner of a field says.</summary>
/// <param name="Id">What to take it back by.</param>
/// <param name="Of">The record it names, as a stream.</param>
/// <param name="Entity">What that belongs to; null = the ledger has no such record.</param>
/// <param name="Overrode">What the owners said then; absent where they said nothing.</param>
/// <param name="Until">The last day it counts; null = until it is taken back.</param>
/// <param name="InForce">On the ledger's day.</param>
/// <param name="Opened">Position at which it came into the ledger.</param>
/// <param name="Position">Position of the event that said it last.</param>
public sealed record OverrideAnswer(
    string Id, string? Of,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Entity, string? Field, JsonElement? Value,
    JsonElement? Overrode, string? Reason, string? Until, bool Withdrawn, bool InForce, string Stream, long Opened,
    long Position, string At, string? Actor)
{
    internal static OverrideAnswer Told(DecidedView view, LocalDate? day)
    {
        var state = (TruthOverride)view.Record.Fold.State!;
        return new(
            view.Record.Id, state.Of?.Stream(view.Record.Source), view.Target, state.Field, Json(state.Value),
            Json(state.Overrode), state.Reason, state.Until is { } until ? LocalDatePattern.Iso.Format(until) : null,
            state.Withdrawn, view.Record.IsLive && day is { } known && state.IsInForce(known), view.Record.Stream,
            view.Opened, view.Record.Fold.Last, LedgerJson.WriteInstant(view.RecordedAt), view.Actor);
    }

    private static JsonElement? Json(JsonText? text) => text is null ? null : JsonElement.Parse(text.Text);
}

/// <summary>A page of overrides.</summary>
/// <param name="Day">The ledger's day, on which they are judged: the UTC date of its last event.</param>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there is no more.</param>
public sealed record OverridePage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Day, IReadOnlyList<OverrideAnswer> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next);
