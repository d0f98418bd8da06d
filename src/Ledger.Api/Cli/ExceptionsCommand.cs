using System.CommandLine;
using Ledger.Api.Pages;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Views;

namespace Ledger.Api;

/// <summary><c>ledger exceptions …</c>: what has to be looked at, and what people say of it.</summary>
internal static class ExceptionsCommand
{
    private static readonly Argument<string> Id = new("ID") { Description = "The exception's id." };

    private static readonly Argument<string> To = new("TO") { Description = "A person or a team." };

    private static readonly Option<string?> Why = new("--reason")
    {
        Description = "Why it is asked.",
        HelpName = "TEXT",
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only say how many it would be." };

    private static readonly Option<string?> Until = DecisionOptions.OfDate(
        "--until", "The last day it is accepted; for good where not said.");

    public static Command Create() => new LedgerCommand(
        "exceptions", "What has to be looked at: differences beyond what is tolerated, and findings. They are opened "
            + "and closed by what the records say; a person explains, assigns, accepts or resolves them, or has "
            + "them looked at again.", """
        ledger exceptions keep
        ledger exceptions list --source erp --sort amount
        ledger exceptions assign 3f9ab0c21d4e5f67 "AR team" --reason "posting was never made"
        ledger exceptions accept 3f9ab0c21d4e5f67 --reason "below what is worth a credit note" --until 2026-12-31
        ledger exceptions replay 3f9ab0c21d4e5f67
        """)
        {
            Keep(), ExceptionsListing.Create(), Explain(), Assign(), Release(), Accept(), Resolve(), Replay(),
        };

    private static Command Keep() => new LedgerCommand(
        "keep", "Opens an exception for what has to be looked at and closes those whose cause has gone. 'ledger serve' "
            + "does it by itself for ledgers of up to 200,000 records.", """
        ledger exceptions keep --dry-run
        ledger exceptions keep
        """) { DryRun }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        var kept = await Keep(ledger, parsed.GetValue(DryRun), cancellationToken);
        Terminal.Write(FormattableString.Invariant(
            $"{kept.Opened} {(parsed.GetValue(DryRun) ? "to open" : "opened")}, {kept.Closed} ")
            + (parsed.GetValue(DryRun) ? "to close" : "closed")
            + (kept.Routed == 0 ? "" : FormattableString.Invariant($", {kept.Routed} for others by a rule")));
        return Exit.Good;
    });

    /// <summary>Brings the cases in line with the records.</summary>
    public static async Task<CasesKept> Keep(OpenLedger ledger, bool dryRun, CancellationToken cancellationToken)
    {
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        using var drift = new LiveDrift(ledger.Source, ledger.Store);
        var kept = await new CaseKeeper(decisions, drift, ledger.Source).Keep(dryRun, cancellationToken);
        await ledger.Projector.CatchUp(null, cancellationToken);
        return kept;
    }

    private static Command Explain() => new LedgerCommand("explain", "Says why it is so. It stays open.", """
        ledger exceptions explain 3f9ab0c21d4e5f67 --reason "credit note follows in April"
        """) { Id, DecisionOptions.Reason, DecisionOptions.Actor }.OnLedger((parsed, cancellationToken) => Say(
            parsed, cases => cases.Explain(
                parsed.GetValue(Id)!, parsed.GetValue(DecisionOptions.Reason)!, By(parsed), cancellationToken),
            cancellationToken));

    private static Command Assign() => new LedgerCommand("assign", "Says who looks at it.", """
        ledger exceptions assign 3f9ab0c21d4e5f67 "AR team" --reason "posting was never made"
        """) { Id, To, DecisionOptions.Reason, DecisionOptions.Actor }.OnLedger((parsed, cancellationToken) => Say(
            parsed, cases => cases.Assign(
                parsed.GetValue(Id)!, parsed.GetValue(To)!, parsed.GetValue(DecisionOptions.Reason)!, By(parsed),
                cancellationToken),
            cancellationToken));

    private static Command Release() => new LedgerCommand(
        "release", "Takes back that a person looks at it: whom a rule names does.", """
        ledger exceptions release 3f9ab0c21d4e5f67 --reason "they left"
        """) { Id, DecisionOptions.Reason, DecisionOptions.Actor }.OnLedger((parsed, cancellationToken) => Say(
            parsed, cases => cases.Release(
                parsed.GetValue(Id)!, parsed.GetValue(DecisionOptions.Reason)!, By(parsed), cancellationToken),
            cancellationToken));

    private static Command Accept() => new LedgerCommand(
        "accept", "Says that it may stay as it is, until a day or for good.", """
        ledger exceptions accept 3f9ab0c21d4e5f67 --reason "below what is worth a credit note" --until 2026-12-31
        """) { Id, DecisionOptions.Reason, Until, DecisionOptions.Actor }.OnLedger((parsed, cancellationToken) => Say(
            parsed, cases => cases.Accept(
                parsed.GetValue(Id)!, parsed.GetValue(DecisionOptions.Reason)!, parsed.Date(Until), By(parsed),
                cancellationToken),
            cancellationToken));

    private static Command Resolve() => new LedgerCommand(
        "resolve", "Says that it is settled, until the records say something else.", """
        ledger exceptions resolve 3f9ab0c21d4e5f67 --reason "agreed with the client"
        """) { Id, DecisionOptions.Reason, DecisionOptions.Actor }.OnLedger((parsed, cancellationToken) => Say(
            parsed, cases => cases.Resolve(
                parsed.GetValue(Id)!, parsed.GetValue(DecisionOptions.Reason)!, By(parsed), cancellationToken),
            cancellationToken));

    private static Command Replay() => new LedgerCommand(
        "replay", "Has it looked at again now: its records are folded from their events and compared anew.", """
        ledger exceptions replay 3f9ab0c21d4e5f67
        """) { Id, Why, DecisionOptions.Actor }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        using var drift = new LiveDrift(ledger.Source, ledger.Store);
        var keeper = new CaseKeeper(decisions, drift, ledger.Source);
        using var world = new LiveWorld(ledger.Source);
        var replay = new CaseReplay(decisions, keeper, drift, world, ledger.Projector, ledger.Store, ledger.Source);
        var (outcome, receipt, problem) = await replay.Run(
            parsed.GetValue(Id)!, parsed.GetValue(Why), By(parsed), cancellationToken);
        return await ledger.Told(
            (receipt, problem), _ => Task.FromResult(outcome!.Outcome), cancellationToken);
    });

    private static DecidedBy By(ParseResult parsed) => new(parsed.GetValue(DecisionOptions.Actor)!);

    private static async Task<int> Say(
        ParseResult parsed, Func<CaseDecisions, Task<(ItemAnswer?, ProblemAnswer?)>> say,
        CancellationToken cancellationToken)
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        var id = parsed.GetValue(Id)!;
        return await ledger.Told(await say(new(decisions, ledger.Source)), async _ =>
        {
            var now = (await CaseReader.Find(ledger.Source, id, cancellationToken)).Found!;
            return $"{id} {Words.Of(now.State.Status)}: {now.State.Sentence}";
        }, cancellationToken);
    }
}
