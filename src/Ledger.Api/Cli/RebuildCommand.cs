using System.CommandLine;
using Ledger.Projections;

namespace Ledger.Api;

/// <summary><c>ledger rebuild</c>: makes every view anew from the events.</summary>
internal static class RebuildCommand
{
    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Says what would change in money, and leaves the views as they are.",
    };

    private static readonly Option<bool> Approve = new("--approve")
    {
        Description = "Puts the new views in the place of the old ones also where that changes money.",
    };

    public static Command Create() => new LedgerCommand(
        "rebuild", "Makes every view anew from the events; the old ones serve until the new ones stand.", """
        ledger rebuild
        ledger rebuild --dry-run
        ledger rebuild --approve
        """) { DryRun, Approve }.OnLedger(Run);

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (dryRun, approve) = (parsed.GetValue(DryRun), parsed.GetValue(Approve));
        if (dryRun && approve)
        {
            Terminal.Note("--dry-run and --approve exclude each other.");
            return Exit.Usage;
        }

        await using var ledger = await parsed.Open(cancellationToken);
        MoneyDifference? shown = null;
        var reached = await Terminal.Watch("Rebuilding the views", progress => ledger.Projector.Rebuild(
            new Reporting<Progress>(p => progress(p.Done)),
            (difference, _) =>
            {
                shown = difference;
                return Task.FromResult(!dryRun && (approve || difference.IsNothing));
            },
            cancellationToken));
        if (shown is not null) Show(shown);
        if (reached is { } position)
            Terminal.Write(FormattableString.Invariant($"views rebuilt at position {position}"));
        else if (!dryRun)
            Terminal.Note("Money would change, so the views are as they were. 'ledger rebuild --approve' puts the new "
                + "ones in their place.");
        return reached is not null || dryRun ? Exit.Good : Exit.NotApproved;
    }

    private static void Show(MoneyDifference difference)
    {
        foreach (var line in MoneyDifferenceText.Lines(difference)) Terminal.Write(line);
        if (difference.IsNothing)
            Terminal.Write(FormattableString.Invariant($"no money changes, as of position {difference.Position}"));
    }
}

/// <summary>Hands progress on at once, on the thread that makes it.</summary>
internal sealed class Reporting<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
