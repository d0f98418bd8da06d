using System.CommandLine;
using Ledger.Projections;
using Ledger.Projections.Lineage;

namespace Ledger.Api;

/// <summary><c>ledger lineage STREAM</c>: where an invoice's money comes from and where it went.</summary>
internal static class LineageCommand
{
    private static readonly Argument<string> Stream = new("STREAM")
    {
        Description = "The invoice, as invoice/{source}:{id}.",
    };

    private static readonly Option<string> Format = Common.Format("text", "json");

    public static Command Create() => new LedgerCommand(
        "lineage", "Walks from an invoice to the work, rates and terms behind it, and on to what became of it.", """
        ledger lineage invoice/billing:77
        ledger lineage invoice/billing:77 --format json
        """) { Stream, Format }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        var stream = parsed.GetValue(Stream)!;
        if (await new LineageReader(ledger.Source).Invoice(stream, cancellationToken) is not { } reading)
        {
            Terminal.Note($"No invoice is known as '{stream}'.");
            return Exit.ProblemFound;
        }

        var json = parsed.GetValue(Format) == "json";
        Console.Out.Write(json ? LineageJson.Write(reading) + "\n" : LineageText.Write(reading));
        return Exit.Good;
    });
}
