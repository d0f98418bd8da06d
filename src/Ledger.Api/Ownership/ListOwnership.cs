using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/ownership</c>: whose word counts: what was assigned, and what holds where nothing was.</summary>
internal static class ListOwnership
{
    public static readonly About About = new(
        "Whose word counts: what was assigned, and what holds where nothing was",
        Parameter.Text("of", "Only of this kind of record, such as client."),
        Parameter.Whole("after", "Begin after this assignment's opened; 0 = at the beginning."),
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
        About.AtLeast)
    {
        Answer = typeof(OwnershipPage),
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var of = asked.Kind("of");
        var (after, limit) = asked.Page();
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var (position, day, assigned) = await GovernanceReader.Ownership(source, of, after, limit, cancellationToken);
        At.Say(http, position);
        return TypedResults.Json(
            new OwnershipPage(
                day is { } known ? LocalDatePattern.Iso.Format(known) : null,
                assigned.ConvertAll(view => AssignmentAnswer.Told(view, day)), OwnerAnswer.Defaults(of),
                assigned.Count == limit ? assigned[^1].Opened : null),
            DoorJson.Plain.OwnershipPage);
    }
}

/// <summary>An assignment of ownership.</summary>
/// <param name="Id">What to withdraw it by.</param>
/// <param name="Of">The kind of record.</param>
/// <param name="Field">Null = every field.</param>
/// <param name="Entity">The legal entity it is limited to, as a stream; null = all.</param>
/// <param name="Roles">Whose word counts, the owner first.</param>
/// <param name="InForce">On the ledger's day.</param>
/// <param name="Opened">Position at which it came into the ledger.</param>
/// <param name="Position">Position of the event that said it last.</param>
public sealed record AssignmentAnswer(
    string Id, string Of, string? Field, string? Entity, IReadOnlyList<string> Roles, string? From, string? To,
    string? Reason, bool Withdrawn, bool InForce, string Stream, long Opened, long Position, string At, string? Actor)
{
    internal static AssignmentAnswer Told(DecidedView view, LocalDate? day)
    {
        var state = (OwnershipAssignment)view.Record.Fold.State!;
        return new(
            view.Record.Id, state.Of!, state.Field, state.Entity?.Stream(view.Record.Source),
            OwnerAnswer.Names(state.Roles), Date(state.From), Date(state.To), state.Reason, state.Withdrawn,
            view.Record.IsLive && day is { } known && state.IsInForce(known), view.Record.Stream, view.Opened,
            view.Record.Fold.Last, LedgerJson.WriteInstant(view.RecordedAt), view.Actor);
    }

    private static string? Date(LocalDate? date) => date is { } day ? LocalDatePattern.Iso.Format(day) : null;
}

/// <summary>Whose word counts for a kind, or for fields of it, where nothing is assigned.</summary>
/// <param name="Fields">Null = all that are not named on their own.</param>
public sealed record OwnerAnswer(string Of, IReadOnlyList<string>? Fields, IReadOnlyList<string> Roles)
{
    /// <param name="of">Only of this kind; null = of all.</param>
    internal static IReadOnlyList<OwnerAnswer> Defaults(string? of) =>
    [
        .. from kind in Kind.All
           where Projections.Ownership.HasOwner(kind) && (of is null || of == kind.Name)
           let whole = Projections.Ownership.Order(kind, "")
           from order in kind.Fields.GroupBy(field => Projections.Ownership.Order(kind, field.Name))
           let isWhole = order.Key.Equals(whole)
           orderby !isWhole
           select new OwnerAnswer(
               kind.Name, isWhole ? null : [.. order.Select(field => field.Name)], Names(order.Key)),
    ];

    internal static IReadOnlyList<string> Names(Items<Role> roles) =>
        [.. roles.Select(role => JsonNamingPolicy.SnakeCaseLower.ConvertName(role.ToString()))];
}

/// <summary>A page of assignments.</summary>
/// <param name="Day">The ledger's day, on which they are judged: the UTC date of its last event.</param>
/// <param name="Defaults">What holds where nothing is assigned.</param>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there is no more.</param>
public sealed record OwnershipPage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Day, IReadOnlyList<AssignmentAnswer> Items,
    IReadOnlyList<OwnerAnswer> Defaults,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next);
