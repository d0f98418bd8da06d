using NodaTime;

namespace Ledger.Store;

/// <summary>A decided group with its leaves hashed, ready to be sent.</summary>
internal sealed record GroupCommit(Group Group, byte[] Leaves, byte[] Root, Head NewHead)
{
    public static GroupCommit Of(Group group)
    {
        var placed = group.Placed;
        var frontier = new MerkleFrontier(group.Head.Position, group.Head.Frontier);
        var leaves = new byte[placed.Count * Leaf.Size];
        var micros = Micros(group.Recorded);
        for (var i = 0; i < placed.Count; i++)
        {
            var (item, receipt, streamType) = placed[i];
            var leaf = leaves.AsSpan(i * Leaf.Size, Leaf.Size);
            Leaf.Hash(receipt.Position, receipt.Version, micros, streamType, item.LeafTail, leaf);
            frontier.Add(leaf);
        }

        return new GroupCommit(
            group, leaves, frontier.Root(), new Head(frontier.Size, group.Recorded, frontier.ToBytes()));
    }

    /// <summary>Microseconds since 1970, as leaves hold an instant.</summary>
    public static long Micros(Instant instant) => instant.ToUnixTimeTicks() / 10;
}
