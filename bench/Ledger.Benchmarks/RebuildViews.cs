using System.Diagnostics;
using Ledger.Projections;
using Ledger.Store;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>All views from the events, in events a second, against binary COPY-in of the rows that result, indexes
/// included.</summary>
internal static class RebuildViews
{
    public static Task<Result> Measure(Bench bench, long events, CancellationToken cancellationToken) =>
        OnEvents(
            bench, events,
            async (source, rebuild) =>
            {
                await rebuild();
                var rows = await CopyOut(source, cancellationToken);
                return await Bench.Paired(
                    "rebuild", events, "events/s", rebuild, () => CopyIn(source, rows, events, cancellationToken));
            },
            cancellationToken);

    /// <summary>All views from the events, without a baseline. The median of three where they take half a minute
    /// together, else fewer.</summary>
    public static Task<Figures> Alone(Bench bench, long events, CancellationToken cancellationToken) => OnEvents(
        bench, events,
        async (_, rebuild) =>
        {
            var (rates, started) = (new List<double>(), Stopwatch.StartNew());
            while (rates.Count == 0 || (rates.Count < Bench.Runs && started.Elapsed < TimeSpan.FromSeconds(20)))
                rates.Add(await rebuild());
            return new Figures("rebuild-views", events, Bench.Median(rates));
        },
        cancellationToken);

    /// <param name="work">Gets what rebuilds once and tells how fast.</param>
    private static Task<T> OnEvents<T>(
        Bench bench, long events, Func<NpgsqlDataSource, Func<Task<double>>, Task<T>> work,
        CancellationToken cancellationToken) => bench.OnFilled(
        "rebuild", events,
        async source =>
        {
            await BulkImport.Import(source, BulkImport.DocumentsInTurn((int)events), cancellationToken);
            await using var store = new EventStore(source);
            await new Projector(source, store).Rebuild(null, cancellationToken);
            await Execute(source, "vacuum analyze", cancellationToken);
        },
        async source =>
        {
            await Execute(source, "checkpoint", cancellationToken);
            await using var store = new EventStore(source);
            var projector = new Projector(source, store);
            return await work(
                source, () => BulkImport.Rate(events, () => projector.Rebuild(null, cancellationToken)));
        },
        cancellationToken);

    private static async Task<IReadOnlyList<(string Table, byte[] Rows)>> CopyOut(
        NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var copies = new List<(string, byte[])>();
        foreach (var table in await Tables(source, cancellationToken))
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var copy = await connection.BeginRawBinaryCopyAsync(
                $"copy views.{table} to stdout (format binary)", cancellationToken);
            using var rows = new MemoryStream();
            await copy.CopyToAsync(rows, cancellationToken);
            copies.Add((table, rows.ToArray()));
        }

        return copies;
    }

    private static async Task<double> CopyIn(
        NpgsqlDataSource source, IReadOnlyList<(string Table, byte[] Rows)> copies, long events,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await Execute(source, "select ledger.views_begin()", cancellationToken);
        await using (var connection = await source.OpenConnectionAsync(cancellationToken))
        {
            foreach (var (table, rows) in copies)
            {
                await using var copy = await connection.BeginRawBinaryCopyAsync(
                    $"copy views_next.{table} from stdin (format binary)", cancellationToken);
                await copy.WriteAsync(rows, cancellationToken);
            }
        }

        await Execute(source, "select ledger.views_index()", cancellationToken);
        var rate = events / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Execute(source, "drop schema views_next cascade", cancellationToken);
        return rate;
    }

    private static async Task<IReadOnlyList<string>> Tables(
        NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var tables = new List<string>();
        await using var command = source.CreateCommand(
            "select relname::text from pg_class where relnamespace = 'views'::regnamespace and relkind = 'r' order by 1");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) tables.Add(reader.GetString(0));
        return tables;
    }

    private static async Task Execute(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
