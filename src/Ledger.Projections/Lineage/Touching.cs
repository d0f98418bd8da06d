using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>Which invoices have to do with a record: those that rest on it, and those it leads back to.</summary>
/// <param name="Record">The record's node; a part's, where a part was asked for.</param>
/// <param name="Invoices">In the order they came into the ledger.</param>
/// <param name="Next">What to go on after; null = there is no more.</param>
/// <param name="Truncated">Whether so many records refer to it that not all were followed.</param>
public sealed record TouchedInvoices(
    Node Record, Items<TouchedInvoice> Invoices, long? Next, bool Truncated, long AsKnownAt,
    IReadOnlyDictionary<long, EventRef> Events);

/// <summary>One invoice that has to do with a record, and how.</summary>
/// <param name="Entity">The entity's id.</param>
/// <param name="Opened">Position at which it came into the ledger.</param>
/// <param name="Lines">The lines that rest on the record; none where it touches the document as a whole.</param>
/// <param name="Way">From the document to the record or back, edge by edge, where it touches it as a whole.</param>
public sealed record TouchedInvoice(
    string Entity, string Stream, long Opened, DocumentFigures Document, Items<TouchedLine> Lines,
    Items<LineageEdge> Way);

/// <summary>One line that rests on a record.</summary>
/// <param name="Amount">What the record contributes to it where the line bills it; null otherwise.</param>
/// <param name="Way">From the line to the record, edge by edge; the shortest there is.</param>
public sealed record TouchedLine(
    string Stream, string Line, decimal? Net, ExactMoney? Amount, Items<LineageEdge> Way);

/// <summary>The walk from a record to the invoices it has to do with: pure.</summary>
public static class Touching
{
    /// <summary>Where a record, or a part of one, stands: the longest stream the world has counts, since ids may hold
    /// the mark that parts begin with. Null where the world has none.</summary>
    public static SourceRecord? RecordOf(World world, string node)
    {
        for (var end = node.Length; end > 0; end = node.LastIndexOf('#', end - 1))
            if (world.Records.TryGetValue(node[..end], out var record)) return record;
        return null;
    }

    /// <summary>The node of a record, or of a part of one; null where the world has none.</summary>
    public static Node? NodeOf(World world, string stream)
    {
        if (RecordOf(world, stream) is not { } record) return null;
        var node = Describe.Record(record, Items<string>.None);
        if (record.Stream == stream) return node;
        var (kind, label, figures) = Parts.Of(record, stream[(record.Stream.Length + 1)..]);
        return node with { Stream = stream, Kind = kind, Label = label, Figures = figures };
    }

    /// <summary>How one invoice has to do with a record; null where it does not.</summary>
    /// <param name="stream">A record's stream, or a part of one: <c>rate_card/clm:7#senior</c>.</param>
    public static (Node Record, TouchedInvoice Invoice)? Of(LineageGraph graph, string stream, Entity invoice)
    {
        if (RecordOf(graph.World, stream) is not { } record) return null;
        if (LineageOf.Invoice(graph, invoice.Id) is not { } lineage) return null;
        var nodes = lineage.Nodes.ToDictionary(n => n.Stream, StringComparer.Ordinal);
        if (Names(graph, record, stream).FirstOrDefault(nodes.ContainsKey) is not { } name) return null;
        var node = record.Kind.IsGovernance && !nodes.ContainsKey(record.Stream)
            ? Describe.Record(record, Items<string>.None)
            : nodes[name];
        var outgoing = lineage.Edges.ToLookup(e => e.From);
        var lines = new List<TouchedLine>();
        foreach (var line in lineage.Lines)
        {
            if (line.Stream != name && Way(outgoing, line.Stream, name) is not { Count: > 0 }) continue;
            var share = line.Shares.FirstOrDefault(s => s.Stream == name)?.Amount;
            lines.Add(new(
                line.Stream, line.Line, line.Net ?? (line.Shares.Count > 0 ? line.Explained : null), share,
                Way(outgoing, line.Stream, name)));
        }

        var way = lines.Count > 0 ? [] : Way(outgoing, lineage.Stream, name) is { Count: > 0 } resting ? resting
            : Way(outgoing, name, lineage.Stream) is { Count: > 0 } leading ? leading
            : Way(lineage.Edges.SelectMany(Both).ToLookup(x => x.From, x => x.Edge), lineage.Stream, name);
        return (node, new(
            lineage.Entity, lineage.Stream, invoice.Members[0].Fold.Opened, lineage.Document, lines.ToItems(), way));
    }

    /// <summary>The nodes it may stand for: itself, or a record that is the same thing; what speaks of other records
    /// stands for those.</summary>
    private static IEnumerable<string> Names(LineageGraph graph, SourceRecord record, string stream)
    {
        if (record.Stream != stream) return [stream];
        var same = graph.World.EntityOf(stream).Members.Select(m => m.Stream);
        return !record.Kind.IsGovernance ? same
            : same.Concat(Edges.Of(record).Select(e => graph.World.Resolve(e.To, record.Source)).OfType<SourceRecord>()
                .SelectMany(r => graph.World.EntityOf(r.Stream).Members).Select(m => m.Stream));
    }

    private static IEnumerable<(string From, LineageEdge Edge)> Both(LineageEdge edge) =>
        [(edge.From, edge), (edge.To, edge)];

    /// <summary>The shortest way from one node to another; empty where there is none.</summary>
    private static Items<LineageEdge> Way(ILookup<string, LineageEdge> edges, string from, string to)
    {
        if (from == to) return [];
        var cameBy = new Dictionary<string, (string Before, LineageEdge Edge)>(StringComparer.Ordinal);
        var open = new Queue<string>([from]);
        while (open.TryDequeue(out var at))
        {
            foreach (var edge in edges[at])
            {
                var next = edge.From == at ? edge.To : edge.From;
                if (next == from || !cameBy.TryAdd(next, (at, edge))) continue;
                if (next == to) return Back(cameBy, from, to);
                open.Enqueue(next);
            }
        }

        return [];
    }

    private static Items<LineageEdge> Back(
        Dictionary<string, (string Before, LineageEdge Edge)> cameBy, string from, string to)
    {
        var way = new List<LineageEdge>();
        for (var at = to; at != from; at = cameBy[at].Before) way.Add(cameBy[at].Edge);
        way.Reverse();
        return way.ToItems();
    }
}
