using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>The call of <c>ledger.append</c>, its parameters in the function's order.</summary>
internal sealed class AppendCommand : IAsyncDisposable
{
    /// <summary>Longer than the session waits for the lock; a server that takes longer still is as good as gone.
    /// </summary>
    public const int TimeoutSeconds = 15;

    private readonly NpgsqlCommand _command;
    private readonly NpgsqlParameter<long> _position = new();
    private readonly NpgsqlParameter<byte[]> _frontier = new();
    private readonly NpgsqlParameter<DateTime> _recorded = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
    private readonly NpgsqlParameter<byte[]> _newFrontier = new();
    private readonly NpgsqlParameter<byte[]> _root = new();
    private readonly NpgsqlParameter<byte[]?> _signature = new() { NpgsqlDbType = NpgsqlDbType.Bytea };
    private readonly NpgsqlParameter<byte[]> _leaves = new();
    private readonly NpgsqlParameter<short[]> _tileLevels = new();
    private readonly NpgsqlParameter<long[]> _tileIndexes = new();
    private readonly NpgsqlParameter<byte[][]> _tileRoots = new();
    private readonly NpgsqlParameter<string[]> _opened = Texts();
    private readonly NpgsqlParameter<string?[]> _openedTypes = Texts()!;
    private readonly NpgsqlParameter<long[]> _openedVersions = new();
    private readonly NpgsqlParameter<string[]> _moved = Texts();
    private readonly NpgsqlParameter<long[]> _movedFrom = new();
    private readonly NpgsqlParameter<long[]> _movedTo = new();
    private readonly NpgsqlParameter<string[]> _snapshotStreams = Texts();
    private readonly NpgsqlParameter<long[]> _snapshotVersions = new();
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>[]> _snapshots = Blobs();
    private readonly NpgsqlParameter<Guid[]> _keys = new();
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>[]> _digests = Blobs();
    private readonly NpgsqlParameter<string[]> _streams = Texts();
    private readonly NpgsqlParameter<long[]> _versions = new();
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>[]> _bodies = Json();
    private readonly NpgsqlParameter<string[]> _types = Texts();
    private readonly NpgsqlParameter<string[]> _dotNetTypes = Texts();
    private readonly NpgsqlParameter<string?[]> _correlationIds = Texts()!;
    private readonly NpgsqlParameter<string?[]> _causationIds = Texts()!;
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>[]> _headers = Json();
    private readonly NpgsqlParameter<string?[]> _users = Texts()!;

    public AppendCommand(NpgsqlConnection connection) =>
        _command = new NpgsqlCommand(Sql.Append, connection)
        {
            CommandTimeout = TimeoutSeconds,
            Parameters =
            {
                _position, _frontier, _recorded, _newFrontier, _root, _signature, _leaves, _tileLevels, _tileIndexes,
                _tileRoots, _opened, _openedTypes, _openedVersions, _moved, _movedFrom, _movedTo,
                _snapshotStreams, _snapshotVersions, _snapshots, _keys, _digests,
                _streams, _versions, _bodies, _types, _dotNetTypes, _correlationIds, _causationIds, _headers, _users,
            },
        };

    public Task Prepare(CancellationToken cancellationToken) => _command.PrepareAsync(cancellationToken);

    public async Task<string?> Run(GroupCommit commit)
    {
        var group = commit.Group;
        _position.TypedValue = group.Head.Position;
        _frontier.TypedValue = group.Head.Frontier;
        _recorded.TypedValue = commit.NewHead.Recorded.ToDateTimeUtc();
        _newFrontier.TypedValue = commit.NewHead.Frontier;
        Seal(commit);
        Streams(group);
        Events(group.Placed);
        return await _command.ExecuteScalarAsync(CancellationToken.None) as string;
    }

    public ValueTask DisposeAsync() => _command.DisposeAsync();

    private void Seal(GroupCommit commit)
    {
        _root.TypedValue = commit.Root;
        _signature.TypedValue = commit.Signature;
        _leaves.TypedValue = commit.Leaves;
        _tileLevels.TypedValue = [.. commit.Tiles.Select(tile => tile.Level)];
        _tileIndexes.TypedValue = [.. commit.Tiles.Select(tile => tile.Index)];
        _tileRoots.TypedValue = [.. commit.Tiles.Select(tile => tile.Root)];
    }

    private void Streams(Group group)
    {
        // In one order for every process, so that two groups never wait for each other's rows.
        var changes = group.Changes.OrderBy(change => change.Key, StringComparer.Ordinal).ToList();
        var opening = changes.Where(change => change.Value.From is null).ToList();
        _opened.TypedValue = [.. opening.Select(change => change.Key)];
        _openedTypes.TypedValue = [.. opening.Select(change => change.Value.To.Type)];
        _openedVersions.TypedValue = [.. opening.Select(change => change.Value.To.Version)];

        var moving = changes.Where(change => change.Value.From is not null).ToList();
        _moved.TypedValue = [.. moving.Select(change => change.Key)];
        _movedFrom.TypedValue = [.. moving.Select(change => change.Value.From!.Version)];
        _movedTo.TypedValue = [.. moving.Select(change => change.Value.To.Version)];

        var stated = changes.Where(change => change.Value.To.Snapshot is not null).ToList();
        _snapshotStreams.TypedValue = [.. stated.Select(change => change.Key)];
        _snapshotVersions.TypedValue = [.. stated.Select(change => change.Value.To.Version)];
        _snapshots.TypedValue = [.. stated.Select(change => change.Value.To.Snapshot!.Value)];
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

        _keys.TypedValue = Each(at => at.Item.Key);
        _digests.TypedValue = Each(at => at.Receipt.Digest);
        _streams.TypedValue = Each(at => at.Receipt.Stream);
        _versions.TypedValue = Each(at => at.Receipt.Version);
        _bodies.TypedValue = Each(at => at.Item.Event.Data);
        _types.TypedValue = Each(at => at.Item.Event.Type);
        _dotNetTypes.TypedValue = Each(at => at.Item.Event.DotNetType);
        _correlationIds.TypedValue = Each(at => at.Item.Event.CorrelationId);
        _causationIds.TypedValue = Each(at => at.Item.Event.CausationId);
        _headers.TypedValue = Each(at => (ReadOnlyMemory<byte>)at.Item.Headers);
        _users.TypedValue = Each(at => at.Item.Event.Actor);
    }

    private static NpgsqlParameter<string[]> Texts() =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar };

    private static NpgsqlParameter<ReadOnlyMemory<byte>[]> Blobs() =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };

    private static NpgsqlParameter<ReadOnlyMemory<byte>[]> Json() =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb };
}
