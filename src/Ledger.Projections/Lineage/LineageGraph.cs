using Ledger.Domain;
using Ledger.Projections.Drift;

namespace Ledger.Projections.Lineage;

/// <summary>An edge with both its ends looked up.</summary>
/// <param name="By">The record that states it.</param>
/// <param name="Leaves">Where it leaves.</param>
/// <param name="Target">The record it points at; null while it dangles.</param>
/// <param name="Reaches">Where that record is; null while it dangles.</param>
/// <param name="Withdrawn">Whether it was taken back.</param>
internal sealed record Assertion(
    Edge Edge, SourceRecord By, Vertex Leaves, SourceRecord? Target, Vertex? Reaches, bool Withdrawn)
{
    /// <summary>The entity it leaves.</summary>
    public Entity From => Leaves.Entity;
}

/// <summary>An entity with the edges that leave it and those that reach it.</summary>
/// <param name="told">The node of its only member, where somebody has worked it out.</param>
internal sealed class Vertex(Entity entity, Node? told)
{
    private static readonly List<Assertion> None = [];

    private List<Assertion>? outgoing, incoming;

    public Entity Entity => entity;

    public List<Assertion> Outgoing => outgoing ?? None;

    public List<Assertion> Incoming => incoming ?? None;

    /// <summary>The node of an entity that is one record.</summary>
    public Node Node => told ?? Describe.Record(entity.Members[0], Items<string>.None);

    public void Leave(Assertion assertion) => (outgoing ??= []).Add(assertion);

    public void Reach(Assertion assertion) => (incoming ??= new(1)).Add(assertion);
}

/// <summary>What a record says by itself, where somebody has worked it out before a world was made.</summary>
/// <param name="Edges">As <see cref="Edges.Of"/> tells them.</param>
/// <param name="Node">As <see cref="Describe.Record"/> tells it of a record that is alone; null = not worked out.
/// </param>
internal readonly record struct Foretold(Edge[] Edges, Node? Node);

/// <summary>A world's edges, by the entities at their ends. Building it reads every record once, so whoever asks for
/// many lineages of one world builds it once.</summary>
public sealed class LineageGraph
{
    private readonly Dictionary<string, (SourceRecord Record, Vertex At)> vertices;
    private readonly Prices prices;

    public LineageGraph(World world)
        : this(world, null)
    {
    }

    /// <param name="forAnybody">The cards made for nobody in particular, where the world is only a part of a ledger;
    /// null = as the world tells them.</param>
    internal LineageGraph(
        World world, IReadOnlyDictionary<string, Foretold>? foretold, IReadOnlySet<string>? forAnybody = null)
    {
        (World, prices) = (world, new(world, forAnybody));
        vertices = new(world.Records.Count, StringComparer.Ordinal);
        var records = new (SourceRecord Record, Vertex At, Edge[] Edges)[world.Records.Count];
        var count = 0;
        foreach (var entity in world.AllEntities)
        {
            Vertex? at = null;
            foreach (var record in entity.Members)
            {
                var told = foretold is not null && foretold.TryGetValue(record.Stream, out var known)
                    ? known
                    : new(Edges.Of(record), null);
                at ??= new(entity, told.Node);
                vertices.Add(record.Stream, (record, at));
                records[count++] = (record, at, told.Edges);
            }
        }

        // Entities come in the order of their first records.
        if (world.AllEntities.Count < records.Length) Array.Sort(records, (a, b) => Earlier(a.Record, b.Record));
        foreach (var (record, at, edges) in records) Put(record, at, edges);
    }

    public World World { get; }

    /// <summary>Whether there was work that no card gave a price.</summary>
    internal bool HasUnpriced { get; private set; }

    internal Vertex At(Entity entity) => vertices[entity.Id].At;

    internal (SourceRecord Record, Vertex At) Record(string stream) => vertices[stream];

    /// <summary>Where a stream is; null where the world has no such record.</summary>
    internal Vertex? Find(string stream) => vertices.GetValueOrDefault(stream).At;

    internal Entity EntityOf(string stream) => vertices[stream].At.Entity;

    internal List<Assertion> Outgoing(Entity entity) => At(entity).Outgoing;

    internal List<Assertion> Incoming(Entity entity) => At(entity).Incoming;

    /// <summary>What counts of a document for the price of the work it bills.</summary>
    internal BillingDocument Billing(Stated<Invoice> document, Func<IEnumerable<Stated<Project>>> worked) =>
        prices.Billing(document, worked);

    /// <summary>The price the cards give a time entry; null where none does.</summary>
    internal ResolvedRate? PriceOf(SourceRecord record, TimeEntry entry, BillingDocument document)
    {
        // Pages ask one graph at once.
        lock (prices)
        {
            var found = prices.Of(record, entry, document);
            HasUnpriced |= found is null;
            return found;
        }
    }

    /// <summary>The record whose word counts for an entity: of a system whose role owns the kind, one that
    /// counts before those deleted or gone on as another, then the first by name.</summary>
    internal SourceRecord OwnerOf(Entity entity) => entity.Members.Count == 1 ? entity.Members[0] : OwnerAmong(entity);

    private SourceRecord OwnerAmong(Entity entity) => entity.Members
        .OrderByDescending(entity.Counts).ThenByDescending(m => m.IsLive).ThenBy(m => World.RankOf(entity, m))
        .ThenBy(m => m.Stream, StringComparer.Ordinal).First();

    private static int Earlier(SourceRecord a, SourceRecord b) => a.Fold.Opened != b.Fold.Opened
        ? a.Fold.Opened.CompareTo(b.Fold.Opened)
        : string.CompareOrdinal(a.Stream, b.Stream);

    private void Put(SourceRecord record, Vertex at, Edge[] edges)
    {
        var begins = Array.Find(edges, e => e.Rel == Rels.CoverageFrom);
        foreach (var edge in edges)
            if (edge.Rel is not (Rels.CoverageFrom or Rels.Links)
                && (begins is null ? edge : Placed(edge, begins, record)) is { } placed)
                Put(record, at, placed);
    }

    /// <summary>Adds an edge to what leaves the one and reaches the other.</summary>
    private void Put(SourceRecord record, Vertex at, Edge edge)
    {
        var from = at;
        if (!ReferenceEquals(edge.From, record.Stream))
        {
            if (!vertices.TryGetValue(edge.From, out var other)) return;
            from = other.At;
        }

        var target = Target(record, edge);
        var assertion = new Assertion(edge, record, from, target.Record, target.At, IsWithdrawn(record, edge));
        from.Leave(assertion);
        target.At?.Reach(assertion);
    }

    private (SourceRecord? Record, Vertex? At) Target(SourceRecord record, Edge edge) =>
        edge.ToStream is { } stream && vertices.TryGetValue(stream, out var there) ? there
            : World.Resolve(edge, record.Source) is { } moved ? vertices[moved.Stream]
            : default;

    /// <summary>A coverage told by number, moved to the record that has the number.</summary>
    private Edge? Placed(Edge edge, Edge begins, SourceRecord record) =>
        World.Resolve(begins.To, record.Source) is { } from
            ? edge with { From = from.Stream, FromPart = begins.To.Line }
            : null;

    private static bool IsWithdrawn(SourceRecord record, Edge edge) => record.Fold.DeletedBy is not null
        || record.Fold.State switch
        {
            Coverage c => c.Withdrawn,
            Payment p when edge.Rel == Rels.Settles =>
                p.Status is PaymentStatus.Reversed || IsUnapplied(p, edge.FromPart),
            Posting p => p.Status is not PostingStatus.Posted,
            _ => false,
        };

    private static bool IsUnapplied(Payment payment, string? application) =>
        payment.Applications.Any(a => a.Id == application && a.Withdrawn);
}
