using System.Diagnostics;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>ledger append --bulk FILE…</c>: files of lines, however long.</summary>
internal static class BulkAppend
{
    private const long ProblemsShownMax = 100;

    /// <summary>From so many stored events on the database's statistics are no longer of the data that is there.
    /// </summary>
    private const long AnalyzeFrom = 50_000;

    public static async Task<int> Run(
        OpenLedger ledger, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        Tally? tally = null;
        await Terminal.Watch(
            "Appending events",
            async progress =>
            {
                tally = new Tally(progress, ProblemsShownMax);
                foreach (var file in files)
                {
                    await using var stream = AppendCommand.Open(file);
                    await AppendCommand.Lines(ledger.Intake, file, stream, tally, cancellationToken);
                }

                return tally;
            },
            done => FormattableString.Invariant(
                $", {Rate(done, started):N0} a second, {tally!["duplicate"]:N0} duplicates"));
        if (tally!["appended"] >= AnalyzeFrom)
            await Analyze(ledger.Store, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Terminal.Write(FormattableString.Invariant(
            $"{tally}; {tally.Total:N0} events in {seconds:N1} s, {Rate(tally.Total, started):N0} a second"));
        return tally.Problems == 0 ? Exit.Good : Exit.ProblemFound;
    }

    private static async Task Analyze(EventStore store, CancellationToken cancellationToken)
    {
        Terminal.Note("Refreshing the database's statistics (ANALYZE) …");
        await store.Analyze(cancellationToken);
    }

    private static double Rate(long done, long started) => done / Stopwatch.GetElapsedTime(started).TotalSeconds;
}
