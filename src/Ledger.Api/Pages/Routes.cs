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
        pages.MapGet("/proof", ShowProof.Handle);
        pages.MapGet("/invoices", ShowInvoices.Handle);
        pages.MapGet("/invoices/{**id}", ShowInvoice.Handle);
        pages.MapGet("/streams/{kind}/{**id}", ShowStream.Handle);
        pages.MapGet("/entities/{kind}", ShowEntities.Handle);
        pages.MapGet("/entities/{kind}/{**id}", ShowEntity.Handle);
        pages.MapPost("/entities/{kind}/{**id}", DecideEntity.Handle).WithRequestTimeout(DryRun.Patience);
        pages.MapGet("/proposals", ShowProposals.Handle);
        pages.MapGet("/proposals/coverage", ShowCoverageProposals.Handle);
        pages.MapGet("/proposals/coverage/{id}", ShowCoverageProposal.Handle);
        pages.MapPost("/proposals/coverage/{id}", ShowCoverageProposal.Decide);
        pages.MapGet("/proposals/{id}", ShowProposal.Handle);
        pages.MapPost("/proposals/{id}", ShowProposal.Decide);
        pages.MapGet("/exceptions", ShowExceptions.Handle);
        pages.MapGet("/exceptions/{id}", ShowException.Handle);
        pages.MapPost("/exceptions/{id}", ShowException.Decide);
        pages.MapGet("/sign-offs", ShowSignOffs.Handle);
        pages.MapPost("/sign-offs", ShowSignOffs.Sign);
        pages.MapGet("/ledger.css", Stylesheet.Handle);
    }
}
