using Ledger.Store;
using Npgsql;

namespace Ledger.Testing;

/// <summary>A database of a test's own on the process's <see cref="TestServer"/>, gone when disposed.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly SemaphoreSlim _turn = new(1);
    private static int _lastTemplate;
    private static int _lastDatabase;
    private static (Func<string, CancellationToken, Task>? Fill, string Name)? _template;

    private TestDatabase(string name, string connectionString)
    {
        Name = name;
        ConnectionString = connectionString;
    }

    /// <summary>Fills the template that every database is copied from, given its connection string; runs once for
    /// each test process. Every connection it opens must be closed when it returns. Null for an empty template; by
    /// default the store's migrations.</summary>
    public static Func<string, CancellationToken, Task>? Template { get; set; } = Migrations.Apply;

    /// <summary>The database's name on the server.</summary>
    public string Name { get; }

    /// <summary>Reaches the database as its owner, with a pool of its own.</summary>
    public string ConnectionString { get; }

    /// <summary>A fresh copy of the template.</summary>
    public static async Task<TestDatabase> Create(CancellationToken cancellation) =>
        await Copy(await FilledTemplate(cancellation), cancellation);

    /// <summary>A database with nothing of the ledger's in it.</summary>
    public static Task<TestDatabase> CreateEmpty(CancellationToken cancellation) => Copy("template0", cancellation);

    /// <summary>A copy of another database as it stands; whoever is connected to that one is put out.</summary>
    public static async Task<TestDatabase> CopyOf(TestDatabase original, CancellationToken cancellation)
    {
        await Execute(
            $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{original.Name}'", cancellation);
        return await Copy(original.Name, cancellation);
    }

    /// <summary>Drops the database and every connection to it.</summary>
    public async ValueTask DisposeAsync()
    {
        await using var pool = new NpgsqlConnection(ConnectionString);
        NpgsqlConnection.ClearPool(pool);
        await Execute($"drop database if exists {Name} with (force)", CancellationToken.None);
    }

    private static async Task<TestDatabase> Copy(string template, CancellationToken cancellation)
    {
        var server = await TestServer.Running;
        var name = $"test_{Interlocked.Increment(ref _lastDatabase)}";
        await Execute($"create database {name} template {template}", cancellation);
        await Execute($"alter database {name} set timezone to 'UTC'", cancellation);
        return new(name, server.ConnectionStringFor(name));
    }

    private static async Task<string> FilledTemplate(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_template is { } ready && ready.Fill == Template)
                return ready.Name;
            var server = await TestServer.Running;
            var name = $"template_{++_lastTemplate}";
            await Execute($"create database {name} template template0", cancellation);
            await Execute($"alter database {name} set timezone to 'UTC'", cancellation);
            if (Template is { } fill)
            {
                var unpooled = new NpgsqlConnectionStringBuilder(server.ConnectionStringFor(name)) { Pooling = false };
                await fill(unpooled.ConnectionString, cancellation);
            }

            await Execute($"alter database {name} allow_connections false", cancellation);
            _template = (Template, name);
            return name;
        }
        finally
        {
            _turn.Release();
        }
    }

    private static async Task Execute(string sql, CancellationToken cancellation)
    {
        var server = await TestServer.Running;
        await using var connection = new NpgsqlConnection(server.ConnectionStringFor("postgres"));
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
