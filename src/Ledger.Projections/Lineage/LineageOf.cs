using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>Where money comes from and where it went: a pure function of what the sources said.</summary>
public static class LineageOf
{
    /// <summary>A walk stops here: more than any document needs, less than harms anybody.</summary>
    public const int NodesMax = 20_000;

    /// <summary>The lineage of an invoice.</summary>
    /// <param name="stream">Any of the document's streams, or its entity's id.</param>
    /// <returns>Null where the world has no such invoice.</returns>
    public static InvoiceLineage? Invoice(World world, string stream) => Invoice(new LineageGraph(world), stream);

    /// <inheritdoc cref="Invoice(World, string)"/>
    public static InvoiceLineage? Invoice(LineageGraph graph, string stream) =>
        graph.World.Records.TryGetValue(stream, out var record) && record.Kind == Kind.Invoice
            && graph.World.EntityOf(stream).Members.Any(m => m.Fold.State is Domain.Invoice)
            ? new InvoiceWalk(graph, graph.World.EntityOf(stream)).Result()
            : null;

    /// <summary>The invoices, and their lines, that rest on a record: which invoices did this rate change touch?
    /// A posting, payment or later document touches the document as a whole.</summary>
    /// <param name="stream">A record's stream, or a part of one: <c>rate_card/clm:7#senior</c>.</param>
    public static Items<Touched> Touching(World world, string stream) => Touching(new LineageGraph(world), stream);

    /// <inheritdoc cref="Touching(World, string)"/>
    public static Items<Touched> Touching(LineageGraph graph, string stream)
    {
        var hash = stream.IndexOf('#', StringComparison.Ordinal);
        var whole = hash < 0 ? stream : stream[..hash];
        if (!graph.World.Records.ContainsKey(whole)) return Items<Touched>.None;
        var touched = new List<Touched>();
        foreach (var invoice in Reachable(graph, graph.World.EntityOf(whole)))
        {
            if (Invoice(graph, invoice.Id) is not { } lineage) continue;
            var node = hash < 0 ? graph.OwnerOf(graph.World.EntityOf(whole)).Stream : stream;
            if (lineage.Nodes.All(n => n.Stream != node)) continue;
            var outgoing = lineage.Edges.ToLookup(e => e.From, e => e.To);
            var lines = lineage.Lines
                .Where(l => l.Stream == stream || InvoiceLineage.RestsOn(l.Stream, outgoing).Contains(node))
                .Select(l => new Touched(lineage.Stream, l.Stream)).ToArray();
            if (lines.Length > 0) touched.AddRange(lines);
            else touched.Add(new(lineage.Stream, null));
        }

        return touched.ToItems();
    }

    /// <summary>Invoices that may have to do with an entity: whatever refers to it, and whatever refers to that, up
    /// to the documents; and what a posting, payment or later document is for.</summary>
    private static IEnumerable<Entity> Reachable(LineageGraph graph, Entity start)
    {
        var seen = new HashSet<string> { start.Id };
        var open = new Queue<Entity>([start]);
        var found = new List<Entity>();
        while (open.TryDequeue(out var at))
        {
            if (at.Kind == Kind.Invoice) found.Add(at);
            IEnumerable<Entity> next = at == start && IsLater(at.Kind)
                ? Targets(graph, at, Rels.Posts, Rels.Settles, Rels.Reverses)
                : at.Kind == Kind.Invoice && at != start ? [] : graph.Incoming(at).Select(a => a.From);
            // A client's card prices work that never names it.
            if (at.Kind == Kind.RateCard) next = next.Concat(Targets(graph, at, Rels.Client));
            foreach (var entity in next)
                if (seen.Add(entity.Id)) open.Enqueue(entity);
        }

        return found.OrderBy(e => e.Members[0].Fold.Opened);
    }

    private static bool IsLater(Kind kind) => kind == Kind.Posting || kind == Kind.Payment;

    private static IEnumerable<Entity> Targets(LineageGraph graph, Entity entity, params string[] rels) =>
        graph.Outgoing(entity).Where(a => a.Target is not null && rels.Contains(a.Edge.Rel))
            .Select(a => graph.World.EntityOf(a.Target!.Stream));
}
