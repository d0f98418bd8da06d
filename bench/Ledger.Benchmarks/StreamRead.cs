using System.Diagnostics;
using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>Streams of a thousand events, each read whole, one after the other.</summary>
internal static class StreamRead
{
    private const int EventsPerStream = 1_000;
    private const int Reads = 300;

    public static Task<Figures> Measure(Bench bench, long events, CancellationToken cancellationToken)
    {
        var streams = (int)Math.Max(1, events / EventsPerStream);
        return bench.OnFresh(
            async source =>
            {
                // As connectors send them: every stream grows a little at a time.
                var documents = Enumerable.Range(0, streams * EventsPerStream).Select(n => Payloads.Json(
                    (long)(n % streams) * EventsPerStream + n / streams, "r", EventsPerStream));
                await BulkImport.Import(source, documents, cancellationToken);
                await using (var analyze = source.CreateCommand("vacuum analyze"))
                    await analyze.ExecuteNonQueryAsync(cancellationToken);
                await using var store = new EventStore(source);
                string[] names = [.. Enumerable.Range(0, streams).Select(
                    n => Payloads.Read(Payloads.Json((long)n * EventsPerStream, "r", EventsPerStream)).Stream)];
                await Read(store, names[0], cancellationToken);
                var latencies = new Latencies();
                var rate = await BulkImport.Rate(Reads * EventsPerStream, async () =>
                {
                    for (var i = 0; i < Reads; i++)
                        await latencies.Of(() => Read(store, names[i % streams], cancellationToken));
                });
                return new Figures(
                    "read-stream-1000", streams * EventsPerStream, rate, latencies.Quantile(0.5),
                    latencies.Quantile(0.99));
            },
            cancellationToken);
    }

    private static async Task Read(EventStore store, string stream, CancellationToken cancellationToken)
    {
        var events = 0;
        await foreach (var _ in store.ReadStream(stream, cancellationToken))
            events++;
        if (events != EventsPerStream)
            throw new UnreachableException("a stream is not as it was written");
    }
}
