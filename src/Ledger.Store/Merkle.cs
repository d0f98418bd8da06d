namespace Ledger.Store;

/// <summary>The hashing of an RFC 6962 tree.</summary>
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
}
