using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>Who holds these keys, where these streams stand.</summary>
internal static class Lookup
{
    /// <summary>Adds the statements: streams, then, where snapshots are offered, the last events of theirs, then keys.
    /// Keys come last: an event that is stored in between is found by its key, rather than held to what it did to its
    /// own stream.</summary>
    /// <returns>Whether snapshots are offered.</returns>
    public static bool Add(NpgsqlBatch batch, List<Prepared> items)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql.Streams)
        {
            Parameters =
            {
                Streams(items),
            },
        });
        var stated = items.FindAll(item => item.Event.Snapshot is not null);
        if (stated.Count > 0)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql.Newest) { Parameters = { Streams(stated) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql.Keys)
        {
            Parameters = { new() { Value = items.ConvertAll(item => item.Key).ToArray() } },
        });
        return stated.Count > 0;
    }

    public static async Task<Dictionary<Guid, KeyHolder>> Keys(
        NpgsqlDataReader reader, List<Prepared> items, CancellationToken cancellationToken)
    {
        var holders = new Dictionary<Guid, KeyHolder>();
        if (!reader.HasRows)
            return holders;
        var byKey = new Dictionary<Guid, NewEvent>(items.Count);
        foreach (var item in items)
            byKey.TryAdd(item.Key, item.Event);
        while (await reader.ReadAsync(cancellationToken))
        {
            // A key that was asked for twice comes twice.
            var key = reader.GetGuid(0);
            var asked = byKey[key];
            holders.TryAdd(key, Holder(reader, asked.Source, asked.Id));
        }

        return holders;
    }

    /// <summary>The row of <see cref="Sql.Keys"/> the reader stands on.</summary>
    public static KeyHolder Holder(NpgsqlDataReader reader, string source, string id)
    {
        var digest = reader.GetFieldValue<byte[]>(3);
        if (reader.IsDBNull(1))
            return new KeyHolder(null, digest, reader.Instant(6));
        var receipt = new Receipt(
            source, id, reader.GetString(4), reader.GetInt64(2), reader.GetInt64(1), reader.Instant(5), digest);
        return new KeyHolder(receipt, digest, default);
    }

    public static async Task<Dictionary<string, StreamHead>> Streams(
        NpgsqlDataReader reader, bool hasNewest, CancellationToken cancellationToken)
    {
        var heads = new Dictionary<string, StreamHead>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (stream, version) = (reader.GetString(0), reader.GetInt64(1));
            var last = reader.IsDBNull(3)
                ? null
                : new Receipt(
                    reader.GetString(6), reader.GetString(7), stream, version, reader.GetInt64(4), reader.Instant(5),
                    reader.GetFieldValue<byte[]>(8));
            // Without the type a null would become empty bytes.
            ReadOnlyMemory<byte>? snapshot = last is null ? null : reader.GetFieldValue<byte[]>(3);
            var newest = last is not null && Place(reader, 9, last.Id) is { } place ? Newest.Of(place) : null;
            heads.Add(stream, new StreamHead(version, reader.TextOrNull(2), snapshot, last, newest));
        }

        if (hasNewest && await reader.NextResultAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                Keep(reader, heads);
        return heads;
    }

    /// <summary>One of the events that tie for the last of a stream.</summary>
    private static void Keep(NpgsqlDataReader reader, Dictionary<string, StreamHead> heads)
    {
        if (!heads.TryGetValue(reader.GetString(0), out var head) || head.Last is not null)
            return;
        if (Place(reader, 1, reader.GetString(3)) is not { } place)
            return;
        var newest = head.Newest?.With(place) ?? Newest.Of(place);
        heads[reader.GetString(0)] = head with
        {
            Newest = reader.GetBoolean(4) ? newest : newest with { BySequence = null },
        };
    }

    /// <returns>Null where the event does not say when it happened.</returns>
    private static SourcePlace? Place(NpgsqlDataReader reader, int time, string id) => reader.IsDBNull(time)
        ? null
        : new SourcePlace(reader.Instant(time), reader.IsDBNull(time + 1) ? null : reader.GetInt64(time + 1), id);

    private static NpgsqlParameter Streams(List<Prepared> items) => new()
    {
        Value = items.Select(item => item.Event.Stream).Distinct(StringComparer.Ordinal).ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar,
    };

    /// <summary>A <c>timestamptz</c>, which Npgsql reads as a UTC <see cref="DateTime"/>.</summary>
    public static Instant Instant(this NpgsqlDataReader reader, int ordinal) =>
        NodaTime.Instant.FromDateTimeUtc(reader.GetDateTime(ordinal));

    public static string? TextOrNull(this NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
}
