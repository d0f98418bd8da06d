namespace Ledger.Store;

/// <summary>Proofs about an RFC 6962 log, checked as RFC 9162 (2.1.3.2, 2.1.4.2) says, with nothing at hand but hashes
/// of 32 bytes. What is not a proof is answered with false, whatever it is.</summary>
public static class MerkleProof
{
    /// <summary>Root of the log before its first event: SHA-256 of nothing.</summary>
    public static ReadOnlyMemory<byte> EmptyRoot { get; } = Sha256.Hash([]);

    /// <summary>Whether the leaf is the one at an index of the log with this root.</summary>
    /// <param name="index">From 0: position − 1.</param>
    /// <param name="size">Events in the log.</param>
    /// <param name="hashes">What leads from leaf to root, lowest first.</param>
    public static bool Includes(
        ReadOnlySpan<byte> leaf, long index, long size, IReadOnlyList<ReadOnlyMemory<byte>> hashes,
        ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size || !AreHashes(hashes) || leaf.Length != Leaf.Size || root.Length != Leaf.Size)
            return false;
        var (at, last) = (index, size - 1);
        Span<byte> node = stackalloc byte[Leaf.Size];
        leaf.CopyTo(node);
        foreach (var hash in hashes)
        {
            if (last == 0)
                return false;
            if (IsRight(at, last))
            {
                Merkle.Node(hash.Span, node, node);
                Climb(ref at, ref last);
            }
            else
            {
                Merkle.Node(node, hash.Span, node);
            }

            at >>= 1;
            last >>= 1;
        }

        return last == 0 && node.SequenceEqual(root);
    }

    /// <summary>Whether the log with the later root begins with all of the log with the earlier one.</summary>
    /// <param name="from">Events in the earlier.</param>
    /// <param name="to">Events in the later.</param>
    /// <param name="hashes">In the order of RFC 9162; none where the sizes are equal.</param>
    public static bool Extends(
        long from, ReadOnlySpan<byte> fromRoot, long to, ReadOnlySpan<byte> toRoot,
        IReadOnlyList<ReadOnlyMemory<byte>> hashes)
    {
        if (from == to)
            return hashes.Count == 0 && fromRoot.SequenceEqual(toRoot)
                && (from == 0 ? fromRoot.SequenceEqual(EmptyRoot.Span) : from > 0 && !fromRoot.IsEmpty);
        if (from < 0 || to < from || !AreHashes(hashes) || fromRoot.Length != Leaf.Size || toRoot.Length != Leaf.Size)
            return false;
        var isPerfect = (from & (from - 1)) == 0;
        if (from == 0 || hashes.Count == 0)
            return false;

        var (at, last) = (from - 1, to - 1);
        for (; (at & 1) == 1; at >>= 1)
            last >>= 1;
        Span<byte> earlier = stackalloc byte[Leaf.Size];
        (isPerfect ? fromRoot : hashes[0].Span).CopyTo(earlier);
        Span<byte> later = stackalloc byte[Leaf.Size];
        earlier.CopyTo(later);
        foreach (var hash in isPerfect ? hashes : hashes.Skip(1))
        {
            if (last == 0)
                return false;
            if (IsRight(at, last))
            {
                Merkle.Node(hash.Span, earlier, earlier);
                Merkle.Node(hash.Span, later, later);
                Climb(ref at, ref last);
            }
            else
            {
                Merkle.Node(later, hash.Span, later);
            }

            at >>= 1;
            last >>= 1;
        }

        return last == 0 && earlier.SequenceEqual(fromRoot) && later.SequenceEqual(toRoot);
    }

    private static bool IsRight(long at, long last) => (at & 1) == 1 || at == last;

    /// <summary>A node at the right edge has no sibling where it is a left child: up to where it has.</summary>
    private static void Climb(ref long at, ref long last)
    {
        for (; (at & 1) == 0 && at != 0; at >>= 1)
            last >>= 1;
    }

    private static bool AreHashes(IReadOnlyList<ReadOnlyMemory<byte>> hashes) =>
        hashes.All(hash => hash.Length == Leaf.Size);
}
