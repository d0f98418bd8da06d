using System.CommandLine;
using Ledger.Projections.Lineage;

namespace Ledger.Api;

/// <summary><c>ledger lineage STREAM</c>: where an invoice's money comes from and where it went; of any other record,
/// which invoices it has to do with.</summary>
internal static class LineageCommand
{
    private static readonly Argument<string> Stream = new("STREAM")
    {
        Description = "A record as {kind}/{source}:{id}, or a part of one with #part.",
    };

    private static readonly Option<bool> Invoices = new("--invoices")
    {
        Description = "The invoices that have to do with an invoice, instead of its own lineage.",
    };

    private static readonly Option<long> After = new("--after")
    {
        Description = "Go on after this: what the list before ended with.",
    };

    private static readonly Option<int> Limit = new("--limit")
    {
        Description = "Look at so many invoices at most, 1 to 200.",
        DefaultValueFactory = _ => 50,
    };

    private static readonly Option<string> Format = Common.Format("text", "json");

    public static Command Create() => new LedgerCommand(
        "lineage", "Walks from an invoice to the work, rates and terms behind it and on to what became of it; or from "
        + "any record to the invoices it has to do with.", """
        ledger lineage invoice/billing:77
        ledger lineage invoice/billing:77 --format json
        ledger lineage "rate_card/clm:7#senior"
        """) { Stream, Invoices, After, Limit, Format }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        var (stream, json) = (parsed.GetValue(Stream)!, parsed.GetValue(Format) == "json");
        var reader = new LineageReader(ledger.Source, ledger.Store);
        var isInvoice = stream.StartsWith("invoice/", StringComparison.Ordinal) && !parsed.GetValue(Invoices);
        var text = isInvoice
            ? await reader.Invoice(stream, cancellationToken) is { } reading
                ? json ? LineageJson.Write(reading) : LineageText.Write(reading)
                : null
            : await reader.Touching(
                stream, parsed.GetValue(After), Math.Clamp(parsed.GetValue(Limit), 1, LineageReader.PageMax),
                cancellationToken) is { } touched
                ? json ? LineageJson.Write(touched) : LineageText.Write(touched)
                : null;
        if (text is null)
        {
            Terminal.Note($"No {(isInvoice ? "invoice" : "record")} is known as '{stream}'.");
            return Exit.ProblemFound;
        }

        Console.Out.Write(json ? text + "\n" : text);
        return Exit.Good;
    });
}
