using System.CommandLine;
using Ledger.Api.Pages;

namespace Ledger.Api;

/// <summary>The table of contents: every command, every route.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => CommandLine.Run(Commands(), args);

    public static RootCommand Commands() => new(
        "ProServ.Ledger: what every system of a firm says of its engagements, kept as events, for ever, in order.")
    {
        DemoCommand.Create(), ServeCommand.Create(), MigrateCommand.Create(),
        AppendCommand.Create(), ImportCommand.Create(), SimulateCommand.Create(),
        SourceCommand.Create(), SchemaCommand.Create(), IdentityCommand.Create(), CoverageCommand.Create(),
        OwnershipCommand.Create(), OverrideCommand.Create(), PolicyCommand.Create(),
        ReconcileCommand.Create(), ProveCommand.Create(), ExceptionsCommand.Create(), SignOffCommand.Create(),
        LineageCommand.Create(), ProposeInvoiceCommand.Create(), ReRateCommand.Create(), RateTouchesCommand.Create(),
        RebuildCommand.Create(), VerifyCommand.Create(), VerifyReceiptCommand.Create(),
        SignedRootCommand.Create(), KeyCommand.Create(),
        ParkedCommand.Create(), RejectsCommand.Create(), ConflictsCommand.Create(),
    };

    public static void Routes(WebApplication app)
    {
        app.MapPost("/v1/events", AppendEvents.Handle).Says(AppendEvents.About);
        app.MapGet("/v1/events", ListEvents.Handle).Says(ListEvents.About);
        app.MapGet("/v1/receipts/{source}/{**id}", GetReceipt.Handle).Says(GetReceipt.About);
        app.MapGet("/v1/log/checkpoint", GetCheckpoint.Handle).Says(GetCheckpoint.About);
        app.MapGet("/v1/log/consistency", GetConsistency.Handle).Says(GetConsistency.About);
        app.MapGet("/v1/log/inclusion", GetInclusion.Handle).Says(GetInclusion.About);
        app.MapGet("/v1/log/keys", GetLogKeys.Handle).Says(GetLogKeys.About);
        app.MapGet("/v1/rejects", ListRejects.Handle).Says(ListRejects.About);
        app.MapGet("/v1/rejects/{number}", GetReject.Handle).Says(GetReject.About);
        app.MapPost("/v1/rejects/{number}/resubmit", ResubmitReject.Handle).Says(ResubmitReject.About);
        app.MapGet("/v1/conflicts", ListConflicts.Handle).Says(ListConflicts.About);
        app.MapGet("/v1/conflicts/{number}", GetConflict.Handle).Says(GetConflict.About);
        app.MapGet("/v1/streams/{kind}/{**id}", GetStream.Handle).Says(GetStream.About);
        app.MapGet("/v1/entities/{kind}", ListEntities.Handle).Says(ListEntities.About);
        app.MapGet("/v1/entities/{kind}/{**id}", GetEntity.Handle).Says(GetEntity.About);
        app.MapGet("/v1/entities/{kind}/{id}/lineage", GetTouchedInvoices.Handle).Says(GetTouchedInvoices.About);
        app.MapGet("/v1/entities/{kind}/{of}/{id}/lineage", GetTouchedInvoices.Handle).ExcludeFromDescription();
        app.MapGet("/v1/periods", ListPeriods.Handle).Says(ListPeriods.About);
        app.MapGet("/v1/identity/proposals", ListProposals.Handle).Says(ListProposals.About);
        app.MapGet("/v1/identity/proposals/{id}", GetProposal.Handle).Says(GetProposal.About);
        app.MapPost("/v1/identity/proposals/{id}/confirm", ConfirmProposal.Handle).Says(ConfirmProposal.About);
        app.MapPost("/v1/identity/proposals/{id}/reject", RejectProposal.Handle).Says(RejectProposal.About);
        app.MapPost("/v1/identity/link", LinkRecords.Handle).Says(LinkRecords.About);
        app.MapPost("/v1/identity/unlink", UnlinkRecords.Handle).Says(UnlinkRecords.About);
        app.MapGet("/v1/coverage/proposals", ListCoverageProposals.Handle).Says(ListCoverageProposals.About);
        app.MapGet("/v1/coverage/proposals/{id}", GetCoverageProposal.Handle).Says(GetCoverageProposal.About);
        app.MapPost("/v1/coverage/proposals/{id}/confirm", ConfirmCoverage.Handle).Says(ConfirmCoverage.About);
        app.MapPost("/v1/coverage/proposals/{id}/reject", RejectCoverage.Handle).Says(RejectCoverage.About);
        app.MapGet("/v1/ownership", ListOwnership.Handle).Says(ListOwnership.About);
        app.MapPost("/v1/ownership", AssignOwnership.Handle).Says(AssignOwnership.About);
        app.MapDelete("/v1/ownership/{**id}", WithdrawOwnership.Handle).Says(WithdrawOwnership.About);
        app.MapGet("/v1/overrides", ListOverrides.Handle).Says(ListOverrides.About);
        app.MapPost("/v1/overrides", SetOverride.Handle).Says(SetOverride.About);
        app.MapDelete("/v1/overrides/{id}", WithdrawOverride.Handle).Says(WithdrawOverride.About);
        app.MapGet("/v1/invoices/{id}/lineage", GetInvoiceLineage.Handle).Says(GetInvoiceLineage.About);
        app.MapGet("/v1/invoices/{kind}/{id}/lineage", GetInvoiceLineage.Handle).ExcludeFromDescription();
        app.MapPost("/v1/drift/runs", StartDriftRun.Handle).Says(StartDriftRun.About);
        app.MapGet("/v1/drift/runs", ListDriftRuns.Handle).Says(ListDriftRuns.About);
        app.MapGet("/v1/drift/runs/{id}", GetDriftRun.Handle).Says(GetDriftRun.About);
        app.MapGet("/v1/exceptions", ListExceptions.Handle).Says(ListExceptions.About);
        app.MapGet("/v1/exceptions/{id}", GetException.Handle).Says(GetException.About);
        app.MapPost("/v1/exceptions/{id}/{verb}", DecideException.Handle).Says(DecideException.About);
        app.MapGet("/v1/proof", GetProof.Handle).Says(GetProof.About);
        app.MapGet("/health/live", Health.Live).Says(Health.AboutLive);
        app.MapGet("/health/ready", Health.Ready).Says(Health.AboutReady);
        app.MapSignOffs();
        app.MapPolicies();
        app.MapRating(); app.MapBi();
        app.MapPages();
        app.MapOpenApi("/openapi/{documentName}.json");
    }
}
