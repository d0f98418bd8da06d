using System.Diagnostics;
using Ledger.Projections;
using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>Documents → validated, deduplicated, leaf-hashed events, against raw COPY of the same rows.</summary>
internal static class BulkImport
{
    private const int Batch = 5_000;
    private const int Ahead = 2;

    public static async Task<Result> Measure(Bench bench, long events, CancellationToken cancellationToken)
    {
        var documents = Documents(events);
        NewEvent[] rows = [.. documents.Select(Payloads.Read)];
        return await Bench.Paired("bulk-import", events, "events/s",
            () => Ours(bench, documents, new(), cancellationToken),
            () => bench.OnFresh(
                source => Rate(events, () => Baselines.Copy(source, rows, cancellationToken)), cancellationToken));
    }

    public static Task<double> Ours(
        Bench bench, byte[][] documents, Writing writing, CancellationToken cancellationToken) =>
        bench.OnFresh(
            source => Bench.OnStore(
                source,
                store => Rate(
                    documents.Length, () => Import(store, documents, verdict => verdict is Appended, cancellationToken)),
                cancellationToken, writing),
            cancellationToken);

    public static byte[][] Documents(long events)
    {
        var documents = new byte[events][];
        for (var n = 0L; n < events; n++) documents[n] = Payloads.Json(n, "b");
        return documents;
    }

    /// <summary>The same, each made when its turn comes.</summary>
    public static IEnumerable<byte[]> DocumentsInTurn(int events) =>
        Enumerable.Range(0, events).Select(n => Payloads.Json(n, "b"));

    /// <summary>Fills a database for what is measured on it.</summary>
    public static Task Import(
        NpgsqlDataSource source, IEnumerable<byte[]> documents, CancellationToken cancellationToken) =>
        Bench.OnStore(
            source,
            async store =>
            {
                await Import(store, documents, verdict => verdict is Appended, cancellationToken);
                return 0;
            },
            cancellationToken);

    /// <summary>Documents are read on every thread there is, and handed over two batches ahead; while they are stored
    /// already they are found instead, as the ledger's own imports do it.</summary>
    public static async Task Import(
        EventStore store, IEnumerable<byte[]> documents, Func<Verdict, bool> isRight,
        CancellationToken cancellationToken)
    {
        var ahead = new Queue<Task<IReadOnlyList<Verdict>>>();
        var repeats = new Repeats(store);
        foreach (var chunk in documents.Chunk(Batch))
        {
            var batch = repeats.AreExpected ? null : Each(chunk, Payloads.Read);
            if (ahead.Count == Ahead) await Check();
            ahead.Enqueue(batch is null
                ? Find(store, repeats, chunk, cancellationToken)
                : store.Append(batch, atomic: false, cancellationToken));
        }

        while (ahead.Count > 0) await Check();

        async Task Check()
        {
            var verdicts = await ahead.Dequeue();
            repeats.Saw(verdicts.Count, verdicts.Count(verdict => verdict is Duplicate));
            if (!verdicts.All(isRight)) throw new InvalidOperationException("not the verdict expected");
        }
    }

    private static async Task<IReadOnlyList<Verdict>> Find(
        EventStore store, Repeats repeats, byte[][] chunk, CancellationToken cancellationToken)
    {
        var verdicts = Array.ConvertAll(await repeats.Find(
            Each(chunk, document => Recorded.Claim(document) ?? Claim.Of(Payloads.Read(document))), cancellationToken),
            found => (Verdict?)found);
        int[] others = [.. Enumerable.Range(0, chunk.Length).Where(n => verdicts[n] is null)];
        var appended = await store.Append(
            Each(others, n => Payloads.Read(chunk[n])), atomic: false, cancellationToken);
        foreach (var (nth, n) in others.Index()) verdicts[n] = appended[nth];
        return verdicts!;
    }

    private static TTo[] Each<TFrom, TTo>(TFrom[] from, Func<TFrom, TTo> make)
    {
        var each = new TTo[from.Length];
        Parallel.For(0, from.Length, n => each[n] = make(from[n]));
        return each;
    }

    public static async Task<double> Rate(long events, Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return events / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
