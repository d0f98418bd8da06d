using System.Text;
using Ledger.Domain;

namespace Ledger.Projections.Lineage;

public static partial class LineageText
{
    /// <summary>The lineage now, and what is different from when the invoice was issued.</summary>
    public static string Write(LineageComparison comparison)
    {
        var issued = comparison.Issued;
        var text = new StringBuilder(Write(comparison.Now));
        var at = LedgerJson.WriteInstant(issued.Time);
        Put(text, 0, $"Since it was issued, as the ledger knew it then (#{DecimalText.Write(issued.Position)} "
            + $"{issued.Source}/{issued.Id}):");
        Difference(text, comparison.AsKnown, comparison.Now);
        Put(text, 0, $"Since it was issued, as the systems had stated it by then ({at}):");
        Difference(text, comparison.AsStated, comparison.Now);
        return text.ToString();
    }

    private static void Difference(StringBuilder text, LineageThen then, LineageReading now)
    {
        var difference = then.Difference;
        var currency = now.Lineage.Document.Currency;
        if (difference.IsNone) Put(text, 1, "nothing is different");
        foreach (var figure in difference.Document) Put(text, 1, Told(figure));
        foreach (var line in difference.Lines)
        {
            Put(text, 1, $"line {line.Line} {Describe.Lower(line.Change)}: net {By(line.NetBy)}, "
                + $"explained {By(line.ExplainedBy)}, unexplained {By(line.RemainderBy)}");
            foreach (var share in line.Shares)
                Put(text, 2, $"{share.Stream} {Describe.Lower(share.Change)}: "
                    + $"{Worth(share.Before)} → {Worth(share.After)}");
        }

        foreach (var node in difference.Nodes)
        {
            Put(text, 1, $"{node.Node.Label} ({node.Node.Stream}) {Describe.Lower(node.Change)}");
            foreach (var figure in node.Figures) Put(text, 2, Told(figure));
        }

        foreach (var change in difference.Edges)
        {
            var edge = change.Edge;
            var (events, word) = change.Change is Change.Went ? (then.Reading.Events, "went") : (now.Events,
                Describe.Lower(change.Change));
            var by = events.TryGetValue(edge.Position, out var e) ? $" {e.Source}/{e.Id}" : "";
            Put(text, 1, $"{edge.From} {edge.Rel.Replace('_', ' ')} {edge.To} {word}  "
                + $"[#{DecimalText.Write(edge.Position)}{by}]");
        }

        string By(decimal amount) => (amount > 0m ? "+" : "") + new Money(amount, currency);
    }

    private static string Told(FigureChange figure) =>
        $"{figure.Name}: {figure.Before ?? "–"} → {figure.After ?? "–"}";

    private static string Worth(Share? share) => share is null ? "–"
        : Describe.Joined(
            share.Quantity?.ToString(), share.Rate?.ToString(),
            share.Amount?.Round(RoundingMode.HalfAwayFromZero).ToString()) is { Length: > 0 } worth ? worth : "–";
}
