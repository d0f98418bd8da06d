using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>A refused body that is kept.</summary>
/// <param name="Bytes">Of the whole body.</param>
/// <param name="Body">As it came, or its beginning where <paramref name="Bytes"/> is more; null in a list.</param>
/// <param name="Problems">Why, as JSON.</param>
/// <param name="Times">How often it came.</param>
/// <param name="Settled">Null = open.</param>
public sealed record KeptReject(
    long Number, string? Source, string? Id, long Bytes, ReadOnlyMemory<byte>? Body, string Problems, long Times,
    Instant FirstAt, Instant LastAt, Settlement? Settled);

/// <summary>What became of a reject: the event that stands for it.</summary>
/// <param name="Position">Null = it is parked.</param>
public sealed record Settlement(string Source, string Id, long? Position, Instant At);

/// <summary>Another body that was offered under a known key, for the source's owner.</summary>
/// <param name="ExistingDigest">Null = the key has become free since.</param>
/// <param name="ExistingPosition">Null = the event that holds the key is parked.</param>
/// <param name="Bytes">Of the whole body offered; null = not known.</param>
/// <param name="Body">As it was offered, or its beginning; null in a list, and beyond the first few of a key.</param>
public sealed record KeptConflict(
    long Number, string Source, string Id, ReadOnlyMemory<byte>? ExistingDigest, long? ExistingPosition,
    string? ExistingStream, ReadOnlyMemory<byte> OfferedDigest, long Times, Instant FirstAt, Instant LastAt,
    long? Bytes, ReadOnlyMemory<byte>? Body);

public sealed partial class EventStore
{
    /// <summary>A page of what was refused, without bodies.</summary>
    /// <param name="after">A number; 0 = from the beginning.</param>
    /// <param name="source">Only of this system; null = all.</param>
    /// <param name="settled">Only what is settled, or only what is open; null = both.</param>
    public Task<IReadOnlyList<KeptReject>> Rejects(
        long after, int limit, string? source, bool? settled, CancellationToken cancellationToken) =>
        Guarded(() => Rejects(after, limit, source, settled, null, cancellationToken));

    /// <summary>One reject with its body; null where there is none.</summary>
    public async Task<KeptReject?> Reject(long number, CancellationToken cancellationToken) =>
        await Guarded(() => Rejects(0, 1, null, null, number, cancellationToken)) is [var one] ? one : null;

    /// <summary>Marks a reject as settled by an event; the first time counts.</summary>
    /// <param name="position">Where it is stored, or the one that says the same; null = it is parked.</param>
    public Task Settle(
        long number, string source, string id, long? position, CancellationToken cancellationToken) =>
        Guarded(async () =>
        {
            await using var command = _source.CreateCommand(Sql.SettleReject);
            command.Parameters.Add(new() { Value = number });
            command.Parameters.Add(new() { Value = Now().ToDateTimeUtc() });
            command.Parameters.Add(new() { Value = source });
            command.Parameters.Add(new() { Value = id });
            command.Parameters.Add(new() { Value = EventKey.For(source, id) });
            command.Parameters.Add(Optional(position, NpgsqlDbType.Bigint));
            return await command.ExecuteNonQueryAsync(cancellationToken);
        });

    /// <summary>Marks what is open under keys as settled, each by the event that says the same. (What is stored under
    /// its own key is settled by that alone.)</summary>
    public Task Settle(
        IReadOnlyList<(string Source, string Id, long Position)> settled, CancellationToken cancellationToken) =>
        Guarded(async () =>
        {
            if (settled.Count == 0)
                return 0;
            await using var command = _source.CreateCommand(Sql.SettleKeys);
            command.Parameters.Add(new() { Value = settled.Select(s => EventKey.For(s.Source, s.Id)).ToArray() });
            command.Parameters.Add(new() { Value = Now().ToDateTimeUtc() });
            command.Parameters.Add(new() { Value = settled.Select(s => s.Position).ToArray() });
            return await command.ExecuteNonQueryAsync(cancellationToken);
        });

    /// <summary>A page of conflicts, oldest first, without bodies.</summary>
    /// <param name="after">A number; 0 = from the beginning.</param>
    /// <param name="source">Only of this system; null = all.</param>
    public Task<IReadOnlyList<KeptConflict>> Conflicts(
        long after, int limit, string? source, CancellationToken cancellationToken) =>
        Guarded(() => Conflicts(after, limit, source, null, cancellationToken));

    /// <summary>One conflict; null where there is none.</summary>
    public async Task<KeptConflict?> Conflict(long number, CancellationToken cancellationToken) =>
        await Guarded(() => Conflicts(0, 1, null, number, cancellationToken)) is [var one] ? one : null;

    private async Task<IReadOnlyList<KeptReject>> Rejects(
        long after, int limit, string? source, bool? settled, long? number, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(Sql.RejectPage);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(Optional(source, NpgsqlDbType.Varchar));
        command.Parameters.Add(Optional(settled, NpgsqlDbType.Boolean));
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(Optional(number, NpgsqlDbType.Bigint));
        var page = new List<KeptReject>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var settlement = reader.IsDBNull(9)
                ? null
                : new Settlement(
                    reader.GetString(10), reader.GetString(11), WholeOrNull(reader, 12), reader.Instant(9));
            page.Add(new(
                reader.GetInt64(0), reader.TextOrNull(1), reader.TextOrNull(2), reader.GetInt64(3),
                BytesOrNull(reader, 4), reader.GetString(5), reader.GetInt64(6), reader.Instant(7), reader.Instant(8),
                settlement));
        }

        return page;
    }

    private async Task<IReadOnlyList<KeptConflict>> Conflicts(
        long after, int limit, string? source, long? number, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(Sql.ConflictPage);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(Optional(source, NpgsqlDbType.Varchar));
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(Optional(number, NpgsqlDbType.Bigint));
        var page = new List<KeptConflict>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            page.Add(new(
                reader.GetInt64(0), reader.GetString(1), reader.GetString(2), BytesOrNull(reader, 9),
                WholeOrNull(reader, 10), reader.TextOrNull(11), reader.GetFieldValue<byte[]>(3), reader.GetInt64(4),
                reader.Instant(5), reader.Instant(6), WholeOrNull(reader, 7), BytesOrNull(reader, 8)));
        return page;
    }

    private static NpgsqlParameter Optional(object? value, NpgsqlDbType type) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    private static long? WholeOrNull(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : reader.GetInt64(ordinal);

    // Without the type a null would become empty bytes.
    private static ReadOnlyMemory<byte>? BytesOrNull(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? default(ReadOnlyMemory<byte>?) : reader.GetFieldValue<byte[]>(ordinal);
}
