using System.Net.Http.Headers;
using System.Security.Cryptography;
using Ledger.Api;
using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>Batches of 500 documents from four senders over HTTP on loopback, against the same documents read and
/// appended in this process. Neither side projects views.</summary>
internal static class HttpBatch
{
    private const int Batch = 500;
    private const int Senders = 4;

    public static async Task<Result> Measure(Bench bench, long events, CancellationToken cancellationToken)
    {
        var batches = BulkImport.Documents(events).Chunk(Batch).ToArray();
        byte[][] bodies = [.. batches.Select(Array)];
        return await Bench.Paired("http-batch", events, "events/s",
            () => bench.OnFresh(source => OverHttp(source, events, bodies, cancellationToken), cancellationToken),
            () => bench.OnFresh(
                source => Bench.OnStore(
                    source, store => InProcess(store, events, batches, cancellationToken), cancellationToken),
                cancellationToken));
    }

    private static Task<double> InProcess(
        EventStore store, long events, byte[][][] batches, CancellationToken cancellationToken) =>
        BulkImport.Rate(events, () => Spread(batches, async documents =>
        {
            var verdicts = await store.Append(
                System.Array.ConvertAll(documents, Payloads.Read), atomic: false, cancellationToken);
            if (verdicts.Any(verdict => verdict is not Appended)) throw new InvalidOperationException("not appended");
        }));

    private static async Task<double> OverHttp(
        NpgsqlDataSource source, long events, byte[][] bodies, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, key.ExportPkcs8PrivateKeyPem(), cancellationToken);
        await using var ledger = await OpenLedger.Open(
            new(source.ConnectionString, null, file), migrate: false, _ => { }, cancellationToken);
        File.Delete(file);
        await using var server = Server.Build(ledger, ["http://127.0.0.1:0"], projects: false);
        await Server.Start(server, cancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };
        return await BulkImport.Rate(events, () => Spread(bodies, async body =>
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await client.PostAsync(
                new Uri("/v1/events", UriKind.Relative), content, cancellationToken);
            answer.EnsureSuccessStatusCode();
            await answer.Content.CopyToAsync(Stream.Null, cancellationToken);
        }));
    }

    private static Task Spread<T>(T[] items, Func<T, Task> send)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < items.Length; i = Interlocked.Increment(ref next))
                await send(items[i]);
        })));
    }

    private static byte[] Array(byte[][] documents)
    {
        using var array = new MemoryStream();
        for (var i = 0; i < documents.Length; i++)
        {
            array.WriteByte((byte)(i == 0 ? '[' : ','));
            array.Write(documents[i]);
        }

        array.WriteByte((byte)']');
        return array.ToArray();
    }
}
