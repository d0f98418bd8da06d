using System.CommandLine;
using Ledger.Projections;

namespace Ledger.Api;

/// <summary><c>ledger verify</c>: recomputes the log and the views, and names the first row that differs.</summary>
internal static class VerifyCommand
{
    public static Command Create() => new LedgerCommand(
        "verify", "Recomputes every hash of the log and every view, and names the first row that differs.", """
        ledger verify
        ledger verify --database "Host=db;Database=ledger;Username=ledger"
        """).OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        var log = await Terminal.Watch("Verifying the log", progress =>
            ledger.Store.Verify(new Reporting<long>(progress), cancellationToken));
        if (log.First is { } broken)
        {
            Terminal.Write($"{broken.Table}: {broken.What}");
            return Exit.ProblemFound;
        }

        Terminal.Write(FormattableString.Invariant($"{log.Events} events as sealed, root {Problems.Hex(log.Root)}"));
        await ledger.Projector.CatchUp(null, cancellationToken);
        var views = await Terminal.Watch("Verifying the views", progress =>
            ledger.Projector.VerifyViews(new Reporting<Progress>(p => progress(p.Done)), cancellationToken));
        Terminal.Write(views is null ? "views equal the events" : Said(views));
        return views is null ? Exit.Good : Exit.ProblemFound;
    });

    private static string Said(ViewDifference found) =>
        $"{found.Table} {found.Key} {found.Column}: the view says {found.Stored ?? "nothing"}, "
        + $"the events say {found.Folded ?? "nothing"}";
}
