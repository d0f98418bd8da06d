using Ledger.Projections;
using Ledger.Projections.Lineage;
using Ledger.Store;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/invoices/{id}/lineage</c>: where an invoice's money comes from and where it went, as JSON, text
/// or a picture; now, as it was, or since it was issued.</summary>
internal static class GetInvoiceLineage
{
    /// <summary>What a picture is compared with, in words.</summary>
    public const string AsKnownThen = "Since it was issued, against what the ledger knew then";

    public const string AsStatedThen = "Since it was issued, against what the systems had stated by then";

    private static readonly string[] Offered = ["application/json", "text/plain", "image/svg+xml"];

    public static readonly About About = new(
        "Where an invoice's money comes from and where it went; now, or as it was",
        [
            Parameter.Path("id", "The invoice's entity id, or any of its streams, percent-encoded."),
            Parameter.Text(
                "compare", "issued: beside it as it was known, and as it was stated, when the invoice was issued, with "
                + "the difference. A picture marks what is different from what was known then; stated: from what was "
                + "stated by then."),
            .. AskedTimes.Parameters,
            About.AtLeast,
        ])
    {
        Answer = typeof(System.Text.Json.JsonElement),
        Gives = Offered,
        Problems = [400, 404, 406, 503],
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, EventStore store, Projector projector,
        CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var when = AskedTimes.Of(asked);
        var compare = asked.OneOf("compare", "issued", "stated");
        var compared = compare is not null;
        if (compared && !when.IsNow)
            asked.Refuse("compare", "compare is given without asOf, asStatedAt and asKnownAt");
        if (Accepts.Best(http.Request, Offered) is not { } media)
            return Problems.NotAcceptable($"A lineage is given as {string.Join(", ", Offered)}.");
        var id = Address.Between(http, "/v1/invoices/", "/lineage");
        if ((asked.Problem ?? await At.Views(http, projector, when, cancellationToken)) is { } problem)
            return problem;
        if (!Address.IsStorable(id))
            return Problems.NotFound($"No invoice is known as '{id}'.");
        http.Response.Headers.Vary = "Accept";
        var reader = new LineageReader(source, store);
        if (compared)
            return await SinceIssued(http, reader, id, media, compare == "stated", cancellationToken);
        var times = await when.For(id, source, cancellationToken);
        if (await reader.Invoice(id, times, cancellationToken) is not { } reading)
            return Problems.NotFound(times.IsNow
                ? $"No invoice is known as '{id}'."
                : $"No invoice was known as '{id}' at the times asked.");
        At.Say(http, reading.AsKnownAt);
        TimesAnswer.Say(http, times);
        return media switch
        {
            "text/plain" => TypedResults.Text(LineageText.Write(reading), "text/plain; charset=utf-8"),
            "image/svg+xml" => Picture(http, LineageSvg.Invoice(reading)),
            _ => TypedResults.Text(LineageJson.Write(reading), "application/json"),
        };
    }

    private static async Task<IResult> SinceIssued(
        HttpContext http, LineageReader reader, string id, string media, bool stated,
        CancellationToken cancellationToken)
    {
        var (now, comparison) = await reader.SinceIssued(id, cancellationToken);
        if (comparison is null)
            return Problems.NotFound(
                now is null ? $"No invoice is known as '{id}'." : $"The invoice '{id}' was never issued.");
        At.Say(http, comparison.Now.AsKnownAt);
        return media switch
        {
            "text/plain" => TypedResults.Text(LineageText.Write(comparison), "text/plain; charset=utf-8"),
            "image/svg+xml" => Picture(http, stated
                ? LineageSvg.Since(comparison.Now, comparison.AsStated, AsStatedThen)
                : LineageSvg.Since(comparison.Now, comparison.AsKnown, AsKnownThen)),
            _ => TypedResults.Text(LineageJson.Write(comparison), "application/json"),
        };
    }

    /// <summary>A picture is a document of its own to a browser; this one may load and run nothing.</summary>
    private static ContentHttpResult Picture(HttpContext http, string svg)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Text(svg, "image/svg+xml");
    }
}
