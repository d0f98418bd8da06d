using System.Text.Json;
using Ledger.Domain;

namespace Ledger.Projections.Lineage;

public static partial class LineageJson
{
    /// <summary>A lineage now, and when the invoice was issued:
    /// <code>
    /// { "issued": event,
    ///   "now": lineage,
    ///   "asKnown": { "asKnownAt": position of the issuing event, "lineage": lineage, "difference": difference },
    ///   "asStated": { "asStatedAt": when the source says it was issued, "lineage": lineage,
    ///                 "difference": difference } }
    /// </code>
    /// where difference, from then to now, =
    /// <code>
    /// { "document": [ { "name", "before", "after", "positionBefore", "positionAfter" } ],
    ///   "lines": [ { "line", "change": "came" | "went" | "changed", "netBefore", "netAfter", "netBy",
    ///                "explainedBefore", "explainedAfter", "explainedBy", "remainderBefore", "remainderAfter",
    ///                "remainderBy", "shares": [ { "change", "before": share, "after": share } ] } ],
    ///   "nodes": [ { "change", "node": node, "figures": [ as above in "document" ] } ],
    ///   "edges": [ { "change", "before": edge, "after": edge } ] }
    /// </code></summary>
    public static string Write(LineageComparison comparison) => Written(json =>
    {
        var now = new Writing(json, comparison.Now);
        json.WriteStartObject();
        json.WriteStartObject("issued");
        now.Told(comparison.Issued);
        json.WriteEndObject();
        json.WriteStartObject("now");
        now.Document();
        json.WriteEndObject();
        Then("asKnown", comparison.AsKnown);
        Then("asStated", comparison.AsStated);
        json.WriteEndObject();

        void Then(string name, LineageThen then)
        {
            json.WriteStartObject(name);
            if (then.Times.AsKnownAt is { } position) json.WriteNumber("asKnownAt", position);
            if (then.Times.AsStatedAt is { } at) json.WriteString("asStatedAt", LedgerJson.WriteInstant(at));
            json.WriteStartObject("lineage");
            new Writing(json, then.Reading).Document();
            json.WriteEndObject();
            json.WriteStartObject("difference");
            new Differing(json, new(json, then.Reading), now, comparison.Now.Lineage.Document.Currency)
                .Members(then.Difference);
            json.WriteEndObject();
            json.WriteEndObject();
        }
    });

    private sealed class Differing(Utf8JsonWriter json, Writing then, Writing now, Currency currency)
    {
        public void Members(LineageDifference difference)
        {
            now.Each("document", difference.Document, Figure);
            now.Each("lines", difference.Lines, Line);
            now.Each("nodes", difference.Nodes, node =>
            {
                json.WriteStartObject();
                json.WriteString("change", Writing.Name(node.Change));
                json.WritePropertyName("node");
                now.Node(node.Node);
                now.Each("figures", node.Figures, Figure);
                json.WriteEndObject();
            });
            now.Each("edges", difference.Edges, edge =>
            {
                json.WriteStartObject();
                json.WriteString("change", Writing.Name(edge.Change));
                Sides(edge.Before, edge.After, then.Edge, now.Edge);
                json.WriteEndObject();
            });
        }

        private void Figure(FigureChange figure)
        {
            json.WriteStartObject();
            json.WriteString("name", figure.Name);
            now.Text("before", figure.Before);
            now.Text("after", figure.After);
            if (figure.PositionBefore is { } before) json.WriteNumber("positionBefore", before);
            if (figure.PositionAfter is { } after) json.WriteNumber("positionAfter", after);
            json.WriteEndObject();
        }

        private void Line(LineChange line)
        {
            json.WriteStartObject();
            json.WriteString("line", line.Line);
            json.WriteString("change", Writing.Name(line.Change));
            Amounts("net", line.Before?.Net, line.After?.Net, line.NetBy);
            Amounts("explained", line.Before?.Explained, line.After?.Explained, line.ExplainedBy);
            Amounts("remainder", line.Before?.Remainder, line.After?.Remainder, line.RemainderBy);
            now.Each("shares", line.Shares, share =>
            {
                json.WriteStartObject();
                json.WriteString("change", Writing.Name(share.Change));
                Sides(share.Before, share.After, then.Share, now.Share);
                json.WriteEndObject();
            });
            json.WriteEndObject();
        }

        private void Amounts(string name, decimal? before, decimal? after, decimal by)
        {
            now.Money(name + "Before", before, currency);
            now.Money(name + "After", after, currency);
            now.Money(name + "By", by, currency);
        }

        private void Sides<T>(T? before, T? after, Action<T> writeThen, Action<T> writeNow)
            where T : class
        {
            Side("before", before, writeThen);
            Side("after", after, writeNow);
        }

        private void Side<T>(string name, T? side, Action<T> write)
            where T : class
        {
            if (side is null) return;
            json.WritePropertyName(name);
            write(side);
        }
    }
}
