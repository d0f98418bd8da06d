using System.CommandLine;
using Ledger.Projections;
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

    private static readonly Option<bool> SinceIssued = new("--since-issued")
    {
        Description = "Also what came, went and changed since the invoice was issued.",
    };

    private static readonly Option<long?> AsKnownAt = new("--as-known-at")
    {
        Description = "An invoice's lineage as the ledger knew it at this position.",
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
        ledger lineage invoice/billing:77 --since-issued
        ledger lineage "rate_card/clm:7#senior"
        """)
    {
        Stream, Invoices, SinceIssued, AsKnownAt, After, Limit, Format,
    }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        var (stream, json) = (parsed.GetValue(Stream)!, parsed.GetValue(Format) == "json");
        var reader = new LineageReader(ledger.Source, ledger.Store);
        var isInvoice = stream.StartsWith("invoice/", StringComparison.Ordinal) && !parsed.GetValue(Invoices);
        var text = isInvoice
            ? await Invoice(reader, parsed, stream, json, cancellationToken)
            : await reader.Touching(
                stream, parsed.GetValue(After), Math.Clamp(parsed.GetValue(Limit), 1, LineageReader.PageMax),
                cancellationToken) is { } touched
                ? json ? LineageJson.Write(touched) : LineageText.Write(touched)
                : null;
        if (text is null)
        {
            Terminal.Note(isInvoice && parsed.GetValue(SinceIssued)
                ? $"No issued invoice is known as '{stream}'."
                : $"No {(isInvoice ? "invoice" : "record")} is known as '{stream}'.");
            return Exit.ProblemFound;
        }

        Console.Out.Write(json ? text + "\n" : text);
        return Exit.Good;
    });

    private static async Task<string?> Invoice(
        LineageReader reader, ParseResult parsed, string stream, bool json, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(SinceIssued))
        {
            var (_, comparison) = await reader.SinceIssued(stream, cancellationToken);
            return comparison is null ? null : json ? LineageJson.Write(comparison) : LineageText.Write(comparison);
        }

        var times = new Times(AsKnownAt: parsed.GetValue(AsKnownAt));
        return await reader.Invoice(stream, times, cancellationToken) is not { } reading ? null
            : json ? LineageJson.Write(reading) : LineageText.Write(reading);
    }
}
