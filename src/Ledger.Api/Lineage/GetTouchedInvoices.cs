using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Lineage;
using Ledger.Store;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/entities/{kind}/{id}/lineage</c>: the invoices a record has to do with, as JSON or text.
/// </summary>
internal static class GetTouchedInvoices
{
    private const int LimitDefault = 50;

    private static readonly string[] Offered = ["application/json", "text/plain"];

    public static readonly About About = new(
        "Which invoices a record has to do with: those that rest on it, and those it leads back to",
        Parameter.Path("kind", "Such as rate_card or client."),
        Parameter.Path(
            "id", "The entity's id, any of its streams, or a part of one (rate_card/clm:7#senior), percent-encoded."),
        Parameter.Whole("after", "Go on after this: the next of the page before; 0 = at the beginning."),
        Parameter.Whole("limit", "Look at so many invoices at most: 1 to 200, 50 where not said."),
        About.AtLeast)
    {
        Answer = typeof(System.Text.Json.JsonElement),
        Gives = Offered,
        Problems = [400, 404, 406, 503],
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, EventStore store, Projector projector,
        CancellationToken cancellationToken)
    {
        if (Accepts.Best(http.Request, Offered) is not { } media)
            return Problems.NotAcceptable($"Invoices are given as {string.Join(", ", Offered)}.");
        var (kind, stream) = Address.Pair(http, "/v1/entities/", "/lineage");
        var asked = new Asked(http.Request.Query);
        var after = asked.Whole("after", 0, long.MaxValue, 0);
        var limit = (int)asked.Whole("limit", 1, LineageReader.PageMax, LimitDefault);
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var isOfKind = stream.StartsWith(kind + "/", StringComparison.Ordinal) && Kind.TryFind(kind, out _);
        var touched = isOfKind && Address.IsStorable(stream)
            ? await new LineageReader(source, store).Touching(stream, after, limit, cancellationToken)
            : null;
        if (touched is null)
            return Problems.NotFound($"No {kind} is known as '{stream}'.");
        At.Say(http, touched.AsKnownAt);
        http.Response.Headers.Vary = "Accept";
        return media == "text/plain"
            ? TypedResults.Text(LineageText.Write(touched), "text/plain; charset=utf-8")
            : TypedResults.Text(LineageJson.Write(touched), "application/json");
    }
}
