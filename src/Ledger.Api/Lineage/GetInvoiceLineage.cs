using Ledger.Projections;
using Ledger.Projections.Lineage;
using Ledger.Store;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/invoices/{id}/lineage</c>: where an invoice's money comes from and where it went, as JSON, text
/// or a picture.</summary>
internal static class GetInvoiceLineage
{
    private static readonly string[] Offered = ["application/json", "text/plain", "image/svg+xml"];

    public static readonly About About = new(
        "Where an invoice's money comes from and where it went",
        Parameter.Path("id", "The invoice's entity id, or any of its streams, percent-encoded."),
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
            return Problems.NotAcceptable($"A lineage is given as {string.Join(", ", Offered)}.");
        var id = Address.Between(http, "/v1/invoices/", "/lineage");
        if (await At.Views(http, projector, cancellationToken) is { } problem)
            return problem;
        var reading = Address.IsStorable(id)
            ? await new LineageReader(source, store).Invoice(id, cancellationToken)
            : null;
        if (reading is null)
            return Problems.NotFound($"No invoice is known as '{id}'.");
        At.Say(http, reading.AsKnownAt);
        http.Response.Headers.Vary = "Accept";
        return media switch
        {
            "text/plain" => TypedResults.Text(LineageText.Write(reading), "text/plain; charset=utf-8"),
            "image/svg+xml" => Picture(http, LineageSvg.Invoice(reading)),
            _ => TypedResults.Text(LineageJson.Write(reading), "application/json"),
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
