using System.CommandLine;
using System.Globalization;
using Ledger.Connectors.Simulation;

namespace Ledger.Api;

/// <summary><c>ledger simulate</c>: writes a made-up firm, and what is wrong with it.</summary>
internal static class SimulateCommand
{
    private static readonly Option<long> Size = new("--size")
    {
        Description = "About how many events; at least 2000.",
        DefaultValueFactory = _ => 10_000,
        HelpName = "N",
    };

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "The same size and seed give the same files, byte for byte.",
        DefaultValueFactory = _ => 1,
        HelpName = "S",
    };

    private static readonly Option<DirectoryInfo> Out = new("--out")
    {
        Description = "The folder to write: one NDJSON file a system, 00-ledger.ndjson with their registration, "
            + "truth.json with the faults that were planted.",
        Required = true,
        HelpName = "DIR",
    };

    private static readonly Option<bool> Sound = new("--sound")
    {
        Description = "Plant no faults: the systems agree in everything.",
    };

    public static Command Create()
    {
        Size.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() < FirmSimulation.SizeMin)
                result.AddError($"--size is at least {FirmSimulation.SizeMin}.");
        });
        return new LedgerCommand(
            "simulate", "Makes up a firm: what each of its systems would deliver, and what is wrong with it.", """
            ledger simulate --size 10000 --seed 1 --out ./firm
            ledger append ./firm/*.ndjson
            ledger reconcile --truth ./firm/truth.json
            """) { Size, Seed, Out, Sound }.OnNothing((parsed, cancellationToken) =>
                Task.FromResult(Run(parsed, cancellationToken)));
    }

    private static int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = parsed.GetValue(Out)!.FullName;
        var written = FirmSimulation.Run(
            parsed.GetValue(Size), parsed.GetValue(Seed), folder, !parsed.GetValue(Sound),
            Terminal.IsInteractive ? Said : null,
            cancellationToken);
        foreach (var (file, events) in written.Events)
            Terminal.Write($"{file,-20} {events.ToString("N0", CultureInfo.InvariantCulture),12} events");
        Terminal.Write($"{"truth.json",-20} {written.Faults.ToString("N0", CultureInfo.InvariantCulture),12} faults");
        if (written.Absent > 0)
            Terminal.Note($"{written.Absent} kinds of fault have no record in a firm so small: absent, in truth.json");
        return Exit.Good;
    }

    private static void Said(long events) =>
        Terminal.Note($"{events.ToString("N0", CultureInfo.InvariantCulture)} events written");
}
