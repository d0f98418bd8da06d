using System.CommandLine;
using System.Text.Json;
using Ledger.Projections;
using Ledger.Projections.Drift;

namespace Ledger.Api;

/// <summary><c>ledger reconcile</c>: where the systems differ, in full.</summary>
internal static class ReconcileCommand
{
    private static readonly Option<long?> AsOf = new("--as-of")
    {
        Description = "As it was known at this position; where not said, as it is now.",
        HelpName = "POSITION",
    };

    private static readonly Option<FileInfo?> Truth = new("--truth")
    {
        Description = "Instead of the report: how what was planted in a made-up firm was found, by class. Exit code 1 "
            + "where something was missed, or found that was not planted.",
        HelpName = "FILE",
    };

    private static readonly Option<string> Format = Common.Format("text", "json");

    public static Command Create()
    {
        AsOf.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] }])
                result.AddError("--as-of takes a position, 0 or more.");
        });
        return new LedgerCommand("reconcile", "Compares what the systems say and reports where they differ.", """
            ledger reconcile
            ledger reconcile --format json > drift.json
            ledger reconcile --as-of 1200
            ledger reconcile --truth ./firm/truth.json
            """) { AsOf, Truth, Format }.OnLedger(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(Truth) is { Exists: false } missing)
            {
                Terminal.Note($"There is no file '{missing}'.");
                return Exit.Usage;
            }

            await using var ledger = await parsed.Open(cancellationToken);
            var report = parsed.GetValue(AsOf) is { } position
                ? DriftRun.Compute(await AsKnownAt(ledger, position, cancellationToken))
                : await Now(ledger, cancellationToken);
            if (parsed.GetValue(Truth) is { } truth)
                return await Check(ledger, report, truth.FullName, parsed.GetValue(Format)!, cancellationToken);
            await Write(ledger, report, parsed.GetValue(Format)!, cancellationToken);
            return Exit.Good;
        });
    }

    /// <summary>Writes how what was planted in a made-up firm was found.</summary>
    /// <param name="truth">The list of what was planted.</param>
    public static async Task<int> Check(
        OpenLedger ledger, DriftReport report, string truth, string format, CancellationToken cancellationToken)
    {
        var check = FaultCheck.Of(
            report, PlantedFault.Read(await File.ReadAllBytesAsync(truth, cancellationToken)),
            await EventIndex.Load(ledger.Source, report.Positions, cancellationToken));
        if (format == "text") check.WriteText(Console.Out);
        else
            Terminal.Write(JsonSerializer.Serialize(
                new { check.Classes, check.Faults, check.Missed, Alarms = check.Alarms.Select(a => a.Sentence) },
                JsonSerializerOptions.Web));
        return check.IsWhole ? Exit.Good : Exit.ProblemFound;
    }

    /// <summary>Everything the systems have said, once the views show it.</summary>
    private static async Task<DriftReport> Now(OpenLedger ledger, CancellationToken cancellationToken)
    {
        await Terminal.Project(ledger.Projector, cancellationToken);
        return await new DriftReader(ledger.Source).Full(cancellationToken);
    }

    private static async Task<World> AsKnownAt(OpenLedger ledger, long position, CancellationToken cancellationToken)
    {
        var head = await ledger.Store.Position(cancellationToken);
        if (position > head)
            throw new NotReadyException($"The ledger has come to position {head}; --as-of {position} is beyond it.");
        return await Worlds.AsOf(ledger.Store, position, cancellationToken);
    }

    private static async Task Write(
        OpenLedger ledger, DriftReport report, string format, CancellationToken cancellationToken)
    {
        if (format == "text")
        {
            report.WriteText(Console.Out);
            return;
        }

        await using var output = Console.OpenStandardOutput();
        report.WriteJson(output, await EventIndex.Load(ledger.Source, report.Positions, cancellationToken));
    }
}
