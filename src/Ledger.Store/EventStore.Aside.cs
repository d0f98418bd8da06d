using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

public sealed partial class EventStore
{
    /// <summary>Keeps an event of a type this ledger does not know yet, and takes its key.</summary>
    /// <param name="body">The whole event as it came.</param>
    /// <returns><see cref="Parked"/>, now or before; else who holds the key: <see cref="Duplicate"/> or
    /// <see cref="KeyConflict"/>.</returns>
    public Task<Verdict> Park(
        string source, string id, string type, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> digest,
        CancellationToken cancellationToken) =>
        Guarded<Verdict>(async () =>
        {
            await TakeParked(source, id, type, body, digest, cancellationToken);
            return await Held(source, id, digest, cancellationToken)
                ?? throw new InvalidOperationException("A key that was taken has no row.");
        });

    /// <summary>What an event that cannot be appended as it is gets answered where its key is known:
    /// <see cref="Duplicate"/>, <see cref="Parked"/> or, recorded, <see cref="KeyConflict"/>; null where it is not.
    /// </summary>
    public Task<Verdict?> Known(
        string source, string id, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken) =>
        Guarded(() => Held(source, id, digest, cancellationToken));

    /// <summary>Keeps what was refused as malformed or invalid, so that it can be looked at and sent again; all of it
    /// in one transaction. Takes no key.</summary>
    /// <returns>Their numbers, in their order.</returns>
    public Task<IReadOnlyList<long>> Reject(IReadOnlyList<Rejected> refused, CancellationToken cancellationToken) =>
        Guarded<IReadOnlyList<long>>(async () =>
        {
            if (refused.Count == 0)
                return [];
            var now = _clock().ToDateTimeUtc();
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var batch = new NpgsqlBatch(connection);
            foreach (var (source, id, body, problems) in refused)
                batch.BatchCommands.Add(new(Sql.Reject)
                {
                    Parameters =
                    {
                        Text(Storable(source)),
                        Text(Storable(id)),
                        new() { Value = body },
                        new() { Value = problems, NpgsqlDbType = NpgsqlDbType.Json },
                        new() { Value = now },
                    },
                });
            var numbers = new List<long>(refused.Count);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            do
            {
                await reader.ReadAsync(cancellationToken);
                numbers.Add(reader.GetInt64(0));
            }
            while (await reader.NextResultAsync(cancellationToken));
            return numbers;
        });

    private async Task TakeParked(
        string source, string id, string type, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> digest,
        CancellationToken cancellationToken)
    {
        var key = EventKey.For(source, id);
        var now = _clock().ToDateTimeUtc();
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Run(connection, Sql.TakeKeyParked, cancellationToken, key, digest) == 0)
            return;
        await Run(connection, Sql.Park, cancellationToken, key, source, id, type, body, now);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<Verdict?> Held(
        string source, string id, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken)
    {
        if (await _reader.Holder(source, id, cancellationToken) is not { } holder)
            return null;
        if (holder.Digest.Span.SequenceEqual(digest.Span))
            return holder.Receipt is { } receipt ? new Duplicate(receipt) : new Parked(holder.ParkedAt, holder.Digest);
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await RecordConflict(connection, EventKey.For(source, id), digest, source, id, cancellationToken);
        return new KeyConflict(holder.Receipt, holder.Digest, digest);
    }

    private async Task RecordConflict(
        NpgsqlConnection connection, Guid key, ReadOnlyMemory<byte> offered, string source, string id,
        CancellationToken cancellationToken) =>
        await Run(
            connection, Sql.Conflict, cancellationToken, new[] { key }, new[] { offered.ToArray() }, new[] { source },
            new[] { id }, _clock().ToDateTimeUtc());

    private static async Task<int> Run(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A rejected text may be one PostgreSQL cannot hold or index; the body keeps it as it came.</summary>
    private static string? Storable(string? text) => text is null
        ? null
        : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Length > 200 ? text[..200] : text))
            .Replace('\0', '\uFFFD');

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Varchar };
}
