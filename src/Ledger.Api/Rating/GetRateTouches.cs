using Ledger.Projections;
using Ledger.Projections.Rating;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/rate-cards/{id}/touches</c>: the work that a card's prices change from a day on, and the
/// documents that asks for; JSON or text.</summary>
internal static class GetRateTouches
{
    public static readonly About About = new(
        "The work that a card's prices change from a day on, billed and unbilled, and the documents that asks for",
        Parameter.Path("id", "The card's entity id, or any of its streams, percent-encoded."),
        Parameter.Text("from", "The first service date looked at, such as 2026-03-01."),
        About.AtLeast)
    {
        Answer = typeof(System.Text.Json.JsonElement),
        Gives = RatingAnswer.Offered,
        Problems = [400, 404, 406, 503],
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        if (Accepts.Best(http.Request, RatingAnswer.Offered) is not { } media)
            return RatingAnswer.NotAcceptable();
        var asked = new Asked(http.Request.Query);
        asked.Required("from");
        var from = asked.Date("from");
        var id = Address.Between(http, "/v1/rate-cards/", "/touches");
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var rated = Address.IsStorable(id)
            ? await new RatingReader(source).Touches(id, from!.Value, cancellationToken)
            : null;
        return rated is null
            ? Problems.NotFound($"No rate card is known as '{id}'.")
            : RatingAnswer.Of(http, media, rated, RatingText.Write, RatingJson.Write);
    }
}
