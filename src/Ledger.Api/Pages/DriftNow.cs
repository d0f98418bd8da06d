using System.Collections.Frozen;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using Ledger.Projections.Proof;
using Ledger.Projections.Views;

namespace Ledger.Api.Pages;

/// <summary>The ledger as its views stand, with what follows from it, worked out once for each position and shared by
/// whoever asks.</summary>
/// <param name="world">Over the same database; it stays the caller's.</param>
/// <param name="drift">Over the same database; it stays the caller's.</param>
internal sealed class DriftNow(LiveWorld world, LiveDrift drift)
{
    /// <summary>How often the views may move on between the two before the report is worked out from the beginning.
    /// </summary>
    private const int TriesMax = 3;

    private readonly Lock _gate = new();
    private LedgerAt? _latest;

    /// <summary>What stands at the views' position now.</summary>
    public async Task<LedgerAt> Read(CancellationToken cancellationToken) =>
        Shared(await world.Now(cancellationToken));

    /// <summary>The same with where the systems differ: what was said since the last look is looked at, no more.
    /// </summary>
    public async Task<LedgerAt> ReadDrift(CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var at = await Read(cancellationToken);
            if (at.KnowsDrift || tries > TriesMax) return at;
            at.Know((await drift.Look(cancellationToken)).Report);
            if (at.KnowsDrift) return at;
        }
    }

    private LedgerAt Shared(World now)
    {
        lock (_gate)
        {
            if (_latest?.World == now) return _latest;
            var made = new LedgerAt(now);
            if (_latest is null || _latest.World.Position <= now.Position) _latest = made;
            return made;
        }
    }
}

/// <summary>Everything the pages show of one position. Each part is worked out when first asked for, once.</summary>
public sealed class LedgerAt
{
    private readonly Lazy<DriftReport> _computed;
    private volatile DriftReport? _drift;
    private readonly Lazy<LineageGraph> _graph;
    private readonly Lazy<UnbilledWork> _unbilled;
    private readonly Lazy<ProofReport> _proof;
    private readonly Lazy<ILookup<string, Edge>> _incoming;
    private readonly Lazy<FrozenDictionary<string, decimal>> _unexplained;

    /// <param name="drift">Where it is known already; null = it is worked out when asked for.</param>
    public LedgerAt(World world, DriftReport? drift = null)
    {
        (World, _drift) = (world, drift);
        _computed = new(() => DriftRun.Compute(world));
        _graph = new(() => new LineageGraph(world));
        _unbilled = new(() => UnbilledWork.Of(world));
        _proof = new(() => ProofRun.Of(world, new()));
        _incoming = new(() => Incoming(world));
        _unexplained = new(Unexplained);
    }

    public World World { get; }

    public DriftReport Drift => _drift ??= _computed.Value;

    /// <summary>Whether nothing is left to be worked out of it.</summary>
    internal bool KnowsDrift => _drift is not null;

    /// <summary>Takes a report, where it is of this position.</summary>
    internal void Know(DriftReport drift)
    {
        if (drift.Position == World.Position) _drift ??= drift;
    }

    public LineageGraph Graph => _graph.Value;

    public UnbilledWork Unbilled => _unbilled.Value;

    /// <summary>Of all there is, over all days.</summary>
    public ProofReport Proof => _proof.Value;

    /// <summary>The record of a stream, or of a part of one (<c>stream#line</c>); null where the ledger has none. Ids
    /// may hold the mark that parts begin with, so the longest stream there is counts.</summary>
    public SourceRecord? Find(string node)
    {
        for (var end = node.Length; end > 0; end = node.LastIndexOf('#', end - 1))
            if (World.Records.TryGetValue(node[..end], out var record)) return record;
        return null;
    }

    /// <summary>The references that lead to a record.</summary>
    public IEnumerable<Edge> ReferencesTo(string stream) => _incoming.Value[stream];

    /// <summary>Findings that an entity has a part in.</summary>
    public Items<Finding> FindingsOf(Entity entity) =>
        Drift.Findings.Where(f => f.Streams.Any(s => entity.Members.Any(m => m.Stream == s))).ToItems();

    /// <summary>What no record behind an invoice explains of its money, to the minor unit, as printed; 0 = all of it
    /// is explained.</summary>
    /// <param name="stream">Any of its streams.</param>
    public decimal UnexplainedOf(string stream) =>
        _unexplained.Value.GetValueOrDefault(World.EntityOf(stream).Id);

    private FrozenDictionary<string, decimal> Unexplained() => Drift.Invoices
        .Select(i => LineageOf.Invoice(Graph, i.Stream)).OfType<InvoiceLineage>()
        .Where(l => l.Unexplained != 0m).ToFrozenDictionary(l => l.Entity, l => l.Unexplained);

    private static ILookup<string, Edge> Incoming(World world) => world.Records.Values
        .OrderBy(r => r.Fold.First).ThenBy(r => r.Stream, StringComparer.Ordinal)
        .SelectMany(record => Edges.Of(record), (record, edge) => (Target: world.Resolve(edge.To, record.Source), edge))
        .Where(x => x.Target is not null).ToLookup(x => x.Target!.Stream, x => x.edge);
}
