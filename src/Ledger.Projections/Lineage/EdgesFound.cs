using System.Runtime.InteropServices;

namespace Ledger.Projections.Lineage;

/// <summary>The edges of a walk, each once. The names at their ends are few beside the edges: every name gets a place
/// as it is met, and edges are looked up, and in the end put in order, by places. A node's edges are kept apart: one
/// table of all would be an object so large that the collector treats it as old.</summary>
/// <param name="ways">In how many ways, more or less, the document leads on; room for so many is made at once.</param>
internal sealed class EdgesFound(int ways)
{
    private readonly Dictionary<string, int> places = new(ways * 2, StringComparer.Ordinal);
    private readonly Dictionary<string, int> rels = new(StringComparer.Ordinal);
    private readonly List<LineageEdge> all = new(ways * 9);
    private readonly List<Leaving> leaving = new(ways * 2);
    private (string? Name, int Place) last;

    /// <summary>In the order they were found.</summary>
    public IReadOnlyList<LineageEdge> All => all;

    /// <summary>Adds an edge; of several that say the same, the first to have been said stays.</summary>
    public void Join(LineageEdge edge)
    {
        var (from, key) = (Place(edge.From), new Key(Rel(edge.Rel), Place(edge.To)));
        ref var at = ref leaving[from].At(key);
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
    public bool IsJoined(string from, string rel, string to, long position)
    {
        var at = leaving[Place(from)].Find(new(Rel(rel), Place(to)));
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
            Place(node.Stream);
        }

        var order = 0;
        foreach (var kind in InOrder(kinds)) kinds[kind] = order++;
        var (byName, ofName) = Ranked(places);
        var (_, ofRel) = Ranked(rels);
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
            var first = at;
            foreach (var ((rel, to), place) in leaving[from].All())
            {
                keys[at] = (ulong)ofRel[rel] << 32 | (uint)ofName[to];
                sortedEdges[at++] = all[place - 1];
            }

            Array.Sort(keys, sortedEdges, first, at - first);
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
    private static (int[] Places, int[] Ranks) Ranked(Dictionary<string, int> names)
    {
        int[] inOrder = [.. names.Values];
        string[] sorted = [.. names.Keys];
        Array.Sort(sorted, inOrder, StringComparer.Ordinal);
        var ranks = new int[inOrder.Length];
        for (var rank = 0; rank < ranks.Length; rank++) ranks[inOrder[rank]] = rank;
        return (inOrder, ranks);
    }

    // Edges of one node are mostly found in a row.
    private int Place(string name)
    {
        if (ReferenceEquals(name, last.Name)) return last.Place;
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, name, out var exists);
        if (!exists)
        {
            place = places.Count - 1;
            leaving.Add(new());
        }

        last = (name, place);
        return place;
    }

    private int Rel(string rel)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(rels, rel, out var exists);
        if (!exists) place = rels.Count - 1;
        return place;
    }

    private readonly record struct Key(int Rel, int To);

    /// <summary>The edges that leave one node: where each stands among all, counted from 1. Few are looked through one
    /// by one.</summary>
    private sealed class Leaving
    {
        private const int FewMax = 16;

        private (Key Key, int At)[] few = [];
        private Dictionary<Key, int>? many;
        private int count;

        public int Find(Key key)
        {
            if (many is not null) return many.GetValueOrDefault(key);
            for (var i = 0; i < count; i++)
                if (few[i].Key == key) return few[i].At;
            return 0;
        }

        /// <summary>The place of an edge, to be set where it is 0.</summary>
        public ref int At(Key key)
        {
            if (many is not null) return ref CollectionsMarshal.GetValueRefOrAddDefault(many, key, out _);
            for (var i = 0; i < count; i++)
                if (few[i].Key == key) return ref few[i].At;
            if (count == FewMax)
            {
                many = All().ToDictionary(e => e.Key, e => e.At);
                return ref At(key);
            }

            if (count == few.Length) Array.Resize(ref few, count == 0 ? FewMax / 2 : FewMax);
            few[count].Key = key;
            return ref few[count++].At;
        }

        public IEnumerable<(Key Key, int At)> All() => count == 0 ? []
            : many is null ? few.Take(count) : many.Select(e => (e.Key, e.Value));
    }
}
