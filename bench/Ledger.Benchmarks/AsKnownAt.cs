using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;
using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>An entity read as the ledger knew it at a position gone by, mean time in milliseconds, against the same
/// entity read now. Half of those read changed since; a tenth are of two systems.</summary>
internal static class AsKnownAt
{
    private const int Reads = 1_000;

    public static async Task<Result> Measure(Bench bench, long events, CancellationToken cancellationToken) =>
        await bench.OnFilled(
            "as-known-at", events,
            source => Bench.OnStore(
                source, store => Fill(source, store, events, cancellationToken), cancellationToken),
            source => Paired(source, events, cancellationToken), cancellationToken);

    private static async Task<Result> Paired(
        NpgsqlDataSource source, long events, CancellationToken cancellationToken)
    {
        var numbers = Numbers(events);
        await using var store = new EventStore(source);
        var times = new Times(AsKnownAt: await store.Position(cancellationToken) - (numbers.Length / 2));
        new Random(2).Shuffle(numbers);
        string[] streams =
        [
            .. numbers.Select(n => StreamName.Of("time", "psa", string.Create(
                CultureInfo.InvariantCulture, $"b{n}"))),
        ];
        Task<double> Then() => Mean(streams, async stream =>
            await EntityReader.Find(source, "time", stream, times, cancellationToken) is (_, not null));
        Task<double> Now() => Mean(streams, async stream =>
            (await EntityReader.Find(source, "time", stream, cancellationToken)).Entities.Count == 1);
        await Then();
        await Now();
        return await Bench.Paired("as-known-at", events, "ms mean", Then, Now);
    }

    private static long[] Numbers(long events)
    {
        var count = (int)Math.Min(Reads, events / Payloads.EventsPerStream);
        return [.. Enumerable.Range(0, count).Select(n => n * (events / Payloads.EventsPerStream) / count)];
    }

    /// <summary>The corrections come last: before them lies the position that is asked for.</summary>
    private static async Task<bool> Fill(
        NpgsqlDataSource source, EventStore store, long events, CancellationToken cancellationToken)
    {
        await Append([Registered("psa", "psa"), Registered("billing", "billing")]);
        await Append(BulkImport.Documents(events));
        var numbers = Numbers(events);
        await Append([.. numbers.Where((_, i) => i % 10 == 3).SelectMany(n => new[] { Copied(n), Linked(n) })]);
        new Random(1).Shuffle(numbers);
        await Append([.. numbers.Take(numbers.Length / 2).Select(Corrected)]);
        await new Projector(source, store).Rebuild(null, cancellationToken);
        await using var analyze = source.CreateCommand("analyze");
        await analyze.ExecuteNonQueryAsync(cancellationToken);
        return true;

        Task Append(byte[][] documents) =>
            BulkImport.Import(store, documents, verdict => verdict is Appended, cancellationToken);
    }

    private static async Task<double> Mean(string[] streams, Func<string, Task<bool>> read)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var stream in streams)
            if (!await read(stream)) throw new InvalidOperationException($"{stream} is not there");
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds / streams.Length;
    }

    private static byte[] Registered(string system, string role) => Document(
        "ledger", $"registered-{system}", "source_registered", $"source/{system}", $$"""{"roles":["{{role}}"]}""");

    private static byte[] Copied(long n) => Document(
        "billing", $"copied-{n}", "time_stated", $"time/c{n}", """{"note":"As billed","billable":true}""");

    private static byte[] Linked(long n) => Document(
        "ledger", $"linked-{n}", "identity_linked", $"identity/b{n}",
        $$"""
        {"a":{"kind":"time","source":"psa","id":"b{{n}}"} ,"b":{"kind":"time","source":"billing","id":"c{{n}}"} }
        """);

    private static byte[] Corrected(long n) => Document(
        "psa", $"late-{n}", "time_entry_corrected", $"time/b{n}", """{"note":"Corrected once more"}""");

    private static byte[] Document(string source, string id, string type, string subject, string data) =>
        Encoding.UTF8.GetBytes(
            $$"""
            {"source":"{{source}}","id":"{{id}}","type":"{{type}}","subject":"{{subject}}",
            "time":"2026-12-01T09:00:00Z","data":{{data}} }
            """);
}
