using System.Numerics;

namespace Ledger.Store;

/// <summary>The RFC 6962 tree: how its nodes are hashed, and which of them a proof is made of.</summary>
internal static class Merkle
{
    /// <summary>Hashes two subtrees into their parent, which may overlap either.</summary>
    public static void Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> parent)
    {
        Span<byte> input = stackalloc byte[1 + 2 * Leaf.Size];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Leaf.Size)..]);
        Sha256.Hash(input, parent);
    }

    /// <summary>What leads from a leaf to the root of the log at a size, lowest first.</summary>
    public static List<Span> Inclusion(long index, long size)
    {
        var path = new List<Span>();
        var (low, high) = (0L, size);
        while (high - low > 1)
        {
            var middle = low + Split(high - low);
            path.Add(index < middle ? new Span(middle, high) : new Span(low, middle));
            (low, high) = index < middle ? (low, middle) : (middle, high);
        }

        path.Reverse();
        return path;
    }

    /// <summary>What leads from the root at one size to the root at a later one, in the order of RFC 9162.</summary>
    public static List<Span> Consistency(long from, long to)
    {
        var path = new List<Span>();
        var (low, high, isWhole) = (0L, to, true);
        while (from < high)
        {
            var middle = low + Split(high - low);
            path.Add(from <= middle ? new Span(middle, high) : new Span(low, middle));
            isWhole &= from <= middle;
            (low, high) = from <= middle ? (low, middle) : (middle, high);
        }

        if (!isWhole)
            path.Add(new Span(low, high));
        path.Reverse();
        return path;
    }

    /// <summary>The largest power of two below a number of leaves.</summary>
    private static long Split(long leaves) => 1L << (63 - BitOperations.LeadingZeroCount((ulong)leaves - 1));

    /// <summary>Leaves from <paramref name="Low"/> to before <paramref name="High"/>, from 0, that one hash stands for.
    /// </summary>
    public readonly record struct Span(long Low, long High)
    {
        /// <summary>The perfect subtrees it is made of, left to right.</summary>
        public IEnumerable<Subtree> Subtrees()
        {
            for (var low = Low; low < High;)
            {
                var height = BitOperations.Log2((ulong)(High - low));
                yield return new Subtree(height, low >> height);
                low += 1L << height;
            }
        }
    }

    /// <summary>A perfect subtree of 2 ^ <paramref name="Height"/> leaves, the <paramref name="Index"/>th of its
    /// height.</summary>
    public readonly record struct Subtree(int Height, long Index)
    {
        /// <summary>Level of the tiles whose roots, or of the leaves (0) which, it is hashed from.</summary>
        public int Level => Height / Tile.Height;

        /// <summary>The first of them.</summary>
        public long First => Index << (Height % Tile.Height);

        /// <summary>How many of them.</summary>
        public int Count => 1 << (Height % Tile.Height);
    }
}
