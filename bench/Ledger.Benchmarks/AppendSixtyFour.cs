using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>64 callers, one event each at a time, against 64 connections that insert one stream and one
/// event.</summary>
internal static class AppendSixtyFour
{
    private const int Callers = 64;

    public static async Task<Result> Measure(Bench bench, long events, CancellationToken cancellationToken)
    {
        NewEvent[] rows = [.. Enumerable.Range(0, (int)events).Select(n => OneToAStream(n))];
        return await Bench.Paired("append-64", events, "events/s",
            () => bench.OnFresh(source => Ours(source, rows, cancellationToken), cancellationToken),
            () => bench.OnFresh(source => Theirs(source, rows, cancellationToken), cancellationToken));
    }

    public static NewEvent OneToAStream(int n) =>
        Payloads.Read(Payloads.Json((long)n * Payloads.EventsPerStream, "a"));

    private static async Task<double> Ours(
        NpgsqlDataSource source, NewEvent[] rows, CancellationToken cancellationToken)
    {
        await using var store = new EventStore(source);
        await store.Append(Payloads.Read(Payloads.Json(0, "warm")), cancellationToken);
        return await Spread(rows, _ => Task.FromResult<Func<NewEvent, Task>>(async e =>
        {
            if (await store.Append(e, cancellationToken) is not Appended)
                throw new InvalidOperationException("not appended");
        }));
    }

    private static Task<double> Theirs(NpgsqlDataSource source, NewEvent[] rows, CancellationToken cancellationToken) =>
        Spread(rows, async _ =>
        {
            var insert = await Baselines.PreparedInsert(source, cancellationToken);
            return e => Baselines.Insert(insert, e, cancellationToken);
        });

    private static async Task<double> Spread(NewEvent[] rows, Func<int, Task<Func<NewEvent, Task>>> caller)
    {
        var callers = new Func<NewEvent, Task>[Callers];
        for (var i = 0; i < Callers; i++) callers[i] = await caller(i);
        var next = -1;
        return await BulkImport.Rate(rows.Length, () => Task.WhenAll(callers.Select(append => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < rows.Length; i = Interlocked.Increment(ref next))
                await append(rows[i]);
        }))));
    }
}
