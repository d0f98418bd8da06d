using System.Diagnostics;
using System.Threading.Channels;
using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>Documents → validated, deduplicated, leaf-hashed events, against raw COPY of the same rows.</summary>
internal static class BulkImport
{
    private const int Batch = 2_000;

    public static async Task<Result> Measure(Bench bench, long events, CancellationToken cancellationToken)
    {
        var documents = Documents(events);
        NewEvent[] rows = [.. documents.Select(Payloads.Read)];
        return await Bench.Paired("bulk-import", events, "events/s",
            () => bench.OnFresh(
                source => Rate(events, () => Import(source, documents, cancellationToken)), cancellationToken),
            () => bench.OnFresh(
                source => Rate(events, () => Baselines.Copy(source, rows, cancellationToken)), cancellationToken));
    }

    public static byte[][] Documents(long events)
    {
        var documents = new byte[events][];
        for (var n = 0L; n < events; n++) documents[n] = Payloads.Json(n, "b");
        return documents;
    }

    /// <summary>Reads and hashes on one thread while the store appends on another.</summary>
    public static async Task Import(NpgsqlDataSource source, byte[][] documents, CancellationToken cancellationToken)
    {
        await using var store = new EventStore(source);
        var batches = Channel.CreateBounded<NewEvent[]>(4);
        var reading = Task.Run(
            async () =>
            {
                foreach (var chunk in documents.Chunk(Batch))
                    await batches.Writer.WriteAsync(Array.ConvertAll(chunk, Payloads.Read), cancellationToken);
                batches.Writer.Complete();
            },
            cancellationToken);
        await foreach (var batch in batches.Reader.ReadAllAsync(cancellationToken))
        {
            var verdicts = await store.Append(batch, atomic: false, cancellationToken);
            if (verdicts.Any(v => v is not Appended)) throw new InvalidOperationException("an event was not appended");
        }

        await reading;
    }

    public static async Task<double> Rate(long events, Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return events / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
