using NodaTime;
using Npgsql;

namespace Ledger.Store;

/// <summary>Reads the tree: seals, keys, and the hashes that a proof is made of.</summary>
internal sealed class LogReader(NpgsqlDataSource source)
{
    public async Task<string> Origin(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Sql.LogOrigin);
        return await command.ExecuteScalarAsync(cancellationToken) as string
            ?? throw new NotAsSealedException("ledger.log has no row.");
    }

    public Task<SealRow?> SealAt(long size, CancellationToken cancellationToken) =>
        Seal(Sql.SealAt, size, cancellationToken);

    public Task<SealRow?> SealLast(CancellationToken cancellationToken) =>
        Seal(Sql.SealLast, null, cancellationToken);

    /// <summary>The first signed seal that covers so many events.</summary>
    public Task<SealRow?> SealSigned(long size, CancellationToken cancellationToken) =>
        Seal(Sql.SealSigned, size, cancellationToken);

    public async Task<IReadOnlyList<SigningKey>> Keys(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await Keys(connection, cancellationToken);
    }

    public static async Task<IReadOnlyList<SigningKey>> Keys(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var keys = new List<SigningKey>();
        await using var command = new NpgsqlCommand(Sql.SigningKeys, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            keys.Add(SigningKey.Of(reader));
        return keys;
    }

    /// <summary>One hash for each span of leaves, and the root of the log at a size where it is asked for as the span
    /// of all.</summary>
    public async Task<List<ReadOnlyMemory<byte>>> Hashes(
        IReadOnlyList<Merkle.Span> spans, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await Hashes(connection, spans, cancellationToken);
    }

    public static async Task<List<ReadOnlyMemory<byte>>> Hashes(
        NpgsqlConnection connection, IReadOnlyList<Merkle.Span> spans, CancellationToken cancellationToken)
    {
        var nodes = await Nodes(connection, [.. spans.SelectMany(span => span.Subtrees())], cancellationToken);
        return [.. spans.Select(span => (ReadOnlyMemory<byte>)HashOf(span, nodes))];
    }

    /// <summary>Bytes of the <see cref="MerkleFrontier"/> at a size.</summary>
    public static async Task<byte[]> Frontier(
        NpgsqlConnection connection, long size, CancellationToken cancellationToken)
    {
        List<Merkle.Subtree> subtrees = [.. new Merkle.Span(0, size).Subtrees()];
        if (subtrees.Count == 0)
            return [];
        var nodes = await Nodes(connection, subtrees, cancellationToken);
        return [.. subtrees.SelectMany(subtree => HashOf(subtree, nodes))];
    }

    private static byte[] HashOf(Merkle.Span span, Dictionary<(int, long), byte[]> nodes)
    {
        if (span.High == span.Low)
            return Sha256.Hash([]);
        var parts = span.Subtrees().Select(subtree => HashOf(subtree, nodes)).ToList();
        var hash = parts[^1];
        for (var i = parts.Count - 2; i >= 0; i--)
            Merkle.Node(parts[i], hash, hash);
        return hash;
    }

    private static byte[] HashOf(Merkle.Subtree subtree, Dictionary<(int, long), byte[]> nodes)
    {
        var level = new byte[subtree.Count * Leaf.Size];
        for (var i = 0; i < subtree.Count; i++)
        {
            var node = nodes.GetValueOrDefault((subtree.Level, subtree.First + i))
                ?? throw new NotAsSealedException(
                    $"Hash {subtree.First + i} of level {subtree.Level} of the log is missing.");
            node.CopyTo(level, i * Leaf.Size);
        }

        for (var count = subtree.Count; count > 1; count /= 2)
            for (var i = 0; i < count / 2; i++)
            {
                var pair = level.AsSpan(2 * i * Leaf.Size, 2 * Leaf.Size);
                Merkle.Node(pair[..Leaf.Size], pair[Leaf.Size..], level.AsSpan(i * Leaf.Size));
            }

        return level[..Leaf.Size];
    }

    /// <summary>The leaves (level 0) and tile roots that subtrees are hashed from: one round trip.</summary>
    private static async Task<Dictionary<(int Level, long Index), byte[]>> Nodes(
        NpgsqlConnection connection, List<Merkle.Subtree> subtrees, CancellationToken cancellationToken)
    {
        var leaves = subtrees.Where(subtree => subtree.Level == 0).ToList();
        var tiles = subtrees.Where(subtree => subtree.Level > 0).ToList();
        var nodes = new Dictionary<(int, long), byte[]>();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Runs(
            Sql.LeafRuns, leaves.Select(leaf => leaf.First + 1).ToArray(),
            leaves.Select(leaf => leaf.First + leaf.Count).ToArray()));
        batch.BatchCommands.Add(Runs(
            Sql.TileRuns, tiles.Select(tile => (short)tile.Level).ToArray(),
            tiles.Select(tile => tile.First).ToArray(), tiles.Select(tile => tile.First + tile.Count - 1).ToArray()));
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (position, run) = (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
            for (var i = 0; i < run.Length / Leaf.Size; i++)
                nodes[(0, position - 1 + i)] = run[(i * Leaf.Size)..((i + 1) * Leaf.Size)];
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            nodes[(reader.GetInt16(0), reader.GetInt64(1))] = reader.GetFieldValue<byte[]>(2);
        return nodes;
    }

    private static NpgsqlBatchCommand Runs(string sql, params object[] bounds)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var bound in bounds)
            command.Parameters.Add(new() { Value = bound });
        return command;
    }

    private async Task<SealRow?> Seal(string sql, long? size, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        if (size is { } events)
            command.Parameters.Add(new() { Value = events });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new SealRow(
                reader.GetInt64(0), reader.GetFieldValue<byte[]>(1),
                reader.IsDBNull(2) ? null : reader.GetFieldValue<byte[]>(2))
            : null;
    }
}

/// <summary>A seal without its leaves.</summary>
/// <param name="Signature">With the key's id before it; null = unsigned.</param>
internal sealed record SealRow(long Size, byte[] Root, byte[]? Signature);

/// <summary>A public key that signs, or signed, the log's roots.</summary>
/// <param name="Id">Its first four bytes of SHA-256 (C2SP).</param>
/// <param name="PublicKey">SubjectPublicKeyInfo, DER.</param>
/// <param name="RetiredAt">Null = in use.</param>
/// <param name="Predecessor">Id of the key whose place it took.</param>
/// <param name="Endorsement">The predecessor's signature over this key; null where there is none.</param>
public sealed record SigningKey(
    ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> PublicKey, Instant AddedAt, Instant? RetiredAt,
    ReadOnlyMemory<byte>? Predecessor, ReadOnlyMemory<byte>? Endorsement)
{
    internal static SigningKey Of(NpgsqlDataReader reader) => new(
        reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1), reader.Instant(2),
        reader.IsDBNull(3) ? null : reader.Instant(3), Bytes(reader, 4), Bytes(reader, 5));

    private static ReadOnlyMemory<byte>? Bytes(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? default(ReadOnlyMemory<byte>?) : reader.GetFieldValue<byte[]>(ordinal);
}

/// <summary>A table of the log is not as it was sealed, so that nothing can be proven from it; the message says where.
/// </summary>
public sealed class NotAsSealedException(string message) : Exception(message);
