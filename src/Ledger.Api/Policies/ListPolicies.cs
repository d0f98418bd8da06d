using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/policies</c>: what finance agreed to leave alone, what it weighs and who looks at it.</summary>
internal static class ListPolicies
{
    public static readonly About About = new(
        "What is tolerated, how late systems may be, what money weighs, what statuses mean, who looks at what",
        Parameter.Text("of", "Only these: tolerance, lag, materiality, status_map or routing."),
        Parameter.Whole("after", "Begin after this policy's opened; 0 = at the beginning."),
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
        About.AtLeast)
    {
        Answer = typeof(PolicyPage),
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var of = asked.OneOf("of", "tolerance", "lag", "materiality", "status_map", "routing");
        var (after, limit) = asked.Page();
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var (position, day, found) = await GovernanceReader.Policies(source, of, after, limit, cancellationToken);
        At.Say(http, position);
        return TypedResults.Json(
            new PolicyPage(
                day is { } known ? LocalDatePattern.Iso.Format(known) : null,
                found.ConvertAll(view => PolicyAnswer.Told(view, day)), PolicyDefault.All,
                found.Count == limit ? found[^1].Opened : null),
            DoorJson.Plain.PolicyPage);
    }
}

/// <summary>Something finance agreed to.</summary>
/// <param name="Id">What to end it by.</param>
/// <param name="Kind">tolerance, lag, materiality, status_map or routing.</param>
/// <param name="Said">As its event states it.</param>
/// <param name="InForce">On the ledger's day.</param>
/// <param name="Opened">Position at which it came into the ledger.</param>
/// <param name="Position">Position of the event that said it last.</param>
public sealed record PolicyAnswer(
    string Id, string Kind, JsonElement Said, bool InForce, string Stream, long Opened, long Position, string At,
    string? Actor)
{
    internal static PolicyAnswer Told(DecidedView view, LocalDate? day)
    {
        var said = PolicyDecisions.SaidOf(view.Record.Fold.State)!;
        var (from, to, _) = PolicyDecisions.Span(said);
        return new(
            view.Record.Id, view.Record.Kind.Name,
            JsonElement.Parse(EventCatalog.Find(said).Write(said)),
            view.Record.IsLive && day is { } on && !(on < from) && !(on > to), view.Record.Stream, view.Opened,
            view.Record.Fold.Last, LedgerJson.WriteInstant(view.RecordedAt), view.Actor);
    }
}

/// <summary>What is left alone where nothing is agreed.</summary>
/// <param name="Class">A class of drift.</param>
/// <param name="Tolerance">In words.</param>
public sealed record PolicyDefault(string Class, string Tolerance)
{
    internal static readonly IReadOnlyList<PolicyDefault> All =
    [
        .. Projections.Drift.DefaultTolerances.All.Select(d => new PolicyDefault(Pages.Words.Name(d.Class), d.Words)),
    ];
}

/// <summary>A page of policies.</summary>
/// <param name="Day">The ledger's day, on which they are judged: the UTC date of its last event.</param>
/// <param name="Defaults">What holds where nothing is agreed.</param>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there is no more.</param>
public sealed record PolicyPage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Day, IReadOnlyList<PolicyAnswer> Items,
    IReadOnlyList<PolicyDefault> Defaults,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next);
