using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>An event that has a key and cannot be appended as it is.</summary>
/// <param name="ParkAs">The type it has, not known to this ledger yet; null = it is refused unless its key is known.
/// </param>
/// <param name="Body">The whole event as it came.</param>
public sealed record Unready(
    string Source, string Id, string? ParkAs, ReadOnlyMemory<byte> Body, ReadOnlyMemory<byte> Digest);

public sealed partial class EventStore
{
    /// <summary>Longest refused body that is kept whole; of a longer one its beginning is kept.</summary>
    public const int RejectBytesMax = 1 << 20;

    /// <summary>How many different bodies that failed under one key are kept: the latest.</summary>
    public const int RejectsOfKeyMax = 8;

    /// <summary>Parks what is of a type not known yet, and takes its key; tells of the rest whether their keys are
    /// known. In their order: later items see what earlier ones took.</summary>
    /// <returns>One each: <see cref="Parked"/>, now or before, <see cref="Duplicate"/>, or, recorded,
    /// <see cref="KeyConflict"/>; null = to be refused, its key is free.</returns>
    public Task<IReadOnlyList<Verdict?>> TakeAside(
        IReadOnlyList<Unready> items, CancellationToken cancellationToken) =>
        Guarded<IReadOnlyList<Verdict?>>(async () =>
        {
            if (items.Count == 0)
                return [];
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            while (true)
            {
                // A key that somebody else takes in between makes another round: what was parked here is known then.
                var turn = new AsideTurn(items, await Holders(connection, items, cancellationToken), Now());
                if (!await Park(connection, turn, cancellationToken))
                    continue;
                await RecordConflicts(connection, turn, cancellationToken);
                return turn.Verdicts;
            }
        });

    /// <summary>What is known of a key: <see cref="Duplicate"/> where its event is stored, <see cref="Parked"/> where
    /// it waits; null where it is free.</summary>
    public async Task<Verdict?> Known(string source, string id, CancellationToken cancellationToken) =>
        await Guarded(() => _reader.Holder(source, id, cancellationToken)) switch
        {
            null => null,
            { Receipt: { } receipt } => new Duplicate(receipt),
            var parked => new Parked(parked.ParkedAt, parked.Digest),
        };

    /// <summary>Keeps what was refused as malformed or invalid, so that it can be looked at and sent again; all of it
    /// in one transaction. Takes no key. What is kept already counts up; the latest reasons stand.</summary>
    /// <returns>Their numbers, in their order.</returns>
    public Task<IReadOnlyList<long>> Reject(IReadOnlyList<Rejected> refused, CancellationToken cancellationToken) =>
        Guarded<IReadOnlyList<long>>(async () =>
        {
            if (refused.Count == 0)
                return [];
            var each = refused.Select(RejectRow.Of).ToList();
            var rows = each.GroupBy(row => row.Same).Select(same => (Row: same.Last(), Times: same.LongCount()))
                .ToList();
            var keys = rows.Where(row => row.Row.Key is not null).Select(row => row.Row.Key!.Value).Distinct();
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    new(Sql.RejectTurn),
                    RejectRow.Command(rows, Now().ToDateTimeUtc()),
                    new(Sql.TrimRejects)
                    {
                        Parameters = { new() { Value = keys.ToArray() }, new() { Value = RejectsOfKeyMax } },
                    },
                },
            };
            var numbers = new Dictionary<(string, string, string), long>();
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                numbers.Add(
                    (Convert.ToHexString(reader.GetFieldValue<byte[]>(1)), reader.GetString(2), reader.GetString(3)),
                    reader.GetInt64(0));
            await reader.NextResultAsync(cancellationToken);
            return [.. each.Select(row => numbers[row.Same])];
        });

    private static async Task<Dictionary<Guid, KeyHolder>> Holders(
        NpgsqlConnection connection, IReadOnlyList<Unready> items, CancellationToken cancellationToken)
    {
        var byKey = new Dictionary<Guid, Unready>(items.Count);
        foreach (var item in items)
            byKey.TryAdd(EventKey.For(item.Source, item.Id), item);
        await using var command = new NpgsqlCommand(Sql.Keys, connection);
        command.Parameters.Add(new() { Value = byKey.Keys.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var holders = new Dictionary<Guid, KeyHolder>();
        while (await reader.ReadAsync(cancellationToken))
            if (byKey[reader.GetGuid(0)] is var item)
                holders.Add(reader.GetGuid(0), Lookup.Holder(reader, item.Source, item.Id));
        return holders;
    }

    /// <returns>False = a key was taken meanwhile.</returns>
    private static async Task<bool> Park(
        NpgsqlConnection connection, AsideTurn turn, CancellationToken cancellationToken)
    {
        var parking = turn.Parking;
        if (parking.Count == 0)
            return true;
        await using var command = new NpgsqlCommand(Sql.Park, connection)
        {
            Parameters =
            {
                new() { Value = parking.ConvertAll(at => at.Key).ToArray() },
                Blobs(parking.Select(at => at.Item.Digest)),
                Texts(parking.Select(at => at.Item.Source)),
                Texts(parking.Select(at => at.Item.Id)),
                Texts(parking.Select(at => at.Item.ParkAs)),
                Blobs(parking.Select(at => at.Item.Body)),
                new() { Value = turn.Now.ToDateTimeUtc() },
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken) == parking.Count;
    }

    private static async Task RecordConflicts(
        NpgsqlConnection connection, AsideTurn turn, CancellationToken cancellationToken)
    {
        if (turn.Conflicts.Count == 0)
            return;
        await using var command = new NpgsqlCommand(Sql.Conflict, connection);
        Offer.Fill(command, turn.Conflicts, turn.Now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>In microseconds, as PostgreSQL keeps it.</summary>
    private Instant Now() => Instant.FromUnixTimeTicks(_clock().ToUnixTimeTicks() / 10 * 10);

    private static NpgsqlParameter Texts(IEnumerable<string?> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar };

    private static NpgsqlParameter Blobs(IEnumerable<ReadOnlyMemory<byte>> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };

    /// <summary>Items decided in their order, over what is known of their keys.</summary>
    private sealed class AsideTurn
    {
        public AsideTurn(IReadOnlyList<Unready> items, Dictionary<Guid, KeyHolder> holders, Instant now)
        {
            Now = now;
            Verdicts = new Verdict?[items.Count];
            for (var i = 0; i < items.Count; i++)
                Verdicts[i] = Decide(items[i], EventKey.For(items[i].Source, items[i].Id), holders);
        }

        public Instant Now { get; }

        public Verdict?[] Verdicts { get; }

        public List<(Guid Key, Unready Item)> Parking { get; } = [];

        public List<Offer> Conflicts { get; } = [];

        private Verdict? Decide(Unready item, Guid key, Dictionary<Guid, KeyHolder> holders)
        {
            if (holders.TryGetValue(key, out var holder))
            {
                if (!holder.Digest.Span.SequenceEqual(item.Digest.Span))
                {
                    Conflicts.Add(new(key, item.Digest, item.Source, item.Id, item.Body));
                    return new KeyConflict(holder.Receipt, holder.Digest, item.Digest);
                }

                return holder.Receipt is { } receipt
                    ? new Duplicate(receipt)
                    : new Parked(holder.ParkedAt, holder.Digest);
            }

            if (item.ParkAs is null)
                return null;
            Parking.Add((key, item));
            holders.Add(key, new KeyHolder(null, item.Digest, Now));
            return new Parked(Now, item.Digest);
        }
    }

    /// <summary>A refused body as it is kept.</summary>
    private sealed record RejectRow(
        string? Source, string? Id, Guid? Key, ReadOnlyMemory<byte> Body, int Bytes, byte[] Sha256, string Problems)
    {
        /// <summary>Two of one are the same failure again.</summary>
        public (string, string, string) Same { get; } = (Convert.ToHexString(Sha256), Source ?? "", Id ?? "");

        public static RejectRow Of(Rejected refused)
        {
            var (source, id) = (Storable(refused.Source), Storable(refused.Id));
            // What could not be stored as it is can be no key either.
            var hasKey = source is { Length: > 0 } && id is { Length: > 0 }
                && source == refused.Source && id == refused.Id;
            var body = refused.Body;
            return new(
                source, id, hasKey ? EventKey.For(source!, id!) : null,
                body.Length > RejectBytesMax ? body[..RejectBytesMax] : body, body.Length,
                SHA256.HashData(body.Span), refused.Problems);
        }

        public static NpgsqlBatchCommand Command(
            List<(RejectRow Row, long Times)> rows, DateTime now) => new(Sql.Reject)
        {
            Parameters =
            {
                Texts(rows.Select(row => row.Row.Source)),
                Texts(rows.Select(row => row.Row.Id)),
                new() { Value = rows.Select(row => row.Row.Key).ToArray() },
                Blobs(rows.Select(row => row.Row.Body)),
                new() { Value = rows.Select(row => (long)row.Row.Bytes).ToArray() },
                new() { Value = rows.Select(row => row.Row.Sha256).ToArray() },
                new()
                {
                    Value = rows.Select(row => row.Row.Problems).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json,
                },
                new() { Value = rows.Select(row => row.Times).ToArray() },
                new() { Value = now },
            },
        };

        /// <summary>A rejected text may be one PostgreSQL cannot hold or index; the body keeps it as it came.</summary>
        private static string? Storable(string? text) => text is null
            ? null
            : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Length > 200 ? text[..200] : text))
                .Replace('\0', '\uFFFD');
    }
}
