using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Ledger.Domain;
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

    private static readonly Option<bool> Record = new("--record")
    {
        Description = "Puts on record that everything was compared, with the report's digest: once for each position.",
    };

    private static readonly Option<string> Format = Common.Format("text", "json", "csv");

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
            ledger reconcile --format csv > drift.csv
            ledger reconcile --as-of 1200 --record
            ledger reconcile --truth ./firm/truth.json
            """) { AsOf, Truth, Record, DecisionOptions.Actor, Format }.OnLedger(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(Truth) is { Exists: false } missing)
            {
                Terminal.Note($"There is no file '{missing}'.");
                return Exit.Usage;
            }

            if (parsed.GetValue(Truth) is not null && parsed.GetValue(Record))
            {
                Terminal.Note("--truth shows how a report finds what was planted; --record keeps a report. Say one.");
                return Exit.Usage;
            }

            await using var ledger = await parsed.Open(cancellationToken);
            var report = parsed.GetValue(AsOf) is { } position
                ? DriftRun.Compute(await AsKnownAt(ledger, position, cancellationToken))
                : await Now(ledger, cancellationToken);
            if (parsed.GetValue(Truth) is { } truth)
                return await Check(ledger, report, truth.FullName, parsed.GetValue(Format)!, cancellationToken);
            await Write(ledger, report, parsed.GetValue(Format)!, cancellationToken);
            return parsed.GetValue(Record)
                ? await Keep(ledger, report, parsed.GetValue(DecisionOptions.Actor)!, cancellationToken)
                : Exit.Good;
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

    /// <summary>Says that the comparison was made; the same report of the same position stands as it was.</summary>
    private static async Task<int> Keep(
        OpenLedger ledger, DriftReport report, string actor, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        report.WriteJson(bytes, await EventIndex.Load(ledger.Source, report.Positions, cancellationToken));
        var headline = report.Headline;
        var said = new DriftRunCompleted(
            report.Position, Problems.Hex(SHA256.HashData(bytes.ToArray())), headline.Documents, headline.Agreeing,
            headline.Differing, headline.Differences,
            headline.Classes.Where(c => c.Weight is FindingWeight.Difference).Select(c => new OpenClass(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(c.Class.ToString()), c.Findings,
                c.Currency is null ? null : c.Over + c.Under, c.Currency)).ToItems());
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        var told = await decisions.Tell<CompletedRun>(
            Kind.DriftRun, DecimalText.Write(report.Position), "completed",
            before => before is null ? new(said)
                : before.Digest == said.Digest ? Decision.Stands
                : Decision.Not(Problems.InvalidCommand("/digest", "other_report", "Another report of this position is "
                    + "on record: another version of the program made it.")),
            new(actor), cancellationToken);
        if (told.Receipt is { } receipt)
            Terminal.Note(FormattableString.Invariant($"on record at position {receipt.Position}"));
        else
            Terminal.Note(told.Problem!.Detail);
        return told.Receipt is null ? Exit.ProblemFound : Exit.Good;
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
        var events = await EventIndex.Load(ledger.Source, report.Positions, cancellationToken);
        if (format == "text")
        {
            report.WriteText(Console.Out, events);
            return;
        }

        if (format == "csv")
        {
            report.WriteCsv(Console.Out, events);
            return;
        }

        await using var output = Console.OpenStandardOutput();
        report.WriteJson(output, events);
    }
}
