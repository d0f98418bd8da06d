using System.Buffers;
using NodaTime;

namespace Ledger.Store;

/// <summary>A decided group with its leaves hashed and its root signed, ready to be sent.</summary>
/// <param name="Tiles">Those its leaves make full.</param>
/// <param name="Signature">Of the root, with the key's id before it; null where no key is given.</param>
internal sealed record GroupCommit(
    Group Group, byte[] Leaves, IReadOnlyList<Tile> Tiles, byte[] Root, byte[]? Signature, Head NewHead)
{
    /// <summary>A group without its seal, for telling what that costs.</summary>
    public static GroupCommit Unsealed(Group group) => new(
        group, [], [], [], null, group.Head with
        {
            Position = group.Head.Position + group.Placed.Count, Recorded = group.Recorded,
        });

    public static GroupCommit Of(Group group, RootSigner? signer = null)
    {
        var placed = group.Placed;
        var frontier = new MerkleFrontier(group.Head.Position, group.Head.Frontier);
        var leaves = new byte[placed.Count * Leaf.Size];
        var tiles = placed.Count + (group.Head.Position & 0xFF) > 0xFF ? new List<Tile>() : null;
        var micros = Micros(group.Recorded);
        var scratch = new ArrayBufferWriter<byte>(1_024);
        for (var i = 0; i < placed.Count; i++)
        {
            var (item, receipt, streamType) = placed[i];
            var leaf = leaves.AsSpan(i * Leaf.Size, Leaf.Size);
            Leaf.Hash(receipt.Position, receipt.Version, micros, streamType, item.LeafTail(scratch), leaf);
            frontier.Add(leaf, tiles);
        }

        var root = frontier.Root();
        return new GroupCommit(
            group, leaves, tiles is null ? [] : tiles, root, signer?.Sign(frontier.Size, root),
            new Head(frontier.Size, group.Recorded, frontier.ToBytes()));
    }

    /// <summary>Microseconds since 1970, as leaves hold an instant.</summary>
    public static long Micros(Instant instant) => instant.ToUnixTimeTicks() / 10;
}
