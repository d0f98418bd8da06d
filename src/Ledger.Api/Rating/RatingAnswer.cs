using Ledger.Projections.Rating;

namespace Ledger.Api;

/// <summary>The addresses of rating, and how its answers are given.</summary>
internal static class RatingAnswer
{
    public static readonly string[] Offered = ["application/json", "text/plain"];

    // An id not percent-encoded has a slash in it.
    public static void MapRating(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/contracts/{id}/invoice-proposal", GetInvoiceProposal.Handle).Says(GetInvoiceProposal.About);
        app.MapGet("/v1/invoices/{id}/re-rating", GetReRating.Handle).Says(GetReRating.About);
        foreach (var touches in GetRateTouches.All)
            app.MapGet(touches.Address + "{id}/touches", touches.Handle).Says(touches.About);
        var plain = app.MapGroup("").ExcludeFromDescription();
        plain.MapGet("/v1/contracts/{kind}/{id}/invoice-proposal", GetInvoiceProposal.Handle)
            .WithMetadata(GetInvoiceProposal.About);
        plain.MapGet("/v1/invoices/{kind}/{id}/re-rating", GetReRating.Handle).WithMetadata(GetReRating.About);
        foreach (var touches in GetRateTouches.All)
            plain.MapGet(touches.Address + "{kind}/{id}/touches", touches.Handle).WithMetadata(touches.About);
    }

    public static IResult NotAcceptable() =>
        Problems.NotAcceptable($"Rating is given as {string.Join(", ", Offered)}.");

    public static IResult Of<T>(
        HttpContext http, string media, Rated<T> rated, Func<Rated<T>, string> text, Func<Rated<T>, string> json)
    {
        At.Say(http, rated.AsKnownAt);
        http.Response.Headers.Vary = "Accept";
        return media == "text/plain"
            ? TypedResults.Text(text(rated), "text/plain; charset=utf-8")
            : TypedResults.Text(json(rated), "application/json");
    }
}
