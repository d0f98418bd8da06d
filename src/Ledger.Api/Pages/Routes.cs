namespace Ledger.Api.Pages;

/// <summary>The pages' addresses.</summary>
internal static class Routes
{
    public static void MapPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("").ExcludeFromDescription();
        pages.MapGet("/", ShowHome.Handle);
        pages.MapGet("/drift", ShowDrift.Handle);
        pages.MapGet("/unbilled", ShowUnbilled.Handle);
        pages.MapGet("/invoices", ShowInvoices.Handle);
        pages.MapGet("/invoices/{**id}", ShowInvoice.Handle);
        pages.MapGet("/streams/{kind}/{**id}", ShowStream.Handle);
        pages.MapGet("/entities/{kind}", ShowEntities.Handle);
        pages.MapGet("/entities/{kind}/{**id}", ShowEntity.Handle);
        pages.MapGet("/proposals", ShowProposals.Handle);
        pages.MapGet("/proposals/{id}", ShowProposal.Handle);
        pages.MapPost("/proposals/{id}", ShowProposal.Decide);
        pages.MapGet("/ledger.css", Stylesheet.Handle);
    }
}
