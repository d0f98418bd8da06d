using System.Buffers.Binary;
using System.Diagnostics;
using Ledger.Store;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Benchmarks;

/// <summary>The way from a leaf anywhere in the log to its root, read and hashed. The log has its tree and no events:
/// a proof reads nothing else.</summary>
internal static class InclusionProofs
{
    private const int Group = 2_000;
    private const int Proofs = 1_000;

    public static Task<Figures> Measure(Bench bench, long events, CancellationToken cancellationToken) =>
        bench.OnFresh(
            async source =>
            {
                var root = await Fill(source, events, cancellationToken);
                await using var store = new EventStore(source);
                var (random, latencies) = (new Random(1), new Latencies());
                await Prove(store, 1, events, root, cancellationToken);
                var rate = await BulkImport.Rate(Proofs, async () =>
                {
                    for (var i = 0; i < Proofs; i++)
                        await latencies.Of(() =>
                            Prove(store, random.NextInt64(events) + 1, events, root, cancellationToken));
                });
                return new Figures(
                    "inclusion-proof", events, rate, latencies.Quantile(0.5), latencies.Quantile(0.99));
            },
            cancellationToken);

    private static async Task Prove(
        EventStore store, long position, long size, byte[] root, CancellationToken cancellationToken)
    {
        var proof = await store.Inclusion(position, size, cancellationToken);
        if (proof is null || !proof.Root.Span.SequenceEqual(root) || !proof.Leaf.Span.SequenceEqual(LeafOf(position)))
            throw new UnreachableException("a proof is not of its leaf");
    }

    /// <returns>The log's root.</returns>
    private static async Task<byte[]> Fill(NpgsqlDataSource source, long size, CancellationToken cancellationToken)
    {
        var (frontier, tiles) = (new MerkleFrontier(0, []), new List<Tile>());
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using (var seals = await connection.BeginBinaryImportAsync(
            "copy ledger.seal (size, first, root, leaves) from stdin (format binary)", cancellationToken))
        {
            for (var first = 1L; first <= size; first += Group)
            {
                var leaves = new byte[Math.Min(Group, size - first + 1) * Leaf.Size];
                for (var at = 0; at < leaves.Length; at += Leaf.Size)
                {
                    LeafOf(first + at / Leaf.Size).CopyTo(leaves, at);
                    frontier.Add(leaves.AsSpan(at, Leaf.Size), tiles);
                }

                await seals.StartRowAsync(cancellationToken);
                await seals.WriteAsync(frontier.Size, NpgsqlDbType.Bigint, cancellationToken);
                await seals.WriteAsync(first, NpgsqlDbType.Bigint, cancellationToken);
                await seals.WriteAsync(frontier.Root(), NpgsqlDbType.Bytea, cancellationToken);
                await seals.WriteAsync(leaves, NpgsqlDbType.Bytea, cancellationToken);
            }

            await seals.CompleteAsync(cancellationToken);
        }

        await using var rest = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Sql.Tiles)
                {
                    Parameters =
                    {
                        new() { Value = tiles.Select(tile => tile.Level).ToArray() },
                        new() { Value = tiles.Select(tile => tile.Index).ToArray() },
                        new() { Value = tiles.Select(tile => tile.Root).ToArray() },
                    },
                },
                new("analyze ledger.seal, ledger.tile"),
            },
        };
        await rest.ExecuteNonQueryAsync(cancellationToken);
        return frontier.Root();
    }

    private static byte[] LeafOf(long position)
    {
        Span<byte> entry = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(entry, position);
        return Sha256.Hash(entry);
    }
}
