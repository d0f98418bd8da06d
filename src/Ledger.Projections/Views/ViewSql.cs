using Ledger.Domain;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>What is known of some streams.</summary>
internal sealed record Known(Dictionary<string, SourceRecord> Records, Dictionary<string, Poison> Poisoned)
{
    /// <summary>Those, of the streams asked for, of which no other stream speaks.</summary>
    public HashSet<string> MayBeAlone { get; init; } = [];
}

/// <summary>The projector's statements over one set of view tables.</summary>
internal sealed class ViewSql(string schema)
{
    private const string IsReached = "($1 or s.source = any ($2) or s.kind = any ($3))";

    /// <summary>Kinds whose every record says something of the firm.</summary>
    private static readonly string[] OfTheFirm =
        [Kind.Source.Name, Kind.LegalEntity.Name, Kind.Period.Name, Kind.Ownership.Name];

    /// <summary>Kinds of which links and successions say something of the firm.</summary>
    private static readonly string[] NamedByTheFirm = [Kind.Source.Name, Kind.LegalEntity.Name];

    private readonly string bySource = $"select {BySource.Columns} from {schema}.by_source s";

    /// <summary>Records and standstills of these streams.</summary>
    public async Task<Known> Known(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        AddKnown(batch, streams);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return new(await Records(reader, cancellationToken), await Poisons(reader, cancellationToken));
    }

    /// <summary>The same, and which of others nobody speaks of.</summary>
    public async Task<Known> Known(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, IReadOnlyCollection<string> alone,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        AddKnown(batch, streams);
        if (alone.Count > 0) AddSpokenOf(batch, alone);
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var known = new Known(await Records(reader, cancellationToken), await Poisons(reader, cancellationToken))
        {
            MayBeAlone = [.. alone],
        };
        if (alone.Count > 0)
            while (await reader.ReadAsync(cancellationToken)) known.MayBeAlone.Remove(reader.GetString(0));
        return known;
    }

    private void AddKnown(NpgsqlBatch batch, IReadOnlyCollection<string> streams)
    {
        Add(batch, $"{bySource} where s.stream = any ($1)", streams);
        Add(batch, $"select stream, position, type, error from {schema}.poisoned where stream = any ($1)", streams);
    }

    /// <summary>Those of some streams that others link, succeed, override, or cover.</summary>
    private void AddSpokenOf(NpgsqlBatch batch, IReadOnlyCollection<string> streams)
    {
        Add(
            batch,
            $"""
             select e.to_stream from {schema}.edge e where e.to_stream = any ($1) and e.{NeighbourSql.InCovers}
             union all
             select e.from_stream from {schema}.edge e where e.from_stream = any ($1) and e.stated_by <> e.from_stream
             union all
             select l.a from {schema}.link l where l.a = any ($1)
             union all
             select l.b from {schema}.link l where l.b = any ($1)
             union all
             select o.target from {schema}.override o where o.target = any ($1)
             """,
            streams);
    }

    public async Task<List<string>> PoisonedStreams(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select stream from {schema}.poisoned order by stream", connection);
        return await Texts(command, cancellationToken);
    }

    /// <summary>The records that say something of the firm. Each kind's lie side by side; the bounds stand in the text,
    /// so that the planner knows how few they are.</summary>
    public string OfFirm { get; } = string.Join(
        " union all ",
        [
            .. OfTheFirm.Select(kind =>
                $"select {BySource.Columns} from {schema}.by_source s where {IsOfKind("s.stream", kind)}"),
            $"""
             select {BySource.Columns} from {schema}.by_source s where s.stream in (
               select l.stream from {schema}.link l
               where {string.Join(" or ", NamedByTheFirm.Select(kind => IsOfKind("l.a", kind)))})
               and s.kind in ('identity', 'succession')
             """,
        ]);

    private static string IsOfKind(string column, string kind) => $"({column} >= '{kind}/' and {column} < '{kind}0')";

    /// <summary>What every batch has to know, from the tables.</summary>
    public async Task<Standing> Standing(
        NpgsqlConnection connection, LocalDate day, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(OfFirm, connection);
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return Projections.Standing.Of(day, (await Records(reader, cancellationToken)).Values);
    }

    /// <summary>What the day has come for: what overrides that end name, and what successions that begin do.</summary>
    public async Task<List<string>> Turned(
        NpgsqlConnection connection, LocalDate before, LocalDate day, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
             select target from {schema}.override where in_force and until >= $1 and until < $2
             union
             select a from {schema}.link where in_force and from_date > $1 and from_date <= $2
             union
             select b from {schema}.link where in_force and from_date > $1 and from_date <= $2
             """,
            connection);
        command.Parameters.Add(new() { Value = before.ToDateOnly(), NpgsqlDbType = NpgsqlDbType.Date });
        command.Parameters.Add(new() { Value = day.ToDateOnly(), NpgsqlDbType = NpgsqlDbType.Date });
        return await Texts(command, cancellationToken);
    }

    /// <summary>How many records a change of the firm reaches.</summary>
    public async Task<long> CountReached(
        NpgsqlConnection connection, FirmChange change, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select count(*) from {schema}.by_source s where {IsReached}", connection) { CommandTimeout = 0 };
        AddReached(command, change);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>A page of the streams a change of the firm reaches, after a stream.</summary>
    public async Task<List<string>> Reached(
        NpgsqlConnection connection, FirmChange change, string after, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select s.stream from {schema}.by_source s where {IsReached} and s.stream > $4 order by s.stream limit $5",
            connection) { CommandTimeout = 0 };
        AddReached(command, change);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        return await Texts(command, cancellationToken);
    }

    /// <summary>Puts the keys of records under the legal entities they belong to now.</summary>
    /// <returns>The keys that moved, as they were and as they are.</returns>
    public async Task<List<KindKey>> MoveKeys(
        NpgsqlConnection connection, IReadOnlyCollection<(string Stream, string? LegalEntity)> records,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
             with moved as (
               select k.stream, k.ordinal, k.legal_entity as was, r.legal_entity as now
               from unnest($1, $2) r (stream, legal_entity) join {schema}.record_key k on k.stream = r.stream
               where k.held and k.scheme not like '~%' and k.legal_entity is distinct from r.legal_entity)
             update {schema}.record_key k set legal_entity = m.now from moved m
             where k.stream = m.stream and k.ordinal = m.ordinal
             returning k.kind, m.was, m.now, k.scheme, k.value
             """,
            connection);
        command.Parameters.Add(Column.Array(records.Select(r => r.Stream).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(records.Select(r => r.LegalEntity).ToArray(), NpgsqlDbType.Text));
        List<KindKey> keys = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (kind, scheme, value) = (reader.GetString(0), reader.GetString(3), reader.GetString(4));
            keys.Add(new(kind, reader.IsDBNull(1) ? null : reader.GetString(1), scheme, value));
            keys.Add(new(kind, reader.IsDBNull(2) ? null : reader.GetString(2), scheme, value));
        }

        return keys;
    }

    /// <summary>The entity each of these streams belongs to, as the tables have it.</summary>
    public async Task<Dictionary<string, string>> EntitiesOf(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select stream, entity from {schema}.entity_member where stream = any ($1)", connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        var entities = new Dictionary<string, string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) entities.Add(reader.GetString(0), reader.GetString(1));
        return entities;
    }

    /// <summary>How many records name one of these clients, by id or number, or a number of one that bears it no more.
    /// </summary>
    public async Task<long> CountOfClients(
        NpgsqlConnection connection, IReadOnlyCollection<string> clients, IReadOnlyCollection<string> lost,
        CancellationToken cancellationToken)
    {
        await using var command = OfClients(connection, "select count(distinct d.stated_by)", "", clients, lost);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The same records.</summary>
    public async Task<List<string>> OfClients(
        NpgsqlConnection connection, IReadOnlyCollection<string> clients, IReadOnlyCollection<string> lost,
        CancellationToken cancellationToken)
    {
        await using var command = OfClients(
            connection, "select d.stated_by", "group by d.stated_by order by d.stated_by", clients, lost);
        return await Texts(command, cancellationToken);
    }

    private NpgsqlCommand OfClients(
        NpgsqlConnection connection, string select, string order, IReadOnlyCollection<string> clients,
        IReadOnlyCollection<string> lost) =>
        new(
            $"""
             {select} from (
               select e.stated_by from {schema}.edge e where e.to_stream = any ($1) and e.rel = 'client'
               union
               select e.stated_by from {schema}.by_source s join {schema}.edge e
                 on e.to_kind = s.kind and left(e.to_number, 120) = left(s.number, 120) and e.to_number = s.number
               where s.stream = any ($1) and s.number is not null and e.rel = 'client'
               union
               select e.stated_by from unnest($2) n (number) join {schema}.edge e
                 on e.to_kind = 'client' and left(e.to_number, 120) = left(n.number, 120) and e.to_number = n.number
               where e.rel = 'client') d
             {order}
             """,
            connection)
        {
            CommandTimeout = 0,
            Parameters =
            {
                Column.Array(clients.ToArray(), NpgsqlDbType.Text), Column.Array(lost.ToArray(), NpgsqlDbType.Text),
            },
        };

    /// <summary>All that is one with any of these streams, as the tables have it.</summary>
    public async Task<List<string>> Together(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
             select unnest(e.members) from {schema}.entity_member m join {schema}.entity e on e.id = m.entity
             where m.stream = any ($1)
             """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        return await Texts(command, cancellationToken);
    }

    public void Delete(NpgsqlBatch batch, string table, string key, IReadOnlyCollection<string> keys)
    {
        if (keys.Count > 0) Add(batch, $"delete from {schema}.{table} where {key} = any ($1)", keys);
    }

    /// <summary>Takes out rows that name one of these on either side.</summary>
    public void DeleteEither(NpgsqlBatch batch, string table, IReadOnlyCollection<string> keys)
    {
        Delete(batch, table, "a", keys);
        Delete(batch, table, "b", keys);
    }

    /// <summary>Takes what is open out of its pools.</summary>
    public void DeleteCoverable(NpgsqlBatch batch, IReadOnlyCollection<Coverable> gone)
    {
        if (gone.Count == 0) return;
        Add(
            batch,
            $"delete from {schema}.coverable c using unnest($1, $2) g (entity, pool) "
                + "where c.entity = g.entity and c.pool = g.pool",
            [.. gone.Select(c => c.Entity)]);
        batch.BatchCommands[^1].Parameters.Add(
            Column.Array(gone.Select(c => c.Pool.ToString()).ToArray(), NpgsqlDbType.Text));
    }

    private static void AddReached(NpgsqlCommand command, FirmChange change)
    {
        command.Parameters.Add(new() { Value = change.All });
        command.Parameters.Add(Column.Array(change.Sources.ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(change.Kinds.ToArray(), NpgsqlDbType.Text));
    }

    /// <summary>Marks which of some links are refused.</summary>
    public void Refuse(NpgsqlBatch batch, IReadOnlyCollection<string> links, IReadOnlyCollection<string> refused)
    {
        if (links.Count == 0) return;
        Add(
            batch,
            $"""
             update {schema}.link set refused = not refused
             where stream = any ($1) and refused <> (stream = any ($2))
             """,
            links);
        batch.BatchCommands[^1].Parameters.Add(Column.Array(refused.ToArray(), NpgsqlDbType.Text));
    }

    private static void Add(NpgsqlBatch batch, string sql, IReadOnlyCollection<string> streams) =>
        batch.BatchCommands.Add(new(sql) { Parameters = { Column.Array(streams.ToArray(), NpgsqlDbType.Text) } });

    private static async Task<Dictionary<string, SourceRecord>> Records(
        NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var records = new Dictionary<string, SourceRecord>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var record = BySource.Read(reader);
            records.Add(record.Stream, record);
        }

        await reader.NextResultAsync(cancellationToken);
        return records;
    }

    private static async Task<Dictionary<string, Poison>> Poisons(
        NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var poisons = new Dictionary<string, Poison>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var poison = new Poison(
                reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3));
            poisons.Add(poison.Stream, poison);
        }

        await reader.NextResultAsync(cancellationToken);
        return poisons;
    }

    internal static async Task<List<string>> Texts(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) texts.Add(reader.GetString(0));
        return texts;
    }
}
