using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Projections;
using Ledger.Projections.Identity;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/identity/proposals</c>: pairs that may be one thing, the likeliest first, for a person to
/// decide.</summary>
internal static class ListProposals
{
    public static readonly About About = new(
        "Pairs of entities that may be one thing, the likeliest first, with what speaks for it",
        Parameter.Text("kind", "Only of this kind, such as client."),
        Parameter.Text("min-confidence", "Only what is at least so likely: 0 to 1."),
        Parameter.Text("entity", "Only what this entity is part of: its id."),
        Parameter.Text("after", "Begin after this: the 'next' of the page before."),
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
        About.AtLeast)
    {
        Answer = typeof(ProposalPage),
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var wanted = new ProposalFilter(
            asked.Kind("kind"), asked.Fraction("min-confidence", 0m), asked.Text("entity"));
        var after = asked.Text("after");
        var limit = (int)asked.Whole("limit", 1, ListEvents.LimitMax, ListEvents.LimitDefault);
        ProposalPlace? place = null;
        if (after is not null)
        {
            if (!Proposed.TryPlace(after, out var read))
                return Problems.InvalidParameter("after", "after is the 'next' of the page before, as it was given");
            place = read;
        }

        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var (position, page) = await ProposalReader.List(source, wanted, place, limit, cancellationToken);
        At.Say(http, position);
        return TypedResults.Json(
            new ProposalPage(
                page.ConvertAll(ProposalAnswer.Of), page.Count == limit ? Proposed.Cursor(page[^1]) : null),
            DoorJson.Plain.ProposalPage);
    }
}

/// <summary><c>GET /v1/identity/proposals/{id}</c>: one of them.</summary>
internal static class GetProposal
{
    public static readonly About About = new(
        "One pair of entities that may be one thing", Parameter.Path("id", "The proposal's id."), About.AtLeast)
    {
        Answer = typeof(ProposalAnswer),
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(
        string id, HttpContext http, NpgsqlDataSource source, Projector projector,
        CancellationToken cancellationToken)
    {
        if (await At.Views(http, projector, cancellationToken) is { } problem)
            return problem;
        At.Say(http, projector.Position);
        return await ProposalReader.Find(source, id, cancellationToken) is { } proposal
            ? TypedResults.Json(ProposalAnswer.Of(proposal), DoorJson.Plain.ProposalAnswer)
            : IdentityDecisions.NoProposal(id);
    }
}

/// <summary>Two entities of one kind that may be one thing.</summary>
/// <param name="Id">Of the pair, the same for ever; the ledger's own link between them has it too.</param>
/// <param name="Confidence">From 0 to 1, two digits.</param>
/// <param name="Evidence">What speaks for it, for a person to read.</param>
/// <param name="Remedy">What can be done where confirming cannot join the two; null = it can.</param>
public sealed record ProposalAnswer(
    string Id, string Kind, string Confidence, ProposedAnswer A, ProposedAnswer B, JsonElement Evidence,
    string? Remedy)
{
    internal static ProposalAnswer Of(ProposalView view) => new(
        Proposal.IdOf(view.A, view.B), view.Kind, view.Confidence.ToString("0.00", CultureInfo.InvariantCulture),
        ProposedAnswer.Of(view.EntityA), ProposedAnswer.Of(view.EntityB), JsonElement.Parse(view.Evidence),
        Remedies.Of(view));
}

/// <summary>What can be done about two records of one system that are one thing.</summary>
internal static class Remedies
{
    /// <summary>Null = a person can join the two by confirming.</summary>
    public static string? Of(ProposalView proposal) => proposal.InBoth is [] ? null
        : $"{string.Join(" and ", proposal.InBoth)} {(proposal.InBoth.Count == 1 ? "has" : "have")} a live record of "
            + "both, and an entity has one of each system: confirming cannot join them. "
            + (proposal.Kind == Domain.Kind.Client.Name
                ? "Merge the two in that system; its client_merged makes them one here. "
                : "Delete one of them in that system, or have it state that one goes on as the other. ")
            + "If they are two things, reject it.";
}

/// <summary>One of the two, in short.</summary>
/// <param name="Entity">Its id.</param>
/// <param name="Sources">Who tells of it.</param>
public sealed record ProposedAnswer(string Entity, string? Name, string? Number, IReadOnlyList<string> Sources)
{
    internal static ProposedAnswer Of(ProposedEntity entity) =>
        new(entity.Id, entity.Name, entity.Number, entity.Sources);
}

/// <summary>A page of proposals.</summary>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there is no more.</param>
public sealed record ProposalPage(
    IReadOnlyList<ProposalAnswer> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next);
