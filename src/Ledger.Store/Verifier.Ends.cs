using System.Numerics;
using Npgsql;

namespace Ledger.Store;

/// <summary>Where a verification begins, and what it holds the log's ends and tables to.</summary>
internal sealed partial class Verifier
{
    /// <summary>Where to go on from, which the log's own hashes must lead to, and which roots from outside are met on
    /// the way.</summary>
    private async Task<(Checkpoint? Start, Difference? Difference)> Start(
        NpgsqlConnection connection, KeyRing keys, CancellationToken cancellationToken)
    {
        var (start, isSealed) = (_options.From, true);
        if (start is null && _options.Since > 0)
        {
            await using var command = Command(connection, Sql.SealBefore, _options.Since);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
            {
                start = new(_origin, reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
                var signature = reader.IsDBNull(2) ? null : reader.GetFieldValue<byte[]>(2);
                var (wrong, isTrusted) = keys.Check(start.Size, start.Root.Span, signature);
                if (wrong is not null)
                    return (start, wrong);
                isSealed = _options.Key is null || isTrusted;
            }
        }

        if (start is not null && Foreign(start) is { } foreign)
            return (start, foreign);
        if (!isSealed)
            return (start, KeyRing.Wrong(start!.Size, "is not signed with the key given"));
        if (start is not null && await Kept(connection, start, cancellationToken) is { } broken)
            return (start, broken);
        foreach (var note in _options.Against)
            if (Foreign(note.Checkpoint) is { } other)
                return (start, other);
            else if (_options.Key is not null && !keys.Knows(note))
                return (start, KeyRing.Wrong(note.Checkpoint.Size, "written outside is not signed by this log"));
            else if (await Outside(connection, note.Checkpoint, start, cancellationToken) is { } rewritten)
                return (start, rewritten);
        return (start, null);
    }

    private Difference? Foreign(Checkpoint root) =>
        root.Origin != _origin
            ? new("ledger.log", null, $"The root is of another log, {root.Origin}; this one is {_origin}.")
            : root.Size > _sealed ? new("ledger.seal", null, Rewound(root.Size, _sealed)) : null;

    /// <summary>Whether the hashes kept of the log up to a root give that root.</summary>
    private static async Task<Difference?> Kept(
        NpgsqlConnection connection, Checkpoint root, CancellationToken cancellationToken)
    {
        try
        {
            var hashes = await LogReader.Hashes(connection, [new(0, root.Size)], cancellationToken);
            return hashes[0].Span.SequenceEqual(root.Root.Span)
                ? null
                : KeyRing.Wrong(root.Size, "is not the one that the hashes kept give");
        }
        catch (NotAsSealedException error)
        {
            return new("ledger.tile", root.Size, error.Message);
        }
    }

    /// <summary>A root from outside is met while events are read, or, before the start, by a proof.</summary>
    private async Task<Difference?> Outside(
        NpgsqlConnection connection, Checkpoint outside, Checkpoint? start, CancellationToken cancellationToken)
    {
        if (_outside.TryGetValue(outside.Size, out var same) && !same.Span.SequenceEqual(outside.Root.Span))
            return new("ledger.seal", outside.Size, Rewritten(outside.Size));
        if (outside.Size == 0)
            return outside.Root.Span.SequenceEqual(MerkleProof.EmptyRoot.Span)
                ? null
                : new("ledger.seal", null, Rewritten(0));
        _outside[outside.Size] = outside.Root;
        if (outside.Size > (start?.Size ?? 0))
            return null;
        try
        {
            var path = Merkle.Consistency(outside.Size, start!.Size);
            var hashes = await LogReader.Hashes(connection, path, cancellationToken);
            return MerkleProof.Extends(outside.Size, outside.Root.Span, start.Size, start.Root.Span, hashes)
                ? null
                : new("ledger.seal", outside.Size, Rewritten(outside.Size));
        }
        catch (NotAsSealedException error)
        {
            return new("ledger.tile", outside.Size, error.Message);
        }
    }

    /// <summary>Nothing beyond the seals, and the head at their end.</summary>
    private static async Task<Difference?> Ends(
        NpgsqlConnection connection, Joint found, CancellationToken cancellationToken)
    {
        var size = found.Size;
        if (await Scalar(connection, Sql.EventOutside, cancellationToken, size) is long position)
            return new Difference("events.mt_events", position, $"No seal covers the event at {position}.");
        await using (var command = Command(connection, Sql.Head))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
                return new Difference("ledger.head", null, "The head's row is gone.");
            if (reader.GetInt64(0) != size || !Gives(reader.GetFieldValue<byte[]>(2), size, found.Root.Span))
                return new Difference(
                    "ledger.head", size,
                    $"The head stands at {reader.GetInt64(0)} or on other leaves; the seals end at {size}.");
            if (found.LastRecorded != 0 && GroupCommit.Micros(reader.Instant(1)) != found.LastRecorded)
                return new Difference("ledger.head", size, "The head's instant is not the last event's.");
        }

        return await Scalar(connection, Sql.SequenceLast, cancellationToken) is long last && last < size
            ? new Difference("events.mt_events_sequence", size, $"Marten's sequence was set back to {last}.")
            : null;
    }

    private static bool Gives(byte[] frontier, long size, ReadOnlySpan<byte> root) =>
        frontier.Length == BitOperations.PopCount((ulong)size) * Leaf.Size
        && new MerkleFrontier(size, frontier).Root().AsSpan().SequenceEqual(root);

    private async Task<long[]> Totals(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, Sql.VerifiedTotals, _sealed);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetInt64)];
    }

    /// <summary>Rows beside those that the events confirmed; a table whose count is wrong is searched.</summary>
    private async Task<Difference?> Counts(
        NpgsqlConnection connection, long[] counts, CancellationToken cancellationToken)
    {
        if (counts is not [0, 0, _, _, _])
            return await Scalar(connection, Sql.StreamThatDiffers, cancellationToken) is string stream
                ? StreamDiffers(stream)
                : new Difference(
                    "events.mt_streams", null, "The streams' versions do not come to the events there are.");
        if (counts[2] != _sealed || counts[3] != 0)
            return await Scalar(connection, Sql.KeyWithoutEvent, cancellationToken) is Guid key
                ? new Difference("ledger.key", null, $"Key {key} has neither an event nor a parked one.")
                : new Difference("ledger.key", null, "There are more keys than events.");
        var tiles = 0L;
        for (var size = _sealed >> Tile.Height; size > 0; size >>= Tile.Height)
            tiles += size;
        return counts[4] == tiles
            ? null
            : new Difference("ledger.tile", null, "There are hashes of subtrees that the log does not have.");
    }

    /// <summary>Under a key that was given, its signatures never cease.</summary>
    private Difference? Signed(RootCount roots)
    {
        if (_options.Key is null || roots.All == 0)
            return null;
        return roots.Stray > 0 ? KeyRing.Wrong(roots.Stray, "is not signed with the key given, though one before is")
            : roots.IsLastTrusted ? null
            : KeyRing.Wrong(_sealed, "is not signed with the key given");
    }
}
