using Ledger.Store;

namespace Ledger.Benchmarks;

/// <summary>One writer, a batch of 1,000 documents after the other, ten to each of the same hundred streams; a batch is
/// read and answered before the next begins.</summary>
internal static class Batches
{
    private const int Batch = 1_000;
    private const int Streams = 100;

    public static Task<Figures> OneWriter(Bench bench, long events, CancellationToken cancellationToken)
    {
        var perStream = Math.Max(1, events / Streams);
        byte[][] documents = [.. Enumerable.Range(0, (int)perStream * Streams)
            .Select(n => Payloads.Json(n % Streams * perStream + n / Streams, "w", perStream))];
        return bench.OnFresh(
            source => Bench.OnStore(
                source,
                async store =>
                {
                    var latencies = new Latencies();
                    var rate = await BulkImport.Rate(documents.Length, async () =>
                    {
                        foreach (var batch in documents.Chunk(Batch))
                            await latencies.Of(() => Append(store, batch, cancellationToken));
                    });
                    return new Figures(
                        "batch-1000", documents.Length, rate, latencies.Quantile(0.5), latencies.Quantile(0.99));
                },
                cancellationToken),
            cancellationToken);
    }

    private static async Task Append(EventStore store, byte[][] batch, CancellationToken cancellationToken)
    {
        // As the door reads an array.
        var events = new NewEvent[batch.Length];
        Parallel.For(0, batch.Length, i => events[i] = Payloads.Read(batch[i]));
        var verdicts = await store.Append(events, atomic: false, cancellationToken);
        if (!verdicts.All(verdict => verdict is Appended))
            throw new InvalidOperationException("not appended");
    }
}
