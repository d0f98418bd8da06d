using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>An edge with both its ends looked up.</summary>
/// <param name="By">The record that states it.</param>
/// <param name="From">The entity it leaves.</param>
/// <param name="Target">The record it points at; null while it dangles.</param>
/// <param name="Withdrawn">Whether it was taken back.</param>
internal sealed record Assertion(Edge Edge, SourceRecord By, Entity From, SourceRecord? Target, bool Withdrawn);

/// <summary>A world's edges, by the entities at their ends. Building it reads every record once, so whoever asks for
/// many lineages of one world builds it once.</summary>
public sealed class LineageGraph
{
    private static readonly List<Assertion> None = [];

    private readonly Dictionary<string, List<Assertion>> outgoing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Assertion>> incoming = new(StringComparer.Ordinal);

    public LineageGraph(World world)
    {
        World = world;
        var records = world.Records.Values.ToArray();
        Array.Sort(records, (a, b) => a.Fold.Opened != b.Fold.Opened
            ? a.Fold.Opened.CompareTo(b.Fold.Opened)
            : string.CompareOrdinal(a.Stream, b.Stream));
        foreach (var record in records)
            foreach (var assertion in Assertions(record))
            {
                Put(outgoing, assertion.From.Id, assertion);
                if (assertion.Target is { } target) Put(incoming, world.EntityOf(target.Stream).Id, assertion);
            }
    }

    public World World { get; }

    internal List<Assertion> Outgoing(Entity entity) => outgoing.GetValueOrDefault(entity.Id, None);

    internal List<Assertion> Incoming(Entity entity) => incoming.GetValueOrDefault(entity.Id, None);

    /// <summary>The record whose word counts for an entity: of a system whose role owns the kind, one that
    /// counts before those deleted or gone on as another, then the first to come.</summary>
    internal SourceRecord OwnerOf(Entity entity) => entity.Members.Count == 1 ? entity.Members[0] : entity.Members
        .OrderByDescending(entity.Counts).ThenByDescending(m => m.IsLive).ThenBy(m => OwnerRank(entity.Kind, m))
        .ThenBy(m => m.Fold.Opened).First();

    private static void Put(Dictionary<string, List<Assertion>> of, string entity, Assertion assertion)
    {
        if (!of.TryGetValue(entity, out var there)) of.Add(entity, there = []);
        there.Add(assertion);
    }

    private int OwnerRank(Kind kind, SourceRecord member) =>
        Ownership.Rank(Ownership.Order(kind, "lines"), World.RolesOf(member.Source));

    private IEnumerable<Assertion> Assertions(SourceRecord record)
    {
        var edges = Edges.Of(record).ToArray();
        var begins = Array.Find(edges, e => e.Rel == Rels.CoverageFrom);
        foreach (var edge in edges)
        {
            if (edge.Rel is Rels.CoverageFrom or Rels.Links) continue;
            var placed = begins is null ? edge : Placed(edge, begins, record);
            if (placed is null || !World.Records.ContainsKey(placed.From)) continue;
            yield return new(
                placed, record, World.EntityOf(placed.From), World.Resolve(placed.To, record.Source),
                IsWithdrawn(record, placed));
        }
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
                p.Status is PaymentStatus.Reversed || p.Applications.Any(a => a.Id == edge.FromPart && a.Withdrawn),
            Posting p => p.Status is not PostingStatus.Posted,
            _ => false,
        };
}
