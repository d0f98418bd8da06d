using System.CommandLine;
using Ledger.Projections;

namespace Ledger.Api;

/// <summary><c>ledger rebuild</c>: makes every view anew from the events.</summary>
internal static class RebuildCommand
{
    public static Command Create() => new LedgerCommand(
        "rebuild", "Makes every view anew from the events; the old ones serve until the new ones stand.", """
        ledger rebuild
        """).OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        var reached = await Terminal.Watch("Rebuilding the views", progress =>
            ledger.Projector.Rebuild(new Reporting<Progress>(p => progress(p.Done)), cancellationToken));
        Terminal.Write(FormattableString.Invariant($"views rebuilt at position {reached}"));
        return Exit.Good;
    });
}

/// <summary>Hands progress on at once, on the thread that makes it.</summary>
internal sealed class Reporting<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
