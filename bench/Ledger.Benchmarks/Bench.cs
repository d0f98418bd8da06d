using System.Globalization;
using System.Security.Cryptography;
using Ledger.Projections;
using Ledger.Store;
using Ledger.Store.Local;
using NodaTime;
using Npgsql;

namespace Ledger.Benchmarks;

/// <summary>One line of the report. Ratio = ours ÷ baseline.</summary>
internal sealed record Result(string Workload, long Events, double Value, string Unit, double Baseline, double Ratio);

/// <summary>One workload beside its baseline.</summary>
/// <param name="Must">What the ratio must be, for reading along; never asserted.</param>
/// <param name="Events">How many events where the command line does not say.</param>
internal sealed record Row(
    string Workload, string Must, long Events, Func<Bench, long, CancellationToken, Task<Result>> Measure);

/// <summary>A server, and fresh databases on it.</summary>
internal sealed class Bench : IAsyncDisposable
{
    /// <summary>Runs of each side; the median counts.</summary>
    public const int Runs = 3;

    private const string Template = "bench_template";

    private readonly LocalPostgres? local;
    private readonly string folder;
    private readonly string server;
    private readonly bool keeps;
    private int databases;

    private Bench(LocalPostgres? local, string folder, string server, bool keeps)
    {
        this.local = local;
        this.folder = folder;
        this.server = server;
        this.keeps = keeps;
    }

    public static async Task<Bench> Start(Ask ask, CancellationToken cancellationToken)
    {
        var data = ask.Keep ?? Path.Combine(Path.GetTempPath(), "ledger-bench-" + Environment.ProcessId);
        var own = ask.Database is null ? await LocalPostgres.Start(data, null, cancellationToken) : null;
        var bench = new Bench(
            own, data, ask.Database ?? own!.ConnectionStringFor("postgres"), ask.Keep is not null);
        await bench.Execute($"drop database if exists {Template}", cancellationToken);
        await bench.Execute($"create database {Template} template template0", cancellationToken);
        await Migrations.Apply(bench.ConnectionString(Template), cancellationToken);
        return bench;
    }

    /// <summary>Runs a piece of work on a fresh, migrated database, and drops it.</summary>
    public async Task<T> OnFresh<T>(
        Func<NpgsqlDataSource, Task<T>> work, CancellationToken cancellationToken, int connections = 100)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench_{++databases}");
        await Execute($"create database {name} template {Template}", cancellationToken);
        await Execute("checkpoint", cancellationToken);
        try
        {
            await using var source = Source(name, connections);
            return await work(source);
        }
        finally
        {
            await Execute($"drop database {name} with (force)", cancellationToken);
        }
    }

    /// <summary>Runs a piece of work that leaves the events as they are on a ledger filled for it: a fresh one, or,
    /// where this bench keeps them, the one filled for the same row and number of events before, with its views as this
    /// program makes them.</summary>
    /// <param name="goesOn">Whether filling goes on with what there is where it was cut short.</param>
    public async Task<T> OnFilled<T>(
        string workload, long events, Func<NpgsqlDataSource, Task> fill, Func<NpgsqlDataSource, Task<T>> work,
        CancellationToken cancellationToken, bool goesOn = false)
    {
        if (!keeps)
        {
            return await OnFresh(
                async source =>
                {
                    await fill(source);
                    return await work(source);
                },
                cancellationToken);
        }

        var name = string.Create(
            CultureInfo.InvariantCulture, $"kept_{workload.Replace('-', '_')}_{events}");
        if (!await IsThere(name, cancellationToken))
        {
            // Under another name until it is whole.
            var part = "filling_" + name;
            if (!goesOn) await Execute($"drop database if exists {part} with (force)", cancellationToken);
            if (!await IsThere(part, cancellationToken))
                await Execute($"create database {part} template {Template}", cancellationToken);
            await Migrations.Apply(ConnectionString(part), cancellationToken);
            await using (var filling = Source(part, 100)) await fill(filling);
            await Execute($"alter database {part} rename to {name}", cancellationToken);
        }

        await Migrations.Apply(ConnectionString(name), cancellationToken);
        await using var source = Source(name, 100);
        await using (var store = new EventStore(source))
            await new Projector(source, store).CatchUp(null, cancellationToken);
        return await work(source);
    }

    /// <summary>A store as a ledger runs it: every root signed.</summary>
    public static async Task<T> OnStore<T>(
        NpgsqlDataSource source, Func<EventStore, Task<T>> work, CancellationToken cancellationToken,
        Writing? writing = null)
    {
        writing ??= new();
        using var signer = writing.Seals
            ? await RootSigner.Open(
                source, ECDsa.Create(ECCurve.NamedCurves.nistP256), isFirst: true,
                SystemClock.Instance.GetCurrentInstant(), cancellationToken)
            : null;
        await using var store = new EventStore(source, null, signer, writing);
        return await work(store);
    }

    /// <summary>Measures ours and the baseline in turn, and sets their medians side by side.</summary>
    public static async Task<Result> Paired(
        string workload, long events, string unit, Func<Task<double>> ours, Func<Task<double>> baseline)
    {
        var (mine, theirs) = (new List<double>(), new List<double>());
        for (var run = 0; run < Runs; run++)
        {
            theirs.Add(await baseline());
            mine.Add(await ours());
        }

        var (value, against) = (Median(mine), Median(theirs));
        return new(workload, events, value, unit, against, value / against);
    }

    public static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    public async ValueTask DisposeAsync()
    {
        if (local is null) return;
        await local.DisposeAsync();
        if (!keeps && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private NpgsqlDataSource Source(string database, int connections) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(ConnectionString(database))
        {
            MaxPoolSize = connections,
            CommandTimeout = 0,
            PersistSecurityInfo = true,
        });

    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder(server) { Database = database }.ConnectionString;

    private async Task<bool> IsThere(string name, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var command = source.CreateCommand("select 1 from pg_database where datname = $1");
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private async Task Execute(string sql, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(server) { Pooling = false, CommandTimeout = 0 };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
