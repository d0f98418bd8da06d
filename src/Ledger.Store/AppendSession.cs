using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>The appender's own connection: opened when first needed, kept, dropped after a failure.</summary>
internal sealed class AppendSession(NpgsqlDataSource source, Writing writing) : IAsyncDisposable
{
    private AppendConnection? _open;

    /// <summary>Whether the connection is gone, or no use any more: Npgsql finds its own parts disposed where one
    /// breaks under it.</summary>
    public static bool IsLost(Exception error) =>
        StoreUnavailableException.Is(error) || error is ObjectDisposedException;

    public async ValueTask<AppendConnection> Open(CancellationToken cancellationToken)
    {
        if (_open is { IsUsable: true })
            return _open;
        await Drop();
        return _open = await AppendConnection.Open(source, writing, cancellationToken);
    }

    public async Task Drop()
    {
        if (_open is null)
            return;
        var dropped = _open;
        _open = null;
        await dropped.DisposeAsync();
    }

    /// <summary>Tries one item alone and takes it back.</summary>
    /// <returns>PostgreSQL's refusal, if it refuses.</returns>
    public async Task<PostgresException?> Probe(Prepared item, CancellationToken cancellationToken)
    {
        var connection = await Open(cancellationToken);
        await using var transaction = await connection.Begin();
        var request = new Request([item], new Verdict?[1], atomic: false, cancellationToken);
        var known = await connection.Look([new Slice(request, 0, 1)], locked: true);
        // Its expected version may be a neighbour's doing, and is not what is asked here.
        var alone = item with { Event = item.Event with { ExpectedVersion = null, Snapshot = null } };
        var group = known.Group(known.Head.Recorded, unsure: false);
        var probe = new Request([alone], new Verdict?[1], atomic: false, cancellationToken);
        group.Decide(new Slice(probe, 0, 1));
        if (group.Placed.Count == 0)
            return null;
        try
        {
            await connection.Append(group, Task.FromResult(GroupCommit.Of(group)));
            await connection.SetSequenceBack(known.Head.Position);
            return null;
        }
        catch (PostgresException error) when (!StoreUnavailableException.Is(error))
        {
            return error;
        }
    }

    public async ValueTask DisposeAsync() => await Drop();
}

/// <summary>What the database says about a piece: the head read first, then streams and keys, none older than
/// it.</summary>
internal sealed record Known(
    Head Head, IReadOnlyDictionary<Guid, KeyHolder> Keys, IReadOnlyDictionary<string, StreamHead> Streams)
{
    public Group Group(Instant recorded, bool unsure) =>
        new(Head, recorded, key => Keys.GetValueOrDefault(key), stream => Streams.GetValueOrDefault(stream), unsure);
}

/// <summary>One connection set up for appending, with its statements prepared.</summary>
internal sealed class AppendConnection : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly Writing _writing;
    private readonly AppendCommand _append;

    private AppendConnection(NpgsqlConnection connection, Writing writing)
    {
        _connection = connection;
        _writing = writing;
        _append = new AppendCommand(connection);
    }

    public bool IsUsable => _connection.FullState == System.Data.ConnectionState.Open;

    public static async Task<AppendConnection> Open(
        NpgsqlDataSource source, Writing writing, CancellationToken cancellationToken)
    {
        var opened = new AppendConnection(await source.OpenConnectionAsync(cancellationToken), writing);
        try
        {
            await using (var setup = new NpgsqlCommand(Sql.AppenderSession, opened._connection))
                await setup.ExecuteNonQueryAsync(cancellationToken);
            await opened._append.Prepare(cancellationToken);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    public ValueTask<NpgsqlTransaction> Begin() => _connection.BeginTransactionAsync(CancellationToken.None);

    /// <summary>Whether a group is large enough to be copied, which needs a transaction around it.</summary>
    public bool Copies(Group group) => group.Placed.Count >= _writing.CopyFrom;

    /// <summary>Null = stored; else what the assumption had wrong.</summary>
    public async Task<string?> Append(Group group, Task<GroupCommit> sealing) => Copies(group)
        ? await CopyAppend.Run(_connection, group, sealing)
        : await _append.Run(await sealing);

    /// <summary>Undoes what a rollback would not: Marten takes numbers beyond the head for lost ones. Only under the
    /// head's lock, where nobody else can have moved it.</summary>
    public async Task SetSequenceBack(long position)
    {
        await using var command = new NpgsqlCommand(Sql.SetSequence, _connection);
        command.Parameters.Add(new() { Value = position });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>Where the head stands now.</summary>
    public async Task<Head> Head()
    {
        await using var command = new NpgsqlCommand(Sql.Head, _connection);
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        return await Head(reader);
    }

    /// <summary>Reads the head, taking its lock if asked, and then streams and keys: one round trip.</summary>
    public async Task<Known> Look(List<Slice> piece, bool locked)
    {
        var items = Items(piece).ToList();
        await using var batch = new NpgsqlBatch(_connection) { Timeout = AppendCommand.TimeoutSeconds };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(locked ? Sql.HeadLocked : Sql.Head));
        var hasNewest = Lookup.Add(batch, items);
        await batch.PrepareAsync(CancellationToken.None);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        var head = await Head(reader);
        await reader.NextResultAsync(CancellationToken.None);
        var streams = await Lookup.Streams(reader, hasNewest, CancellationToken.None);
        await reader.NextResultAsync(CancellationToken.None);
        return new Known(head, await Lookup.Keys(reader, items, CancellationToken.None), streams);
    }

    /// <summary>Receipts of those that are stored, exactly so, by their places.</summary>
    public async Task<Receipt?[]> Stored(IReadOnlyList<Claim?> claims)
    {
        int[] places = [.. Enumerable.Range(0, claims.Count).Where(place => claims[place] is not null)];
        var found = new Receipt?[claims.Count];
        await using var batch = new NpgsqlBatch(_connection) { Timeout = AppendCommand.TimeoutSeconds };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql.Stored)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(places, place => claims[place]!.Key) },
                new NpgsqlParameter<ReadOnlyMemory<byte>[]>
                {
                    TypedValue = Array.ConvertAll(places, place => claims[place]!.Digest),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
                },
            },
        });
        await batch.PrepareAsync(CancellationToken.None);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        while (await reader.ReadAsync(CancellationToken.None))
        {
            var place = places[reader.GetInt64(0) - 1];
            var claim = claims[place]!;
            found[place] = new Receipt(
                claim.Source, claim.Id, claim.Stream, reader.GetInt64(2), reader.GetInt64(1), reader.Instant(3),
                claim.Digest);
        }

        return found;
    }

    /// <summary>Frees parked keys for the events that are stored in the same transaction.</summary>
    /// <returns>How many were parked.</returns>
    public async Task<long> Unpark(List<Prepared> parked)
    {
        await using var command = new NpgsqlCommand(Sql.Unpark, _connection);
        command.Parameters.Add(new() { Value = parked.ConvertAll(item => item.Key).ToArray() });
        return (long)(await command.ExecuteScalarAsync(CancellationToken.None))!;
    }

    /// <summary>Notes offers of another body under a known key.</summary>
    public async Task Record(List<Prepared> conflicts, Instant at)
    {
        await using var command = new NpgsqlCommand(Sql.Conflict, _connection);
        Offer.Fill(command, conflicts.ConvertAll(item => new Offer(
            item.Key, item.Event.Digest, item.Event.Source, item.Event.Id, item.Event.Original)), at);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _append.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static async Task<Head> Head(NpgsqlDataReader reader)
    {
        if (!await reader.ReadAsync(CancellationToken.None))
            throw new InvalidOperationException("ledger.head has no row.");
        return new Head(reader.GetInt64(0), reader.Instant(1), reader.GetFieldValue<byte[]>(2));
    }

    private static IEnumerable<Prepared> Items(List<Slice> piece)
    {
        foreach (var (request, start, count) in piece)
            for (var i = start; i < start + count; i++)
                if (request.Items[i] is { } item)
                    yield return item;
    }
}
