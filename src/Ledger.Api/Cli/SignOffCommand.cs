using System.CommandLine;
using System.CommandLine.Parsing;
using Ledger.Api.Pages;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Views;

namespace Ledger.Api;

/// <summary><c>ledger sign-off …</c>: what finance puts its name to.</summary>
internal static class SignOffCommand
{
    private const int PageSignOffs = 1_000;

    private static readonly Option<string?> Period = new("--period")
    {
        Description = "An accounting period by its name, or a month such as 2026-03.",
        HelpName = "NAME",
    };

    private static readonly Option<string?> From = DecisionOptions.OfDate("--from", "First day, instead of a period.");

    private static readonly Option<string?> To = DecisionOptions.OfDate("--to", "Last day, instead of a period.");

    private static readonly Option<long?> Seen = new("--position")
    {
        Description = "The position it was looked at; refused where something in the scope changed since.",
        HelpName = "POSITION",
    };

    private static readonly Option<bool> Tried = new("--dry-run")
    {
        Description = "Signs nothing; says what is open in the scope.",
    };

    private static readonly Option<bool> OnlyCount = new("--dry-run")
    {
        Description = "Only say how many it would be.",
    };

    public static Command Create() => new LedgerCommand(
        "sign-off", "Finance signs a legal entity's period as of a position. Whatever event changes something in it "
            + "later suspends it and is named; then it is signed again.", """
        ledger sign-off sign --entity legal_entity/erp:UK --period 2026-03 --reason "March closed" --dry-run
        ledger sign-off list
        ledger sign-off keep
        """) { List(), Sign(), Keep() };

    private static Command List() => new LedgerCommand(
        "list", "What was signed, whether it still counts, and what suspended it.", """
        ledger sign-off list
        """).OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        var any = false;
        for (var (after, more) = (0L, true); more;)
        {
            var (_, _, page) = await GovernanceReader.SignOffs(
                ledger.Source, null, after, PageSignOffs, cancellationToken);
            foreach (var found in page)
                Terminal.Write(Line(SignOffAnswer.Told(found)));
            any |= page.Count > 0;
            (after, more) = page.Count == PageSignOffs ? (page[^1].Opened, true) : (0, false);
        }

        if (!any)
            Terminal.Write("none");
        return Exit.Good;
    });

    private static Command Sign() => new LedgerCommand(
        "sign", "Puts your name to a scope as it is now.", """
        ledger sign-off sign --entity legal_entity/erp:UK --period 2026-03 --reason "March closed" --dry-run
        ledger sign-off sign --entity legal_entity/erp:UK --period 2026-03 --reason "March closed" --position 1204
        ledger sign-off sign --from 2026-01-01 --to 2026-03-31 --reason "first quarter"
        """)
        {
            OwnershipCommand.Entity, Period, From, To, Seen, DecisionOptions.Reason, DecisionOptions.Actor,
            DecisionOptions.EffectiveOn, Tried,
        }.OnLedger(async (parsed, cancellationToken) =>
    {
        var entity = parsed.GetValue(OwnershipCommand.Entity);
        var terms = new SignOffTerms(
            entity is null ? null : Proposed.RefOf(entity), parsed.GetValue(Period), parsed.Date(From),
            parsed.Date(To), parsed.GetValue(DecisionOptions.Reason)!, parsed.GetValue(Seen));
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        using var world = new LiveWorld(ledger.Source);
        using var drift = new LiveDrift(ledger.Source, ledger.Store);
        var now = new DriftNow(world, drift);
        var signOffs = new SignOffDecisions(
            decisions, now, new(decisions, now, ledger.Source), ledger.Store, ledger.Source);
        if (parsed.GetValue(Tried))
            return Shown(await signOffs.Look(terms, cancellationToken));
        var (id, told) = await signOffs.Sign(terms, parsed.DecidedBy(), cancellationToken);
        return await ledger.Told(told, async _ =>
            Line(SignOffAnswer.Told((await GovernanceReader.SignOff(ledger.Source, id, cancellationToken))!)),
            cancellationToken);
    });

    private static Command Keep() => new LedgerCommand(
        "keep", "Suspends what a later event touched. 'ledger serve' does it by itself, as it keeps exceptions.", """
        ledger sign-off keep --dry-run
        ledger sign-off keep
        """) { OnlyCount }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        using var world = new LiveWorld(ledger.Source);
        using var drift = new LiveDrift(ledger.Source, ledger.Store);
        var isTried = parsed.GetValue(OnlyCount);
        var keeper = new SignOffKeeper(decisions, new(world, drift), ledger.Source);
        var kept = await keeper.Keep(isTried, cancellationToken);
        await ledger.Projector.CatchUp(null, cancellationToken);
        Terminal.Write(
            Words.Number(kept.Suspended) + (isTried ? " to suspend" : " suspended")
            + $", looked at up to position {DecimalText.Write(kept.Position)}");
        return Exit.Good;
    });

    private static int Shown((SignOffLook? Look, ProblemAnswer? Problem) looked)
    {
        if (looked.Look is not { } look)
        {
            Terminal.Note(looked.Problem!.Detail);
            return Exit.ProblemFound;
        }

        Terminal.Write(
            $"{Words.Date(look.From)} to {Words.Date(look.To)} as of position "
            + $"{DecimalText.Write(look.At.World.Position)}: {Words.Plural(look.Seen.Records, "record")}, "
            + $"{Words.Plural(look.Seen.Open.Count, "exception")} open, {Words.Number(look.Seen.Accepted)} accepted, "
            + $"{Words.Number(look.Breaks)} that do not foot");
        foreach (var open in look.Seen.Classes)
            Terminal.Write(
                $"{open.Class}: {Words.Number(open.Exceptions)}"
                + (open is { Amount: { } sum, Currency: { } of } ? $", {Words.Money(new(sum, of))}" : ""));
        return Exit.Good;
    }

    private static string Line(SignOffAnswer found) =>
        $"{found.Id} {found.Status} {found.From} to {found.To} {found.Entity ?? "the whole firm"}, as of position "
        + $"{DecimalText.Write(found.Known)}; {found.By}, {found.At}: {found.Reason}"
        + (found.Suspension is { } why ? $" | {why.Sentence}" : "");
}
