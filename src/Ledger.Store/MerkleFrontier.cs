using System.Numerics;

namespace Ledger.Store;

/// <summary>What must be kept of an RFC 6962 log to add leaves and name its root: the roots of its perfect subtrees,
/// largest first, one per bit set in the size. Its bytes are those hashes in that order.</summary>
internal sealed class MerkleFrontier
{
    private readonly byte[] _roots = new byte[64 * Leaf.Size];
    private int _used;

    public MerkleFrontier(long size, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != BitOperations.PopCount((ulong)size) * Leaf.Size)
            throw new ArgumentException("A frontier has one hash per bit set in the log's size.", nameof(bytes));
        Size = size;
        bytes.CopyTo(_roots);
        _used = bytes.Length;
    }

    public long Size { get; private set; }

    /// <summary>Adds a leaf, and to <paramref name="tiles"/> the tiles it makes full.</summary>
    public void Add(ReadOnlySpan<byte> leaf, List<Tile>? tiles = null)
    {
        leaf.CopyTo(_roots.AsSpan(_used));
        _used += Leaf.Size;
        // Adding one carries through the trailing ones of the size, as in binary counting.
        var carries = BitOperations.TrailingZeroCount(~Size);
        Size++;
        for (var height = 1; height <= carries; height++)
        {
            _used -= Leaf.Size;
            var pair = _roots.AsSpan(_used - Leaf.Size, 2 * Leaf.Size);
            Merkle.Node(pair[..Leaf.Size], pair[Leaf.Size..], pair);
            if (height % Tile.Height == 0)
                tiles?.Add(new Tile(
                    (short)(height / Tile.Height), (Size >> height) - 1, pair[..Leaf.Size].ToArray()));
        }
    }

    public byte[] Root()
    {
        if (_used == 0)
            return Sha256.Hash([]);
        var root = _roots.AsSpan(_used - Leaf.Size, Leaf.Size).ToArray();
        for (var at = _used - 2 * Leaf.Size; at >= 0; at -= Leaf.Size)
            Merkle.Node(_roots.AsSpan(at, Leaf.Size), root, root);
        return root;
    }

    public byte[] ToBytes() => _roots[.._used];
}

/// <summary>The root of a full subtree of 256 ^ <paramref name="Level"/> leaves.</summary>
/// <param name="Level">From 1.</param>
/// <param name="Index">From 0, among those of its level.</param>
internal sealed record Tile(short Level, long Index, byte[] Root)
{
    /// <summary>Levels of the tree in one level of tiles.</summary>
    public const int Height = 8;
}
