using System.Diagnostics;
using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>A full verification of the log, against binary COPY-out of every row it reads with as many workers.
/// </summary>
internal static class VerifyLog
{
    public static readonly int Workers = Math.Max(1, Environment.ProcessorCount / 2);

    public static Task<Result> Measure(Bench bench, long events, CancellationToken cancellationToken) =>
        bench.OnFresh(
            async source =>
            {
                await BulkImport.Import(source, BulkImport.Documents(events), cancellationToken);
                await using (var analyze = source.CreateCommand("vacuum analyze"))
                    await analyze.ExecuteNonQueryAsync(cancellationToken);
                return await Bench.Paired("verify", events, "events/s",
                    () => BulkImport.Rate(events, () => Verify(source, events, cancellationToken)),
                    () => BulkImport.Rate(events, () => CopyOut(source, events, cancellationToken)));
            },
            cancellationToken);

    private static async Task Verify(NpgsqlDataSource source, long events, CancellationToken cancellationToken)
    {
        await using var store = new EventStore(source);
        var found = await store.Verify(new VerifyOptions { Workers = Workers }, null, cancellationToken);
        if (found.First is not null || found.Events != events)
            throw new UnreachableException(found.First?.What ?? "not every event was verified");
    }

    /// <summary>Events in ranges of positions, the other tables whole, by whoever is free.</summary>
    private static async Task CopyOut(NpgsqlDataSource source, long events, CancellationToken cancellationToken)
    {
        var part = events / (2 * Workers) + 1;
        var copies = new Queue<string>(Enumerable.Range(0, 2 * Workers).Select(n => FormattableString.Invariant(
            $"copy (select * from events.mt_events where seq_id > {n * part} and seq_id <= {(n + 1) * part}) "))
            .Concat(["copy events.mt_streams ", "copy ledger.key ", "copy ledger.seal ", "copy ledger.tile "]));
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(
            async () =>
            {
                await using var connection = await Roomy(source, cancellationToken);
                var buffer = new byte[128 << 10];
                while (Next() is { } copy)
                {
                    await using var stream = await connection.BeginRawBinaryCopyAsync(
                        copy + "to stdout (format binary)", cancellationToken);
                    while (Read(stream, buffer) > 0)
                    {
                        // Only read.
                    }
                }
            },
            cancellationToken)));

        // Waiting on the thread itself is the cheaper way on both sides.
        static int Read(Stream stream, byte[] buffer) => stream.Read(buffer);

        string? Next()
        {
            lock (copies) return copies.TryDequeue(out var copy) ? copy : null;
        }
    }

    /// <summary>As the verifier's connections are.</summary>
    private static async Task<NpgsqlConnection> Roomy(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var plain = source.CreateConnection();
        var roomy = plain.CloneWith(new NpgsqlConnectionStringBuilder(plain.ConnectionString)
        {
            ReadBufferSize = 128 << 10,
            Pooling = false,
        }.ConnectionString);
        await roomy.OpenAsync(cancellationToken);
        return roomy;
    }
}
