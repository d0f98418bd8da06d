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

    /// <summary>Every position an edge or figure names, in order.</summary>
    public static IEnumerable<long> Positions(InvoiceLineage lineage) => lineage.Edges.Select(e => e.Position)
        .Concat(lineage.Nodes.SelectMany(n => n.Figures).Select(f => f.Position ?? 0L))
        .Concat(lineage.Lines.SelectMany(l => l.Shares).Select(s => s.ApprovedAt ?? 0L))
        .Where(p => p > 0L).Distinct().Order();
}
