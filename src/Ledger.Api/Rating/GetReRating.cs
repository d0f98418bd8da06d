using Ledger.Projections;
using Ledger.Projections.Rating;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/invoices/{id}/re-rating</c>: an issued invoice worked out again from what stands behind it, and
/// the difference taken apart to the cent; JSON or text.</summary>
internal static class GetReRating
{
    public static readonly About About = new(
        "An issued invoice worked out again, and the difference taken apart, with the events that made it",
        Parameter.Path("id", "The invoice's entity id, or any of its streams, percent-encoded."),
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
        var id = Address.Between(http, "/v1/invoices/", "/re-rating");
        if (await At.Views(http, projector, cancellationToken) is { } problem)
            return problem;
        var rated = Address.IsStorable(id) ? await new RatingReader(source).ReRating(id, cancellationToken) : null;
        return rated is null
            ? Problems.NotFound($"No invoice with a total is known as '{id}'.")
            : RatingAnswer.Of(http, media, rated, RatingText.Write, RatingJson.Write);
    }
}
