using System.CommandLine;
using System.Diagnostics;
using Ledger.Connectors.Simulation;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;

namespace Ledger.Api;

/// <summary><c>ledger demo</c>: a made-up firm, in at the door and out as differences, a lineage and pages.</summary>
internal static class DemoCommand
{
    private const long Events = 10_000;
    private const ulong Seed = 1;
    private const int MostMoney = 8;

    private static readonly Option<bool> ExitThere = new("--exit")
    {
        Description = "Stop after the reports instead of serving the pages.",
    };

    public static Command Create() => new LedgerCommand(
        "demo", "Makes up a firm whose systems disagree, says where, shows one lineage, and serves the pages.", """
        ledger demo
        ledger demo --exit
        ledger demo --data ./demo --urls http://127.0.0.1:8080
        """) { ExitThere }.WithUrls().OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken, migrate: true);
        var ending = await Load(ledger, cancellationToken);
        if (parsed.GetValue(ExitThere))
            return ending;
        var served = await ServeCommand.Serve(ledger, parsed.GetValue(Common.Urls)!, true, Browse, cancellationToken);
        return served == Exit.Good ? ending : served;
    });

    /// <summary>The same firm each time: loaded again, everything of it is there already.</summary>
    private static async Task<int> Load(OpenLedger ledger, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("ledger-demo-");
        try
        {
            FirmSimulation.Run(Events, Seed, folder.FullName, faults: true, null, cancellationToken);
            var files = Directory.GetFiles(folder.FullName, "*.ndjson").Order(StringComparer.Ordinal).ToArray();
            var tally = await AppendCommand.Append(ledger.Intake, files, cancellationToken);
            Terminal.Write("Verdicts: " + tally);
            await Report(ledger, Path.Combine(folder.FullName, "truth.json"), cancellationToken);
            return tally.Problems == 0 ? Exit.Good : Exit.ProblemFound;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task Report(OpenLedger ledger, string truth, CancellationToken cancellationToken)
    {
        await Terminal.Project(ledger.Projector, cancellationToken);
        var report = DriftRun.Compute(await Worlds.Load(ledger.Source, cancellationToken));
        report.WriteSummary(Console.Out, MostMoney);
        Terminal.Write("\nWhat was planted in this firm, and what was found of it:");
        await ReconcileCommand.Check(ledger, report, truth, "text", cancellationToken);
        var invoice = report.Findings.SelectMany(f => f.Streams)
            .FirstOrDefault(stream => stream.StartsWith("invoice/billing:", StringComparison.Ordinal));
        if (invoice is null)
            return;
        var reading = await new LineageReader(ledger.Source, ledger.Store).Invoice(invoice, cancellationToken);
        Terminal.Write($"\nLineage of {invoice}:");
        Console.Out.Write(LineageText.Write(reading!));
    }

    /// <summary>Shows the pages to a person who sits there.</summary>
    private static void Browse(string url)
    {
        var hasScreen = !OperatingSystem.IsLinux()
            || (Environment.GetEnvironmentVariable("DISPLAY") ?? Environment.GetEnvironmentVariable("WAYLAND_DISPLAY"))
                is { Length: > 0 };
        if (!Terminal.IsInteractive || !hasScreen)
            return;
        try
        {
            Process.Start(new ProcessStartInfo(url) { UseShellExecute = true })?.Dispose();
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            Terminal.Note($"No browser opens by itself; go to {url}.");
        }
    }
}
