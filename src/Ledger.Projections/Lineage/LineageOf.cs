using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>Where money comes from and where it went: a pure function of what the sources said.</summary>
public static class LineageOf
{
    /// <summary>From so many nodes on, a walk only tells what the document itself names, and what points at that:
    /// more than any document needs, less than harms anybody.</summary>
    public const int NodesMax = 20_000;

    /// <summary>The lineage of an invoice.</summary>
    /// <param name="stream">Any of the document's streams, or its entity's id.</param>
    /// <param name="nodesMax">From so many nodes on, nothing is followed further.</param>
    /// <returns>Null where the world has no such invoice.</returns>
    public static InvoiceLineage? Invoice(World world, string stream, int nodesMax = NodesMax) =>
        Invoice(new LineageGraph(world), stream, nodesMax);

    /// <inheritdoc cref="Invoice(World, string, int)"/>
    public static InvoiceLineage? Invoice(LineageGraph graph, string stream, int nodesMax = NodesMax) =>
        graph.Find(stream)?.Entity is { } entity && entity.Kind == Kind.Invoice
            && entity.Members.Any(m => m.Fold.State is Domain.Invoice)
            ? new InvoiceWalk(graph, entity, nodesMax).Result()
            : null;

    /// <summary>The invoices, and their lines, that rest on a record: which invoices did this rate change touch?
    /// A posting, payment or later document touches the document as a whole.</summary>
    /// <param name="stream">A record's stream, or a part of one: <c>rate_card/clm:7#senior</c>.</param>
    public static Items<Touched> Touching(World world, string stream) => Touching(new LineageGraph(world), stream);

    /// <inheritdoc cref="Touching(World, string)"/>
    public static Items<Touched> Touching(LineageGraph graph, string stream)
    {
        if (Lineage.Touching.RecordOf(graph.World, stream) is not { } record) return Items<Touched>.None;
        return Reachable(graph, record)
            .Select(invoice => Lineage.Touching.Of(graph, stream, invoice)).Where(touched => touched is not null)
            .SelectMany(touched => touched!.Value.Invoice is var invoice && invoice.Lines.Count > 0
                ? invoice.Lines.Select(line => new Touched(invoice.Stream, line.Stream))
                : [new Touched(invoice.Stream, null)]).ToItems();
    }

    /// <summary>Invoices that may have to do with a record: whatever refers to it, and whatever refers to that, up to
    /// the documents; and what a posting, payment or word about other records is for.</summary>
    private static IEnumerable<Entity> Reachable(LineageGraph graph, SourceRecord record)
    {
        var start = graph.World.EntityOf(record.Stream);
        var about = Edges.Of(record).Select(e => graph.World.Resolve(e.To, record.Source)).OfType<SourceRecord>()
            .Select(r => graph.World.EntityOf(r.Stream)).Where(_ => record.Kind.IsGovernance);
        var seen = new HashSet<string> { start.Id };
        var open = new Queue<Entity>([start]);
        foreach (var entity in about.Where(e => seen.Add(e.Id))) open.Enqueue(entity);
        var found = new List<Entity>();
        while (open.TryDequeue(out var at))
        {
            if (at.Kind == Kind.Invoice) found.Add(at);
            var next = at.Kind == Kind.Invoice && at != start ? [] : graph.Incoming(at).Select(a => a.From);
            if (IsLater(at.Kind)) next = next.Concat(Targets(graph, at, Rels.Posts, Rels.Settles, Rels.Reverses));
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
            .Select(a => a.Reaches!.Entity);
}
