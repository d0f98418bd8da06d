using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>The appender's own connection: opened when first needed, kept, dropped after a failure.</summary>
internal sealed class AppendSession(NpgsqlDataSource source) : IAsyncDisposable
{
    private AppendConnection? open;

    public async ValueTask<AppendConnection> Open(CancellationToken cancellationToken)
    {
        if (open is { IsUsable: true })
            return open;
        await Drop();
        return open = await AppendConnection.Open(source, cancellationToken);
    }

    public async Task Drop()
    {
        if (open is null)
            return;
        var dropped = open;
        open = null;
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
            await connection.Append(GroupCommit.Of(group));
            return null;
        }
        catch (PostgresException error) when (!StoreUnavailableException.Is(error))
        {
            return error;
        }
    }

    public async ValueTask DisposeAsync() => await Drop();
}

/// <summary>What the database says about a piece: the head read first, then keys and streams, none older than
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
    private readonly NpgsqlConnection connection;
    private readonly AppendCommand append;

    private AppendConnection(NpgsqlConnection connection)
    {
        this.connection = connection;
        append = new AppendCommand(connection);
    }

    public bool IsUsable => connection.FullState == System.Data.ConnectionState.Open;

    public static async Task<AppendConnection> Open(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var opened = new AppendConnection(await source.OpenConnectionAsync(cancellationToken));
        try
        {
            await using (var setup = new NpgsqlCommand(Sql.AppenderSession, opened.connection))
                await setup.ExecuteNonQueryAsync(cancellationToken);
            await opened.append.Prepare(cancellationToken);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    public ValueTask<NpgsqlTransaction> Begin() => connection.BeginTransactionAsync(CancellationToken.None);

    /// <summary>Null = stored; else what the assumption had wrong.</summary>
    public Task<string?> Append(GroupCommit commit) => append.Run(commit);

    /// <summary>Reads the head, taking its lock if asked, and then keys and streams: one round trip.</summary>
    public async Task<Known> Look(List<Slice> piece, bool locked)
    {
        var items = Items(piece).ToList();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(locked ? Sql.HeadLocked : Sql.Head));
        Lookup.Add(batch, items);
        await batch.PrepareAsync(CancellationToken.None);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        if (!await reader.ReadAsync(CancellationToken.None))
            throw new InvalidOperationException("ledger.head has no row.");
        var head = new Head(reader.GetInt64(0), reader.Instant(1), reader.GetFieldValue<byte[]>(2));
        await reader.NextResultAsync(CancellationToken.None);
        var keys = await Lookup.Keys(reader, items, CancellationToken.None);
        await reader.NextResultAsync(CancellationToken.None);
        return new Known(head, keys, await Lookup.Streams(reader, CancellationToken.None));
    }

    /// <summary>Notes offers of another body under a known key.</summary>
    public async Task Record(List<Prepared> conflicts, Instant at)
    {
        var each = conflicts.DistinctBy(item => (item.Key, Convert.ToHexString(item.Event.Digest.Span))).ToList();
        await using var command = new NpgsqlCommand(Sql.Conflict, connection);
        command.Parameters.Add(new() { Value = each.Select(item => item.Key).ToArray() });
        command.Parameters.Add(new() { Value = each.Select(item => item.Event.Digest.ToArray()).ToArray() });
        command.Parameters.Add(new() { Value = each.Select(item => item.Event.Source).ToArray() });
        command.Parameters.Add(new() { Value = each.Select(item => item.Event.Id).ToArray() });
        command.Parameters.Add(new() { Value = at.ToDateTimeUtc() });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await append.DisposeAsync();
        await connection.DisposeAsync();
    }

    private static IEnumerable<Prepared> Items(List<Slice> piece)
    {
        foreach (var (request, start, count) in piece)
            for (var i = start; i < start + count; i++)
                if (request.Items[i] is { } item)
                    yield return item;
    }
}

/// <summary>The call of <c>ledger.append</c>, its parameters in the function's order.</summary>
internal sealed class AppendCommand : IAsyncDisposable
{
    private readonly NpgsqlCommand command;
    private readonly NpgsqlParameter<long> position = new();
    private readonly NpgsqlParameter<byte[]> frontier = new();
    private readonly NpgsqlParameter<DateTime> recorded = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
    private readonly NpgsqlParameter<byte[]> newFrontier = new();
    private readonly NpgsqlParameter<byte[]> root = new();
    private readonly NpgsqlParameter<byte[]> leaves = new();
    private readonly NpgsqlParameter<string[]> opened = Texts();
    private readonly NpgsqlParameter<string?[]> openedTypes = Texts()!;
    private readonly NpgsqlParameter<long[]> openedVersions = new();
    private readonly NpgsqlParameter<string[]> moved = Texts();
    private readonly NpgsqlParameter<long[]> movedFrom = new();
    private readonly NpgsqlParameter<long[]> movedTo = new();
    private readonly NpgsqlParameter<string[]> snapshotStreams = Texts();
    private readonly NpgsqlParameter<long[]> snapshotVersions = new();
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>[]> snapshots = Blobs();
    private readonly NpgsqlParameter<Guid[]> keys = new();
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>[]> digests = Blobs();
    private readonly NpgsqlParameter<string[]> streams = Texts();
    private readonly NpgsqlParameter<long[]> versions = new();
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>[]> bodies = Json();
    private readonly NpgsqlParameter<string[]> types = Texts();
    private readonly NpgsqlParameter<string[]> dotNetTypes = Texts();
    private readonly NpgsqlParameter<string?[]> correlationIds = Texts()!;
    private readonly NpgsqlParameter<string?[]> causationIds = Texts()!;
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>[]> headers = Json();
    private readonly NpgsqlParameter<string?[]> users = Texts()!;

    public AppendCommand(NpgsqlConnection connection) =>
        command = new NpgsqlCommand(Sql.Append, connection)
        {
            Parameters =
            {
                position, frontier, recorded, newFrontier, root, leaves, opened, openedTypes, openedVersions,
                moved, movedFrom, movedTo, snapshotStreams, snapshotVersions, snapshots, keys, digests, streams,
                versions, bodies, types, dotNetTypes, correlationIds, causationIds, headers, users,
            },
        };

    public Task Prepare(CancellationToken cancellationToken) => command.PrepareAsync(cancellationToken);

    public async Task<string?> Run(GroupCommit commit)
    {
        var (group, groupLeaves, groupRoot, newHead) = commit;
        position.TypedValue = group.Head.Position;
        frontier.TypedValue = group.Head.Frontier;
        recorded.TypedValue = newHead.Recorded.ToDateTimeUtc();
        newFrontier.TypedValue = newHead.Frontier;
        root.TypedValue = groupRoot;
        leaves.TypedValue = groupLeaves;
        Streams(group);
        Events(group.Placed);
        return await command.ExecuteScalarAsync(CancellationToken.None) as string;
    }

    public ValueTask DisposeAsync() => command.DisposeAsync();

    private void Streams(Group group)
    {
        // In one order for every process, so that two groups never wait for each other's rows.
        var changes = group.Changes.OrderBy(change => change.Key, StringComparer.Ordinal).ToList();
        var opening = changes.Where(change => change.Value.From is null).ToList();
        opened.TypedValue = [.. opening.Select(change => change.Key)];
        openedTypes.TypedValue = [.. opening.Select(change => change.Value.To.Type)];
        openedVersions.TypedValue = [.. opening.Select(change => change.Value.To.Version)];

        var moving = changes.Where(change => change.Value.From is not null).ToList();
        moved.TypedValue = [.. moving.Select(change => change.Key)];
        movedFrom.TypedValue = [.. moving.Select(change => change.Value.From!.Version)];
        movedTo.TypedValue = [.. moving.Select(change => change.Value.To.Version)];

        var stated = changes.Where(change => change.Value.To.Snapshot is not null).ToList();
        snapshotStreams.TypedValue = [.. stated.Select(change => change.Key)];
        snapshotVersions.TypedValue = [.. stated.Select(change => change.Value.To.Version)];
        snapshots.TypedValue = [.. stated.Select(change => change.Value.To.Snapshot!.Value)];
    }

    private void Events(IReadOnlyList<Placed> placed)
    {
        T[] Each<T>(Func<Placed, T> part)
        {
            var parts = new T[placed.Count];
            for (var i = 0; i < parts.Length; i++)
                parts[i] = part(placed[i]);
            return parts;
        }

        keys.TypedValue = Each(at => at.Item.Key);
        digests.TypedValue = Each(at => at.Receipt.Digest);
        streams.TypedValue = Each(at => at.Receipt.Stream);
        versions.TypedValue = Each(at => at.Receipt.Version);
        bodies.TypedValue = Each(at => at.Item.Event.Data);
        types.TypedValue = Each(at => at.Item.Event.Type);
        dotNetTypes.TypedValue = Each(at => at.Item.Event.DotNetType);
        correlationIds.TypedValue = Each(at => at.Item.Event.CorrelationId);
        causationIds.TypedValue = Each(at => at.Item.Event.CausationId);
        headers.TypedValue = Each(at => (ReadOnlyMemory<byte>)at.Item.Headers);
        users.TypedValue = Each(at => at.Item.Event.Actor);
    }

    private static NpgsqlParameter<string[]> Texts() =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar };

    private static NpgsqlParameter<ReadOnlyMemory<byte>[]> Blobs() =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };

    private static NpgsqlParameter<ReadOnlyMemory<byte>[]> Json() =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb };
}
