using Ledger.Testing;
using NodaTime;
using Npgsql;

namespace Ledger.Store.Tests;

/// <summary>A migrated database of a test class's own.</summary>
public class StoreDatabase : IAsyncLifetime
{
    private TestDatabase? _database;
    private NpgsqlDataSource? _source;

    public string ConnectionString => _database!.ConnectionString;

    public NpgsqlDataSource Source => _source!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.Create(None);
        _source = NpgsqlDataSource.Create(_database.ConnectionString);
    }

    public EventStore Store(Func<Instant>? clock = null) => StoreOver(Source, clock);

    /// <summary>A store that writes the way this database's tests go.</summary>
    public EventStore StoreOver(NpgsqlDataSource source, Func<Instant>? clock = null) =>
        new(source, clock, null, Writing);

    internal virtual Writing Writing => new();

    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task<int> Execute(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>All rows, each as its values parted by a bar.</summary>
    public async Task<List<string>> Rows(string sql)
    {
        var rows = new List<string>();
        await using var command = Source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            rows.Add(string.Join("|", Enumerable.Range(0, reader.FieldCount)
                .Select(i => reader.IsDBNull(i) ? "-" : Convert.ToString(reader.GetValue(i), null))));
        return rows;
    }

    public async Task DisposeAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }
}

/// <summary>Its stores write every group by COPY, however small.</summary>
public sealed class CopyingDatabase : StoreDatabase
{
    internal override Writing Writing => new(CopyFrom: 1);
}
