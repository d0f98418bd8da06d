using System.Text;
using Ledger.Domain;

namespace Ledger.Projections.Lineage;

public static partial class LineageText
{
    /// <summary>The invoices a record has to do with, each line with its way to the record.</summary>
    public static string Write(TouchedInvoices touched)
    {
        var text = new StringBuilder();
        var record = touched.Record;
        Put(text, 0, $"{record.Label} ({record.Stream})");
        if (touched.Invoices.Count == 0) Put(text, 1, "no invoice has to do with it");
        foreach (var invoice in touched.Invoices)
        {
            var d = invoice.Document;
            var net = d.Net is { } amount ? $"net {new Money(amount, d.Currency)}" : null;
            Put(text, 1, Describe.Joined(
                $"{Describe.Capital(d.Type)} {d.Number ?? invoice.Stream}"
                + (d.IssuedOn is { } on ? $" of {Describe.Date(on)}" : ""), Describe.Lower(d.Status), net)
                + $" ({invoice.Stream})");
            foreach (var line in invoice.Lines)
            {
                var of = line.Net is { } asks ? $"  {new Money(asks, d.Currency)}" : "";
                var share = line.Amount is { } exact && exact.Round(RoundingMode.HalfAwayFromZero) is var part
                    && part.Amount != line.Net ? $", of it {part}" : "";
                Put(text, 2, $"line {line.Line}{of}{share}");
                Way(text, 3, line.Way, touched.Events);
            }

            Way(text, 2, invoice.Way, touched.Events);
        }

        if (touched.Truncated) Put(text, 1, "… so many records refer to it that not all were followed");
        if (touched.Next is { } next) Put(text, 1, $"… more after {DecimalText.Write(next)}");
        return text.ToString();
    }

    private static void Way(
        StringBuilder text, int depth, Items<LineageEdge> way, IReadOnlyDictionary<long, EventRef> events)
    {
        foreach (var edge in way)
        {
            var basis = edge.Basis is EdgeBasis.Stated ? "" : Describe.Lower(edge.Basis) + ", ";
            var by = events.TryGetValue(edge.Position, out var e) ? $" {e.Source}/{e.Id}" : "";
            Put(text, depth, $"{edge.From} {edge.Rel.Replace('_', ' ')} {edge.To}  "
                + $"[{(edge.Withdrawn ? "withdrawn, " : "")}{basis}#{DecimalText.Write(edge.Position)}{by}]");
        }
    }

    // Control characters in what systems say must not drive the terminal.
    private static void Put(StringBuilder text, int depth, string line) => text.Append(' ', depth * 2)
        .Append(string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c))).Append('\n');
}
