using System.CommandLine;
using System.Diagnostics;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;

namespace Ledger.Api;

/// <summary><c>ledger demo</c>: a small firm, in at the door and out as differences, a lineage and pages.</summary>
internal static class DemoCommand
{
    private static readonly Option<bool> ExitThere = new("--exit")
    {
        Description = "Stop after the reports instead of serving the pages.",
    };

    public static Command Create() => new LedgerCommand(
        "demo", "Loads a small firm whose systems disagree, says where, shows one lineage, and serves the pages.", """
        ledger demo
        ledger demo --exit
        ledger demo --data ./demo --urls http://127.0.0.1:8080
        """) { ExitThere }.WithUrls().OnLedger(async (parsed, cancellationToken) =>
    {
        if (SampleFiles() is not { Count: > 0 } samples)
        {
            Terminal.Note("The sample firm is not here: run the demo from a checkout, or from where it was published.");
            return Exit.ProblemFound;
        }

        await using var ledger = await parsed.Open(cancellationToken, migrate: true);
        var tally = await AppendCommand.Append(ledger.Intake, samples, cancellationToken);
        Terminal.Write("Verdicts: " + tally);
        await Report(ledger, cancellationToken);
        var ending = tally.Problems == 0 ? Exit.Good : Exit.ProblemFound;
        if (parsed.GetValue(ExitThere))
            return ending;
        var served = await ServeCommand.Serve(ledger, parsed.GetValue(Common.Urls)!, true, Browse, cancellationToken);
        return served == Exit.Good ? ending : served;
    });

    private static async Task Report(OpenLedger ledger, CancellationToken cancellationToken)
    {
        await Terminal.Project(ledger.Projector, cancellationToken);
        var report = DriftRun.Compute(await Worlds.Load(ledger.Source, cancellationToken));
        Terminal.Write("");
        report.WriteText(Console.Out);
        var invoice = report.Findings.SelectMany(f => f.Streams)
            .FirstOrDefault(stream => stream.StartsWith("invoice/", StringComparison.Ordinal));
        if (invoice is null)
            return;
        var reading = await new LineageReader(ledger.Source, ledger.Store).Invoice(invoice, cancellationToken);
        Terminal.Write($"\nLineage of {invoice}:");
        Console.Out.Write(LineageText.Write(reading!));
    }

    /// <summary>The sample firm's files, beside the program or in the checkout it was built in.</summary>
    private static List<string> SampleFiles()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var folder = Path.Combine(at.FullName, "samples", "firm");
            if (Directory.Exists(folder))
                return [.. Directory.GetFiles(folder, "*.ndjson").Order(StringComparer.Ordinal)];
        }

        return [];
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
