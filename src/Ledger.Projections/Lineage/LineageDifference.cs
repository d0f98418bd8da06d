using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>What became of something between two times.</summary>
public enum Change
{
    Came,
    Went,
    Changed,
}

/// <summary>What is different between two lineages of one document, each told at its own time.</summary>
/// <param name="Document">The document's own figures that differ, in the order it states them.</param>
/// <param name="Lines">Lines that came, went, or whose money or explanation differs; by line.</param>
/// <param name="Nodes">By stream.</param>
/// <param name="Edges">By from, rel, to.</param>
public sealed record LineageDifference(
    Items<FigureChange> Document, Items<LineChange> Lines, Items<NodeChange> Nodes, Items<EdgeChange> Edges)
{
    /// <summary>Whether both tell the same.</summary>
    public bool IsNone => Document.Count + Lines.Count + Nodes.Count + Edges.Count == 0;

    /// <summary>What came, went and changed on the way from one to the other. A record that was linked to another since
    /// is the same node, whoever's word counts for it now.</summary>
    public static LineageDifference Between(InvoiceLineage before, InvoiceLineage after) =>
        new Comparing(before, after).Result();

    private sealed class Comparing(InvoiceLineage before, InvoiceLineage after)
    {
        /// <summary>Earlier name of a node → the name it goes by later.</summary>
        private readonly Dictionary<string, string> later = Names(before, after);

        public LineageDifference Result() => new(
            Figures(DocumentFigures(before.Document), DocumentFigures(after.Document)), Lines(), Nodes(), Edges());

        private static Dictionary<string, string> Names(InvoiceLineage before, InvoiceLineage after)
        {
            var known = after.Nodes.SelectMany(n => n.Also.Prepend(n.Stream), (n, stream) => (stream, n.Stream))
                .DistinctBy(x => x.stream).ToDictionary(x => x.stream, x => x.Stream, StringComparer.Ordinal);
            foreach (var node in before.Nodes.Where(n => !known.ContainsKey(n.Stream)))
                if (node.Also.FirstOrDefault(known.ContainsKey) is { } same) known.Add(node.Stream, known[same]);
            return known;
        }

        private string Later(string stream) => later.GetValueOrDefault(stream, stream);

        private Items<NodeChange> Nodes()
        {
            var then = before.Nodes.ToLookup(n => Later(n.Stream), StringComparer.Ordinal);
            var now = after.Nodes.ToDictionary(n => n.Stream, StringComparer.Ordinal);
            var changes = new List<NodeChange>();
            foreach (var node in after.Nodes)
            {
                if (!then.Contains(node.Stream)) changes.Add(new(Change.Came, node, null, node, []));
                foreach (var earlier in then[node.Stream].Where(n => n != node))
                    changes.Add(new(Change.Changed, node, earlier, node, Figures(Told(earlier), Told(node))));
            }

            changes.AddRange(before.Nodes.Where(n => !now.ContainsKey(Later(n.Stream)))
                .Select(n => new NodeChange(Change.Went, n, n, null, [])));
            return changes.OrderBy(c => c.Node.Stream, StringComparer.Ordinal).ToItems();
        }

        private Items<EdgeChange> Edges()
        {
            var then = before.Edges.Select(e => e with { From = Later(e.From), To = Later(e.To) })
                .DistinctBy(Key).ToDictionary(Key);
            var now = after.Edges.ToDictionary(Key);
            var changes = then.Keys.Union(now.Keys)
                .Select(key => (Then: then.GetValueOrDefault(key), Now: now.GetValueOrDefault(key)))
                .Where(x => x.Then != x.Now).Select(x => new EdgeChange(Of(x.Then, x.Now), x.Then, x.Now));
            return changes.OrderBy(c => c.Edge.From, StringComparer.Ordinal)
                .ThenBy(c => c.Edge.Rel, StringComparer.Ordinal).ThenBy(c => c.Edge.To, StringComparer.Ordinal)
                .ToItems();
        }

        private Items<LineChange> Lines()
        {
            var then = before.Lines.DistinctBy(l => l.Line).ToDictionary(l => l.Line, StringComparer.Ordinal);
            var now = after.Lines.DistinctBy(l => l.Line).ToDictionary(l => l.Line, StringComparer.Ordinal);
            return then.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
                .Select(line => Line(then.GetValueOrDefault(line), now.GetValueOrDefault(line))).OfType<LineChange>()
                .ToItems();
        }

        private LineChange? Line(LineLineage? earlier, LineLineage? now)
        {
            var shares = Shares(earlier?.Shares ?? [], now?.Shares ?? []);
            if (earlier is null) return new(Change.Came, null, now, shares);
            if (now is null) return new(Change.Went, earlier, null, shares);
            return shares.Count > 0 || earlier with { Shares = now.Shares, Stream = now.Stream } != now
                ? new(Change.Changed, earlier, now, shares)
                : null;
        }

        private Items<ShareChange> Shares(Items<Share> earlier, Items<Share> now)
        {
            var then = earlier.Select(s => s with { Stream = Later(s.Stream) }).DistinctBy(s => s.Stream)
                .ToDictionary(s => s.Stream, StringComparer.Ordinal);
            var today = now.DistinctBy(s => s.Stream).ToDictionary(s => s.Stream, StringComparer.Ordinal);
            return then.Keys.Union(today.Keys).Order(StringComparer.Ordinal)
                .Select(stream => (Then: then.GetValueOrDefault(stream), Now: today.GetValueOrDefault(stream)))
                .Where(x => x.Then != x.Now)
                .Select(x => new ShareChange(Of(x.Then, x.Now), x.Then, x.Now)).ToItems();
        }

        private static Change Of(object? then, object? now) =>
            then is null ? Change.Came : now is null ? Change.Went : Change.Changed;

        private static (string, string, string) Key(LineageEdge e) => (e.From, e.Rel, e.To);

        private static Items<FigureChange> Figures(IEnumerable<Figure> earlier, IEnumerable<Figure> now)
        {
            var then = earlier.DistinctBy(f => f.Name).ToArray();
            var today = now.DistinctBy(f => f.Name).ToArray();
            return then.Concat(today).Select(f => f.Name).Distinct()
                .Select(name => (
                    Then: Array.Find(then, f => f.Name == name), Now: Array.Find(today, f => f.Name == name)))
                .Where(x => x.Then?.Value != x.Now?.Value)
                .Select(x => new FigureChange(
                    (x.Then ?? x.Now)!.Name, x.Then?.Value, x.Now?.Value, x.Then?.Position, x.Now?.Position))
                .ToItems();
        }

        /// <summary>All that is said of a node, as figures.</summary>
        private static IEnumerable<Figure> Told(Node node)
        {
            Figure?[] told =
            [
                new("label", node.Label),
                new("standing", Describe.Lower(node.Standing)),
                node.Source is { } source ? new("source", source) : null,
                node.Also.Count > 0 ? new("also", string.Join(", ", node.Also)) : null,
            ];
            return told.OfType<Figure>().Concat(node.Figures);
        }

        private static IEnumerable<Figure> DocumentFigures(DocumentFigures d)
        {
            Figure?[] figures =
            [
                d.Number is { } number ? new("number", number) : null,
                new("type", Describe.Lower(d.Type)),
                new("status", Describe.Lower(d.Status)),
                d.IssuedOn is { } on ? new("issuedOn", Describe.Date(on)) : null,
                Money("net", d.Net, d.Currency),
                Money("tax", d.Tax, d.Currency),
                Money("payable", d.Payable, d.Currency),
                Money("open", d.Open, d.Currency),
                Money("linesTotal", d.LinesTotal, d.Currency),
                Money("beyondLines", d.BeyondLines, d.Currency),
                d.Rounding is { } rule ? new("rounding", Describe.Rule(rule)) : null,
            ];
            return figures.OfType<Figure>();
        }

        private static Figure? Money(string name, decimal? amount, Currency currency) =>
            amount is { } known ? new(name, Describe.Amount(known, currency)) : null;
    }
}

/// <summary>One figure before and after.</summary>
/// <param name="Before">Null where it had none.</param>
/// <param name="After">Null where it has none.</param>
/// <param name="PositionBefore">Of the event that asserted it; null where the ledger worked it out.</param>
/// <param name="PositionAfter">As above.</param>
public sealed record FigureChange(
    string Name, string? Before, string? After, long? PositionBefore = null, long? PositionAfter = null);

/// <param name="Node">As it is later; as it was, where it went.</param>
/// <param name="Figures">Those that differ, where it changed.</param>
public sealed record NodeChange(Change Change, Node Node, Node? Before, Node? After, Items<FigureChange> Figures);

/// <summary>An edge that came, went, or is asserted, valued or believed otherwise.</summary>
public sealed record EdgeChange(Change Change, LineageEdge? Before, LineageEdge? After)
{
    /// <summary>As it is later; as it was, where it went.</summary>
    public LineageEdge Edge => (After ?? Before)!;
}

/// <summary>A line that came, went or differs.</summary>
/// <param name="Shares">What it bills that differs.</param>
public sealed record LineChange(Change Change, LineLineage? Before, LineLineage? After, Items<ShareChange> Shares)
{
    public string Line => (After ?? Before)!.Line;

    /// <summary>How much more the line asks later, in the document's currency; zero where it did not and does not state
    /// an amount of its own.</summary>
    public decimal NetBy => (After?.Net ?? 0m) - (Before?.Net ?? 0m);

    /// <summary>How much more of the line is explained later.</summary>
    public decimal ExplainedBy => (After?.Explained ?? 0m) - (Before?.Explained ?? 0m);

    /// <summary>How much more of the line is not explained later.</summary>
    public decimal RemainderBy => (After?.Remainder ?? 0m) - (Before?.Remainder ?? 0m);
}

/// <summary>What one record contributes to a line, before and after.</summary>
public sealed record ShareChange(Change Change, Share? Before, Share? After)
{
    public string Stream => (After ?? Before)!.Stream;
}
