using System.Numerics;
using System.Security.Cryptography;

namespace Ledger.Store;

/// <summary>What must be kept of an RFC 6962 log to add leaves and name its root: the roots of its perfect subtrees,
/// largest first, one per bit set in the size. Its bytes are those hashes in that order.</summary>
internal sealed class MerkleFrontier
{
    private readonly List<byte[]> _roots = [];

    public MerkleFrontier(long size, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != BitOperations.PopCount((ulong)size) * Leaf.Size)
            throw new ArgumentException("A frontier has one hash per bit set in the log's size.", nameof(bytes));
        Size = size;
        for (; !bytes.IsEmpty; bytes = bytes[Leaf.Size..])
            _roots.Add(bytes[..Leaf.Size].ToArray());
    }

    public long Size { get; private set; }

    public void Add(ReadOnlySpan<byte> leaf)
    {
        var node = leaf.ToArray();
        // Adding one carries through the trailing ones of the size, as in binary counting.
        for (var carries = BitOperations.TrailingZeroCount(~Size); carries > 0; carries--)
        {
            node = Node(_roots[^1], node);
            _roots.RemoveAt(_roots.Count - 1);
        }

        _roots.Add(node);
        Size++;
    }

    public byte[] Root()
    {
        if (_roots.Count == 0)
            return SHA256.HashData([]);
        var root = _roots[^1];
        for (var i = _roots.Count - 2; i >= 0; i--)
            root = Node(_roots[i], root);
        return root;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[_roots.Count * Leaf.Size];
        for (var i = 0; i < _roots.Count; i++)
            _roots[i].CopyTo(bytes, i * Leaf.Size);
        return bytes;
    }

    private static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> input = stackalloc byte[1 + 2 * Leaf.Size];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Leaf.Size)..]);
        return SHA256.HashData(input);
    }
}
