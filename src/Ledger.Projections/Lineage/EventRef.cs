using NodaTime;

namespace Ledger.Projections.Lineage;

/// <summary>Which event stands at a position: its source and id there, its type, and when the source says it
/// happened.</summary>
public sealed record EventRef(long Position, string Source, string Id, string Type, Instant Time);

/// <summary>A lineage with the events its edges and figures name.</summary>
/// <param name="AsKnownAt">The last position that was known.</param>
/// <param name="Events">By position.</param>
public sealed record LineageReading(
    InvoiceLineage Lineage, long AsKnownAt, IReadOnlyDictionary<long, EventRef> Events)
{
    /// <summary>A lineage without a store to ask for its events.</summary>
    public static LineageReading Of(InvoiceLineage lineage, long asKnownAt) =>
        new(lineage, asKnownAt, new Dictionary<long, EventRef>());

    /// <summary>Every position an edge or figure names.</summary>
    public static IReadOnlySet<long> Positions(InvoiceLineage lineage)
    {
        var positions = new HashSet<long>(lineage.Nodes.Count * 2);
        // Edges and figures that stand together mostly name one event.
        var last = 0L;
        foreach (var edge in lineage.Edges)
            if (edge.Position != last) positions.Add(last = edge.Position);
        foreach (var node in lineage.Nodes)
            foreach (var figure in node.Figures)
                if (figure.Position is { } position && position != last) positions.Add(last = position);
        foreach (var line in lineage.Lines)
            foreach (var share in line.Shares)
                if (share.ApprovedAt is { } position) positions.Add(position);
        positions.RemoveWhere(p => p <= 0L);
        return positions;
    }
}
