using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>Writes a large group by COPY, in the transaction that its connection has open: the same rows as
/// <c>ledger.append</c> writes, the lock before the numbers. The tree is hashed while the rows stream.</summary>
internal static class CopyAppend
{
    /// <returns>What the group assumed wrongly; null = written, and stored once the transaction is committed.</returns>
    /// <exception cref="PostgresException">A key was taken meanwhile (23505), or PostgreSQL refuses a row.</exception>
    public static async Task<string?> Run(NpgsqlConnection connection, Group group, Task<GroupCommit> sealing)
    {
        if (!await Lock(connection, group))
            return "head";
        // In the order of their indexes, which then grow at few places.
        var changes = group.Changes.OrderBy(change => change.Key, StringComparer.Ordinal).ToList();
        await Keys(connection, group.Placed);
        await Opened(connection, changes.FindAll(change => change.Value.From is null), group);
        await Events(connection, group);
        return await Seal(connection, await sealing, changes);
    }

    private static async Task<bool> Lock(NpgsqlConnection connection, Group group)
    {
        await using var command = new NpgsqlCommand(Sql.HeadLockedAt, connection);
        command.CommandTimeout = AppendCommand.TimeoutSeconds;
        command.Parameters.Add(new() { Value = group.Head.Position });
        command.Parameters.Add(new() { Value = group.Head.Frontier });
        command.Parameters.Add(new() { Value = group.Recorded.ToDateTimeUtc() });
        return await command.ExecuteScalarAsync(CancellationToken.None) is not null;
    }

    private static async Task Keys(NpgsqlConnection connection, IReadOnlyList<Placed> placed)
    {
        var sorted = placed.ToArray();
        Array.Sort(sorted, static (left, right) => left.Item.Key.CompareTo(right.Item.Key));
        await using var rows = await CopyRows.Begin(connection, Sql.CopyKeys, CancellationToken.None);
        foreach (var (item, receipt, _) in sorted)
        {
            rows.Row(4);
            rows.Uuid(item.Key);
            rows.Int64(receipt.Position);
            rows.Int64(receipt.Version);
            rows.Bytes(receipt.Digest.Span);
            await rows.Flush(CancellationToken.None);
        }

        await rows.Complete(CancellationToken.None);
    }

    private static async Task Opened(
        NpgsqlConnection connection, List<KeyValuePair<string, Change>> opened, Group group)
    {
        if (opened.Count == 0)
            return;
        var micros = GroupCommit.Micros(group.Recorded);
        await using var rows = await CopyRows.Begin(connection, Sql.CopyStreams, CancellationToken.None);
        foreach (var (stream, change) in opened)
        {
            rows.Row(5);
            rows.Text(stream);
            rows.Text(change.To.Type);
            rows.Int64(change.To.Version);
            rows.Timestamp(micros);
            rows.Timestamp(micros);
            await rows.Flush(CancellationToken.None);
        }

        await rows.Complete(CancellationToken.None);
    }

    private static async Task Events(NpgsqlConnection connection, Group group)
    {
        var micros = GroupCommit.Micros(group.Recorded);
        await using var rows = await CopyRows.Begin(connection, Sql.CopyEvents, CancellationToken.None);
        foreach (var (item, receipt, _) in group.Placed)
        {
            var stored = item.Event;
            rows.Row(12);
            rows.Int64(receipt.Position);
            rows.Uuid(item.Key);
            rows.Text(receipt.Stream);
            rows.Int64(receipt.Version);
            rows.Json(stored.Data.Span);
            rows.Text(stored.Type);
            rows.Timestamp(micros);
            rows.Text(stored.DotNetType);
            rows.Text(stored.CorrelationId);
            rows.Text(stored.CausationId);
            rows.Json(item.Headers);
            rows.Text(stored.Actor);
            await rows.Flush(CancellationToken.None);
        }

        await rows.Complete(CancellationToken.None);
    }

    /// <summary>Moves the streams that were there before, and the head; seals.</summary>
    /// <returns>What was assumed wrongly; null = nothing.</returns>
    private static async Task<string?> Seal(
        NpgsqlConnection connection, GroupCommit commit, List<KeyValuePair<string, Change>> changes)
    {
        var recorded = commit.NewHead.Recorded.ToDateTimeUtc();
        await using var batch = new NpgsqlBatch(connection) { Timeout = AppendCommand.TimeoutSeconds };
        var moved = changes.FindAll(change => change.Value.From is not null);
        var move = Add(
            batch, Sql.MoveStreams, Texts(moved), Each(moved, change => change.From!.Version),
            Each(moved, change => change.To.Version), new() { Value = recorded });
        var stated = changes.FindAll(change => change.Value.To.Snapshot is not null);
        if (stated.Count > 0)
            Add(
                batch, Sql.KeepSnapshots, Texts(stated), Each(stated, change => change.To.Version),
                Each(stated, change => change.To.Snapshot!.Value.ToArray()));
        Add(
            batch, Sql.MoveHead, new() { Value = commit.NewHead.Position }, new() { Value = recorded },
            new() { Value = commit.NewHead.Frontier });
        var seal = Add(
            batch, Sql.KeepSeal, new() { Value = commit.NewHead.Position },
            new() { Value = commit.Group.Head.Position + 1 }, new() { Value = commit.Root },
            new() { Value = (object?)commit.Signature ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea },
            new() { Value = commit.Leaves });
        Add(
            batch, Sql.Tiles, new() { Value = commit.Tiles.Select(tile => tile.Level).ToArray() },
            new() { Value = commit.Tiles.Select(tile => tile.Index).ToArray() },
            new() { Value = commit.Tiles.Select(tile => tile.Root).ToArray() });
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
        if (move.RecordsAffected != moved.Count)
            return "stream";
        if (seal.RecordsAffected != 1)
            return "signer";

        // Last of all: the sequence does not roll back.
        await using var end = new NpgsqlBatch(connection) { Timeout = AppendCommand.TimeoutSeconds };
        Add(end, Sql.SetSequence, new NpgsqlParameter { Value = commit.NewHead.Position });
        Add(end, Sql.Notify, new NpgsqlParameter { Value = commit.NewHead.Position });
        await end.ExecuteNonQueryAsync(CancellationToken.None);
        return null;
    }

    private static NpgsqlBatchCommand Add(NpgsqlBatch batch, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        batch.BatchCommands.Add(command);
        return command;
    }

    private static NpgsqlParameter Texts(List<KeyValuePair<string, Change>> changes) => new()
    {
        Value = changes.Select(change => change.Key).ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar,
    };

    private static NpgsqlParameter Each<T>(List<KeyValuePair<string, Change>> changes, Func<Change, T> part) =>
        new() { Value = changes.ConvertAll(change => part(change.Value)).ToArray() };
}
