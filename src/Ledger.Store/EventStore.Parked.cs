using System.Runtime.CompilerServices;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>An event of a type its ledger did not know, as it was parked.</summary>
/// <param name="Number">Their order.</param>
/// <param name="Body">The whole event as it came.</param>
/// <param name="Digest">As it was read then; read as what it is it may have another.</param>
public sealed record ParkedEvent(
    long Number, string Source, string Id, string Type, ReadOnlyMemory<byte> Body, ReadOnlyMemory<byte> Digest,
    Instant ParkedAt);

/// <summary>How many events of one type are parked.</summary>
/// <param name="Since">When the first of them was.</param>
public sealed record ParkedType(string Type, long Count, Instant Since);

public sealed partial class EventStore
{
    private const int ParkedPageEvents = 100;

    /// <summary>What is parked, by type.</summary>
    public Task<IReadOnlyList<ParkedType>> ParkedTypes(CancellationToken cancellationToken) =>
        Guarded<IReadOnlyList<ParkedType>>(async () =>
        {
            var types = new List<ParkedType>();
            await using var command = _source.CreateCommand(Sql.ParkedTypes);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                types.Add(new(reader.GetString(0), reader.GetInt64(1), reader.Instant(2)));
            return types;
        });

    /// <summary>Parked events in the order they were parked in, a page at a time.</summary>
    /// <param name="types">Only of these; null = all.</param>
    /// <param name="keys">Only under these sources and ids; null = all.</param>
    public async IAsyncEnumerable<IReadOnlyList<ParkedEvent>> ParkedEvents(
        IReadOnlyCollection<string>? types, IReadOnlyCollection<(string Source, string Id)>? keys,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Guid[]? only = keys is null ? null : [.. keys.Select(key => EventKey.For(key.Source, key.Id))];
        for (var (after, page) = (0L, (IReadOnlyList<ParkedEvent>)[]); ; after = page[^1].Number)
        {
            page = await Guarded(() => ParkedPage(after, types, only, cancellationToken));
            if (page.Count > 0)
                yield return page;
            if (page.Count < ParkedPageEvents)
                yield break;
        }
    }

    /// <summary>Appends events whose keys are parked, read as what they are now; each moves from parked to stored in
    /// one transaction. An equal snapshot is dropped and frees its key.</summary>
    /// <returns>One verdict each, in order: <see cref="Appended"/>, <see cref="Unchanged"/>; <see cref="Duplicate"/> or
    /// <see cref="NotAttempted"/> where somebody else settled it; anything else = still parked, see
    /// <see cref="RejectParked"/>.</returns>
    public async Task<IReadOnlyList<Verdict>> Unpark(
        IReadOnlyList<NewEvent> parked, CancellationToken cancellationToken) =>
        await Append(parked, atomic: false, unparks: true, cancellationToken);

    /// <summary>Makes rejects of parked events that turned out wrong, and frees their keys; those not parked any more
    /// are left alone.</summary>
    /// <param name="refused">Source, id and what is wrong, as JSON.</param>
    /// <returns>How many.</returns>
    public Task<int> RejectParked(
        IReadOnlyList<(string Source, string Id, string Problems)> refused, CancellationToken cancellationToken) =>
        Guarded(async () =>
        {
            if (refused.Count == 0)
                return 0;
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    new(Sql.RejectTurn),
                    new(Sql.RejectParked)
                    {
                        Parameters =
                        {
                            new() { Value = refused.Select(one => EventKey.For(one.Source, one.Id)).ToArray() },
                            new()
                            {
                                Value = refused.Select(one => one.Problems).ToArray(),
                                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json,
                            },
                            new() { Value = Now().ToDateTimeUtc() },
                        },
                    },
                },
            };
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            var made = 0;
            while (await reader.ReadAsync(cancellationToken))
                made++;
            return made;
        });

    private async Task<IReadOnlyList<ParkedEvent>> ParkedPage(
        long after, IReadOnlyCollection<string>? types, Guid[]? keys, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(Sql.ParkedPage);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = ParkedPageEvents });
        command.Parameters.Add(new()
        {
            Value = (object?)types?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar,
        });
        command.Parameters.Add(new()
        {
            Value = (object?)keys ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid,
        });
        var page = new List<ParkedEvent>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            page.Add(new(
                reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
                reader.GetFieldValue<byte[]>(4), reader.GetFieldValue<byte[]>(5), reader.Instant(6)));
        return page;
    }
}
