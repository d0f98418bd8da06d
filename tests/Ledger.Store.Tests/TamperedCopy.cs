using Npgsql;

namespace Ledger.Store.Tests;

/// <summary>A copy of a database, to be changed behind the ledger's back.</summary>
internal sealed class TamperedCopy : IAsyncDisposable
{
    private static int _last;

    private readonly string _name;
    private readonly NpgsqlDataSource _server;

    private TamperedCopy(string name, NpgsqlDataSource server, NpgsqlDataSource source)
    {
        _name = name;
        _server = server;
        Source = source;
    }

    public NpgsqlDataSource Source { get; }

    public static async Task<TamperedCopy> Of(StoreDatabase original)
    {
        var name = $"tampered_{Interlocked.Increment(ref _last)}";
        var address = new NpgsqlConnectionStringBuilder(original.ConnectionString);
        original.Source.Clear();
        await using (var connection = new NpgsqlConnection(original.ConnectionString))
            NpgsqlConnection.ClearPool(connection);
        var from = address.Database;
        address.Database = "postgres";
        var server = NpgsqlDataSource.Create(address);
        await using (var create = server.CreateCommand($"create database {name} template {from}"))
            await create.ExecuteNonQueryAsync();
        address.Database = name;
        return new TamperedCopy(name, server, NpgsqlDataSource.Create(address));
    }

    /// <summary>Runs the statements past foreign keys, as one with the superuser's rights can.</summary>
    public async Task<bool> Tamper(string sql)
    {
        await using var command = Source.CreateCommand($"set session_replication_role = replica; {sql}");
        return await command.ExecuteNonQueryAsync() != 0;
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await using (var drop = _server.CreateCommand($"drop database {_name} with (force)"))
            await drop.ExecuteNonQueryAsync();
        await _server.DisposeAsync();
    }
}
