using System.Runtime.InteropServices;

namespace Ledger.Projections.Lineage;

/// <summary>The edges of a walk, each once. The names at their ends are few beside the edges: every name gets a place
/// as it is met, and edges are looked up, and in the end put in order, by places. A node's edges are kept apart: one
/// table of all would be an object so large that the collector treats it as old.</summary>
/// <param name="ways">In how many ways, more or less, the document leads on; room for so many is made at once.</param>
internal sealed class EdgesFound(int ways)
{
    private readonly Dictionary<string, int> places = new(ways * 2, StringComparer.Ordinal);
    private readonly List<string> rels = [];
    private readonly List<LineageEdge> all = new(ways * 9);
    private readonly List<Leaving?> leaving = new(ways * 2);

    /// <summary>In the order they were found.</summary>
    public IReadOnlyList<LineageEdge> All => all;

    /// <summary>Adds an edge; of several that say the same, the first to have been said stays.</summary>
    public void Join(LineageEdge edge) => Join(PlaceOf(edge.From), PlaceOf(edge.To), edge);

    /// <summary>The same, for whoever knows the places of its ends.</summary>
    public void Join(int from, int to, LineageEdge edge)
    {
        ref var at = ref (leaving[from] ??= new()).At(new(Rel(edge.Rel), to));
        if (at == 0)
        {
            all.Add(edge);
            at = all.Count;
        }
        else if (all[at - 1] is var known && (known.Withdrawn && !edge.Withdrawn
            || known.Withdrawn == edge.Withdrawn && edge.Position < known.Position))
        {
            all[at - 1] = edge;
        }
    }

    /// <summary>Whether an edge is there that no later word of the same would take the place of.</summary>
    public bool IsJoined(int from, string rel, int to, long position)
    {
        var at = leaving[from]?.Find(new(Rel(rel), to)) ?? 0;
        return at > 0 && all[at - 1] is { Withdrawn: false } known && known.Position <= position;
    }

    /// <summary>Nodes by kind, then stream, and the edges by from, rel, to; names compared by their characters.
    /// </summary>
    public (Node[] Nodes, LineageEdge[] Edges) Sorted(IReadOnlyCollection<Node> nodes)
    {
        var kinds = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            kinds.TryAdd(node.Kind, 0);
            PlaceOf(node.Stream);
        }

        var order = 0;
        foreach (var kind in InOrder(kinds)) kinds[kind] = order++;
        var (byName, ofName) = Ranked([.. places.Keys], [.. places.Values]);
        var (_, ofRel) = Ranked([.. rels], [.. Enumerable.Range(0, rels.Count)]);
        var (sortedNodes, at) = (new Node[nodes.Count], 0);
        var keys = new ulong[nodes.Count];
        foreach (var node in nodes)
        {
            keys[at] = (ulong)kinds[node.Kind] << 32 | (uint)ofName[places[node.Stream]];
            sortedNodes[at++] = node;
        }

        Array.Sort(keys, sortedNodes);
        (var sortedEdges, keys, at) = (new LineageEdge[all.Count], new ulong[all.Count], 0);
        foreach (var from in byName)
        {
            if (leaving[from] is not { } edges) continue;
            var first = at;
            foreach (var ((rel, to), place) in edges.All)
            {
                keys[at] = (ulong)ofRel[rel] << 32 | (uint)ofName[to];
                sortedEdges[at++] = all[place - 1];
            }

            if (at - first > 1) Array.Sort(keys, sortedEdges, first, at - first);
        }

        return (sortedNodes, sortedEdges);
    }

    private static string[] InOrder(Dictionary<string, int> names)
    {
        string[] sorted = [.. names.Keys];
        Array.Sort(sorted, StringComparer.Ordinal);
        return sorted;
    }

    /// <summary>The places of names in their order, and the rank of each place.</summary>
    private static (int[] Places, int[] Ranks) Ranked(string[] names, int[] places)
    {
        Array.Sort(names, places, StringComparer.Ordinal);
        var ranks = new int[places.Length];
        for (var rank = 0; rank < ranks.Length; rank++) ranks[places[rank]] = rank;
        return (places, ranks);
    }

    /// <summary>The place of a name; it gets one where it has none.</summary>
    public int PlaceOf(string name)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, name, out var exists);
        if (!exists)
        {
            place = places.Count - 1;
            leaving.Add(null);
        }

        return place;
    }

    // There are a dozen, and who names one mostly names the same string.
    private int Rel(string rel)
    {
        for (var i = 0; i < rels.Count; i++)
            if (ReferenceEquals(rels[i], rel)) return i;
        if (rels.IndexOf(rel) is var place && place >= 0) return place;
        rels.Add(rel);
        return rels.Count - 1;
    }

    private readonly record struct Key(int Rel, int To);

    /// <summary>The edges that leave one node: where each stands among all, counted from 1. Few are looked through one
    /// by one, many by a table beside.</summary>
    private sealed class Leaving
    {
        private const int FewMax = 16;

        private (Key Key, int At)[] all = [];
        private Dictionary<Key, int>? many;
        private int count;

        public ReadOnlySpan<(Key Key, int At)> All => all.AsSpan(0, count);

        public int Find(Key key) => Index(key) is var i && i < 0 ? 0 : all[i].At;

        /// <summary>The place of an edge, to be set where it is 0.</summary>
        public ref int At(Key key)
        {
            var i = Index(key);
            if (i >= 0) return ref all[i].At;
            if (count == all.Length) Array.Resize(ref all, Math.Max(FewMax / 2, count * 2));
            if (count == FewMax)
            {
                many = new(FewMax * 4);
                for (var k = 0; k < count; k++) many.Add(all[k].Key, k);
            }

            many?.Add(key, count);
            all[count].Key = key;
            return ref all[count++].At;
        }

        private int Index(Key key)
        {
            if (many is not null) return many.TryGetValue(key, out var at) ? at : -1;
            for (var i = 0; i < count; i++)
                if (all[i].Key == key) return i;
            return -1;
        }
    }
}
