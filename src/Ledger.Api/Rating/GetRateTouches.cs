using Ledger.Projections;
using Ledger.Projections.Rating;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/rate-cards/{id}/touches</c>, and the same of contracts, resources and projects: the work that
/// their words change from a day on, and the documents that asks for; JSON or text.</summary>
/// <param name="what">What the addresses are called after.</param>
/// <param name="name">What one of them is called.</param>
/// <param name="changes">What of it changes work.</param>
internal sealed class GetRateTouches(string what, string name, string changes)
{
    public static readonly GetRateTouches[] All =
    [
        new("rate-cards", "rate card", "a card's prices"),
        new("contracts", "contract", "a contract's own prices, cards and ceilings"),
        new("resources", "resource", "a resource's role, grade and cost"),
        new("projects", "project", "the places on a project"),
    ];

    public string Address => $"/v1/{what}/";

    public About About { get; } = new(
        $"The work that {changes} change from a day on, billed and unbilled, and the documents that asks for",
        Parameter.Path("id", $"The {name}'s entity id, or any of its streams, percent-encoded."),
        Parameter.Text("from", "The first service date looked at, such as 2026-03-01."),
        About.AtLeast)
    {
        Answer = typeof(System.Text.Json.JsonElement),
        Gives = RatingAnswer.Offered,
        Problems = [400, 404, 406, 503],
    };

    public async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        if (Accepts.Best(http.Request, RatingAnswer.Offered) is not { } media)
            return RatingAnswer.NotAcceptable();
        var asked = new Asked(http.Request.Query);
        asked.Required("from");
        var from = asked.Date("from");
        var id = Ledger.Api.Address.Between(http, Address, "/touches");
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var kind = name.Replace(' ', '_');
        var rated = Ledger.Api.Address.IsStorable(id) && id.StartsWith(kind + "/", StringComparison.Ordinal)
            ? await new RatingReader(source).Touches(id, from!.Value, cancellationToken)
            : null;
        return rated is null
            ? Problems.NotFound($"No {name} is known as '{id}'.")
            : RatingAnswer.Of(http, media, rated, RatingText.Write, RatingJson.Write);
    }
}
