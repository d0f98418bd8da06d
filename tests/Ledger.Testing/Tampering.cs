using System.Globalization;
using Ledger.Store;
using Npgsql;

namespace Ledger.Testing;

/// <summary>Ways to falsify a ledger behind its back, with the rights of the database's owner, and whether verify finds
/// each and names it.</summary>
public static class Tampering
{
    /// <summary>The columns whose bits are flipped, by table, each with the rows' own key.</summary>
    private static readonly (string Table, string Key, string[] Columns)[] Tables =
    [
        ("events.mt_events", "seq_id",
        [
            "seq_id", "id", "stream_id", "version", "data", "bdata", "type", "timestamp", "tenant_id",
            "mt_dotnet_type", "correlation_id", "causation_id", "headers", "user_name", "is_archived",
        ]),
        ("events.mt_streams", "id", ["id", "type", "version", "timestamp", "created", "tenant_id", "is_archived"]),
        ("ledger.key", "position", ["key", "position", "version", "digest"]),
        ("ledger.seal", "size", ["size", "first", "root", "signature", "leaves"]),
        ("ledger.tile", "index", ["level", "index", "root"]),
        ("ledger.head", "one", ["position", "recorded", "frontier"]),
        ("ledger.signing_key", "id", ["id", "public_key"]),
        ("ledger.log", "one", ["origin"]),
    ];

    /// <summary>Every kind, by name.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        ["none", "flip", "delete", "insert", "swap", "truncate", "rewind", "recompute", "recompute-signed", "backup",
            "fork"];

    /// <summary>Tampers once and verifies.</summary>
    /// <returns>What verify missed or misnamed; null = it found and named it, or rightly found nothing.</returns>
    public static async Task<string?> Run(
        SealedLedger ledger, string kind, Random random, CancellationToken cancellationToken)
    {
        await using var database = kind switch
        {
            "backup" or "fork" => await ledger.Backup(cancellationToken),
            "recompute" or "recompute-signed" => await TestDatabase.Create(cancellationToken),
            _ => await ledger.Copy(cancellationToken),
        };
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var what = await Apply(source, ledger, kind, random, cancellationToken);
        await using var store = new EventStore(source);
        // What is consistent in itself shows only against what was taken away: the last root, or the key.
        var outside = kind is "none" or "recompute" or "recompute-signed" or "backup" or "fork";
        var found = await store.Verify(
            new VerifyOptions { Against = outside ? ledger.Roots : [], Workers = 2 }, null, cancellationToken);
        if (kind == "none")
            return found.First is { } alarm ? $"a false alarm: {alarm}" : null;
        if (found.First is not { } first)
            return $"{what.Said} was not found";
        if (!what.Names(first))
            return $"{what.Said} was named as {first}";
        return kind is not ("recompute" or "recompute-signed") ? null
            : await Keyed(store, ledger, what.Said, cancellationToken);
    }

    /// <summary>Without any root, the public key alone tells.</summary>
    private static async Task<string?> Keyed(
        EventStore store, SealedLedger ledger, string said, CancellationToken cancellationToken)
    {
        var plain = await store.Verify(new VerifyOptions(), null, cancellationToken);
        if (plain.First is not null)
            return $"{said} was no good forgery: {plain.First}";
        var keyed = await store.Verify(new VerifyOptions { Key = ledger.Key }, null, cancellationToken);
        return keyed.First is null ? $"{said} was not found by the key" : null;
    }

    private static async Task<Done> Apply(
        NpgsqlDataSource source, SealedLedger ledger, string kind, Random random, CancellationToken cancellationToken)
    {
        var size = ledger.Events.Count;
        var at = random.Next(1, size + 1);
        var other = at == 1 ? size : random.Next(1, at);
        async Task<Done> Sql(string sql, Func<Difference, bool> names)
        {
            await Execute(source, sql, cancellationToken);
            return new Done($"{kind} ({sql})", names);
        }

        switch (kind)
        {
            case "none":
                return new Done("nothing", _ => false);
            case "flip":
                return await Flip(source, random, cancellationToken);
            case "delete":
                return await Sql($"delete from events.mt_events where seq_id = {at}", At(at));
            case "insert":
                return await Sql($"""
                    with e as (
                      insert into events.mt_events (seq_id, id, stream_id, version, data, type, timestamp,
                        mt_dotnet_type, headers)
                      select {size + 1}, gen_random_uuid(), e.stream_id, s.version + 1, e.data, e.type, e.timestamp,
                        e.mt_dotnet_type, e.headers
                      from events.mt_events e join events.mt_streams s on s.id = e.stream_id where e.seq_id = {at}
                      returning id, stream_id, seq_id, version),
                    k as (insert into ledger.key select id, seq_id, version, sha256('') from e)
                    update events.mt_streams s set version = e.version from e where s.id = e.stream_id
                    """, At(size + 1));
            case "swap":
                return await Sql($"""
                    update events.mt_events set seq_id = case seq_id when {at} then -{other} else -{at} end
                      where seq_id in ({at}, {other});
                    update events.mt_events set seq_id = -seq_id where seq_id < 0
                    """, At(Math.Min(at, other)));
            case "truncate":
                return await Sql($"""
                    delete from events.mt_events where seq_id >= {at};
                    delete from ledger.key where position >= {at};
                    delete from events.mt_streams s where not exists (
                      select from events.mt_events e where e.stream_id = s.id);
                    update events.mt_streams s set version = e.version, timestamp = e.timestamp
                      from (select stream_id, max(version) as version, max(timestamp) as timestamp
                        from events.mt_events group by stream_id) e
                      where e.stream_id = s.id
                    """, At(at));
            case "rewind":
                return await Sql(
                    $"select setval('events.mt_events_sequence', {Math.Max(1, at - 1)})",
                    difference => difference.Table == "events.mt_events_sequence");
            case "recompute" or "recompute-signed":
                return await Recompute(source, ledger, at, kind == "recompute-signed", cancellationToken);
            case "backup":
                return new Done("an old backup", IsRoot("old backup"));
            case "fork":
                await using (var store = new EventStore(source, signer: ledger.Signer))
                    await SealedLedger.Append(
                        store, [.. Enumerable.Range(0, size).Select(n => SealedLedger.Event($"f-{n}", random))],
                        cancellationToken);
                return new Done("another history after an old backup", IsRoot("rewritten"));
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such tampering.");
        }
    }

    /// <summary>The same ledger, but for one event, with every leaf, root and hash made anew.</summary>
    private static async Task<Done> Recompute(
        NpgsqlDataSource source, SealedLedger ledger, int at, bool isSigned, CancellationToken cancellationToken)
    {
        await Execute(source, $"update ledger.log set origin = '{ledger.Signer.Origin}'", cancellationToken);
        using var forger = isSigned
            ? await RootSigner.Open(
                source, System.Security.Cryptography.ECDsa.Create(
                    System.Security.Cryptography.ECCurve.NamedCurves.nistP256),
                isFirst: true, NodaTime.Instant.FromUtc(2026, 11, 2, 8, 0), cancellationToken)
            : null;
        NewEvent[] events = [.. ledger.Events];
        events[at - 1] = events[at - 1] with { Actor = "somebody else" };
        await using var store = new EventStore(source, signer: forger);
        await SealedLedger.Append(store, events, cancellationToken);
        return new Done($"event {at} changed and everything recomputed", IsRoot("rewritten"));
    }

    private static async Task<Done> Flip(
        NpgsqlDataSource source, Random random, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (table, key, columns) = Tables[random.Next(4) == 0 ? random.Next(Tables.Length) : 0];
            var column = columns[random.Next(columns.Length)];
            var row = await Row(source, table, key, column, random, cancellationToken);
            if (row is null)
                continue;
            try
            {
                // A bit that PostgreSQL does not keep, as in the spelling of its JSON, is no bit of the ledger.
                var value = Flipped(row, random);
                var sql = $"""
                    update {table} set {column} = {value}
                    where ctid = '{row.Place}' and {column} is distinct from {value}
                    """;
                if (await Execute(source, sql, cancellationToken) != 1)
                    continue;
                return new Done(
                    $"a bit of {table}.{column} of row {row.Key} ({row.Value})", Named(table, column, row.Key));
            }
            catch (PostgresException) when (attempt < 100)
            {
                // Nobody can store that: another bit.
            }
        }
    }

    private static Func<Difference, bool> Named(string table, string column, string key) => (table, column) switch
    {
        ("events.mt_events", _) => At(Whole(key)),
        // A key that claims another's place may stand in that one's way.
        ("ledger.key", "position") => difference => difference.Table == table,
        ("ledger.key", _) => At(Whole(key)),
        // An event is not what was sealed where the type of its stream is another, or the stream is gone.
        ("events.mt_streams", _) => difference => difference.Table is "events.mt_streams" or "events.mt_events",
        ("ledger.seal", "leaves") => difference => difference.Position is { } at && at <= Whole(key),
        ("ledger.log", _) => _ => true,
        ("ledger.signing_key", _) => difference => difference.Table is "ledger.signing_key" or "ledger.seal",
        _ => difference => difference.Table == table,
    };

    private static Func<Difference, bool> At(long position) => difference => difference.Position == position;

    private static Func<Difference, bool> IsRoot(string word) =>
        difference => difference.What.Contains(word, StringComparison.Ordinal);

    private static long Whole(string key) => long.Parse(key, CultureInfo.InvariantCulture);

    /// <summary>A value with one bit changed, as an SQL expression.</summary>
    private static string Flipped(Field field, Random random)
    {
        switch (field.Type)
        {
            case "bigint" or "smallint":
                var bits = field.Type == "bigint" ? 64 : 16;
                var one = 1L << random.Next(bits);
                return $"({field.Value ?? "0"}::bigint # ({one}))::{field.Type}";
            case "timestamp with time zone":
                return $"'{field.Value}'::timestamptz + interval '1 microsecond' * {1L << random.Next(40)}";
            case "boolean":
                return field.Value == "t" ? "false" : "true";
            case "uuid":
                var hex = Convert.FromHexString(field.Value!.Replace("-", "", StringComparison.Ordinal));
                hex[random.Next(hex.Length)] ^= (byte)(1 << random.Next(8));
                return $"'{Convert.ToHexStringLower(hex)}'::uuid";
            case "bytea":
                var bytes = field.Value is { Length: > 2 } ? Convert.FromHexString(field.Value[2..]) : [0];
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return $"'\\x{Convert.ToHexStringLower(bytes)}'::bytea";
            default:
                var text = field.Value is { Length: > 0 } value ? value.ToCharArray() : ['@'];
                text[random.Next(text.Length)] ^= (char)(1 << random.Next(7));
                return $"'{new string(text).Replace("'", "''", StringComparison.Ordinal)}'::{field.Type}";
        }
    }

    private static async Task<Field?> Row(
        NpgsqlDataSource source, string table, string key, string column, Random random,
        CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand($"""
            select ctid::text, {key}::text, {column}::text, pg_typeof({column})::text from {table}
            order by {key} offset {random.Next(10_000)} % greatest(1, (select count(*) from {table})) limit 1
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Field(
                reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.GetString(3))
            : null;
    }

    /// <summary>Past foreign keys and triggers, as one with the superuser's rights can.</summary>
    private static async Task<int> Execute(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using (var past = new NpgsqlCommand("set session_replication_role = replica", connection))
            await past.ExecuteNonQueryAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record Field(string Place, string Key, string? Value, string Type);

    /// <summary>What was done, and whether a difference is that.</summary>
    private sealed record Done(string Said, Func<Difference, bool> Names);
}
