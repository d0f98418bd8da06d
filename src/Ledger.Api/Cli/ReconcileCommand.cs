using System.CommandLine;
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
            """) { AsOf, Format }.OnLedger(async (parsed, cancellationToken) =>
        {
            await using var ledger = await parsed.Open(cancellationToken);
            var report = parsed.GetValue(AsOf) is { } position
                ? DriftRun.Compute(await AsKnownAt(ledger, position, cancellationToken))
                : await Now(ledger, cancellationToken);
            await Write(ledger, report, parsed.GetValue(Format)!, cancellationToken);
            return Exit.Good;
        });
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
