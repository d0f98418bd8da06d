using Ledger.Store;
using Ledger.Testing;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Tests;

/// <summary>A migrated database with an event store over it.</summary>
public sealed class LedgerDatabase : IAsyncLifetime, IAsyncDisposable
{
    private TestDatabase? _database;
    private NpgsqlDataSource? _source;
    private EventStore? _store;

    public NpgsqlDataSource Source => _source!;

    public EventStore Store => _store!;

    /// <summary>The time at which events are recorded from now on; null = that of the system.</summary>
    public Instant? Now { get; set; }

    /// <summary>One that a test makes for itself.</summary>
    public static async Task<LedgerDatabase> Create(Instant? now = null)
    {
        var made = new LedgerDatabase { Now = now };
        await made.InitializeAsync();
        return made;
    }

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.Create(CancellationToken.None);
        _source = NpgsqlDataSource.Create(_database.ConnectionString);
        _store = new EventStore(_source, () => Now ?? SystemClock.Instance.GetCurrentInstant());
    }

    public Projector Projector(int batchEvents = 2_000, long reachMax = 20_000) =>
        new(Source, Store, batchEvents, reachMax);

    /// <summary>Appends all of them, in this order, and checks that the ledger took each.</summary>
    public async Task Append(params IReadOnlyList<NewEvent> events)
    {
        foreach (var verdict in await Store.Append(events, atomic: false, CancellationToken.None))
            verdict.ShouldBeOfType<Appended>(verdict.ToString());
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
        if (_store is not null) await _store.DisposeAsync();
        if (_source is not null) await _source.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
}
