using System.Runtime.InteropServices;
using Ledger.Domain;
using Ledger.Projections.Drift;

namespace Ledger.Projections.Lineage;

/// <summary>An edge with both its ends looked up.</summary>
/// <param name="By">The record that states it.</param>
/// <param name="From">The entity it leaves.</param>
/// <param name="Target">The record it points at; null while it dangles.</param>
/// <param name="Withdrawn">Whether it was taken back.</param>
internal sealed record Assertion(Edge Edge, SourceRecord By, Entity From, SourceRecord? Target, bool Withdrawn);

/// <summary>What single records say, where somebody has worked it out before a world was made of them.</summary>
/// <param name="Edges">As <see cref="Edges.Of"/> tells them.</param>
/// <param name="Nodes">As <see cref="Describe.Record"/> tells them of a record that is alone.</param>
internal sealed record Foretold(IReadOnlyDictionary<string, Edge[]> Edges, IReadOnlyDictionary<string, Node> Nodes);

/// <summary>A world's edges, by the entities at their ends. Building it reads every record once, so whoever asks for
/// many lineages of one world builds it once.</summary>
public sealed class LineageGraph
{
    private static readonly List<Assertion> None = [];

    private readonly Dictionary<string, Ends> ends;
    private readonly Foretold? foretold;
    private readonly Prices prices;

    public LineageGraph(World world)
        : this(world, null)
    {
    }

    /// <param name="forAnybody">The cards made for nobody in particular, where the world is only a part of a ledger;
    /// null = as the world tells them.</param>
    internal LineageGraph(World world, Foretold? foretold, IReadOnlySet<string>? forAnybody = null)
    {
        (World, this.foretold, prices) = (world, foretold, new(world, forAnybody));
        ends = new(world.Records.Count, StringComparer.Ordinal);
        foreach (var record in InOrder(world))
        {
            var edges = foretold?.Edges.GetValueOrDefault(record.Stream) ?? Edges.Of(record);
            var begins = Array.Find(edges, e => e.Rel == Rels.CoverageFrom);
            foreach (var edge in edges)
                if (edge.Rel is not (Rels.CoverageFrom or Rels.Links)
                    && (begins is null ? edge : Placed(edge, begins, record)) is { } placed)
                    Put(record, placed);
        }
    }

    public World World { get; }

    /// <summary>Whether there was work that no card gave a price.</summary>
    internal bool HasUnpriced { get; private set; }

    internal List<Assertion> Outgoing(Entity entity) => ends.GetValueOrDefault(entity.Id)?.Outgoing ?? None;

    internal List<Assertion> Incoming(Entity entity) => ends.GetValueOrDefault(entity.Id)?.Incoming ?? None;

    /// <summary>The node of a record that is alone.</summary>
    internal Node NodeOf(SourceRecord record) => foretold?.Nodes.GetValueOrDefault(record.Stream)
        ?? Describe.Record(record, Items<string>.None);

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

    private static SourceRecord[] InOrder(World world)
    {
        var records = world.Records.Values.ToArray();
        Array.Sort(records, (a, b) => a.Fold.Opened != b.Fold.Opened
            ? a.Fold.Opened.CompareTo(b.Fold.Opened)
            : string.CompareOrdinal(a.Stream, b.Stream));
        return records;
    }

    /// <summary>Adds an edge to what leaves the one and reaches the other.</summary>
    private void Put(SourceRecord record, Edge edge)
    {
        if (!ReferenceEquals(edge.From, record.Stream) && !World.Records.ContainsKey(edge.From)) return;
        var from = World.EntityOf(edge.From);
        var target = World.Resolve(edge, record.Source);
        var assertion = new Assertion(edge, record, from, target, IsWithdrawn(record, edge));
        EndsOf(from).Outgoing.Add(assertion);
        if (target is not null) EndsOf(World.EntityOf(target.Stream)).Incoming.Add(assertion);
    }

    private Ends EndsOf(Entity entity)
    {
        ref var there = ref CollectionsMarshal.GetValueRefOrAddDefault(ends, entity.Id, out _);
        return there ??= new();
    }

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

    private sealed class Ends
    {
        public List<Assertion> Outgoing { get; } = [];

        public List<Assertion> Incoming { get; } = [];
    }
}
