using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>What is known of some streams.</summary>
internal sealed record Known(Dictionary<string, SourceRecord> Records, Dictionary<string, Poison> Poisoned)
{
    /// <summary>Links among them.</summary>
    public List<Tie> Ties { get; init; } = [];
}

/// <summary>The projector's statements over one set of view tables.</summary>
internal sealed class ViewSql(string schema)
{
    /// <summary>Every table, with its key, in the order a person would look for a fault.</summary>
    public static readonly IReadOnlyList<(string Name, IReadOnlyList<string> Key)> Tables =
    [
        (BySource.Table.Name, BySource.Table.Key), (PoisonRows.Table.Name, PoisonRows.Table.Key),
        (LinkRows.Table.Name, LinkRows.Table.Key), (EntityRows.Members.Name, EntityRows.Members.Key),
        (EntityRows.Table.Name, EntityRows.Table.Key), (EdgeRows.Table.Name, EdgeRows.Table.Key),
        (PastEdgeRows.Table.Name, PastEdgeRows.Table.Key),
    ];

    private readonly string bySource = $"select {BySource.Columns} from {schema}.by_source s";

    /// <summary>Records and standstills of these streams.</summary>
    public async Task<Known> Known(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, $"{bySource} where s.stream = any ($1)", streams);
        Add(batch, $"select stream, position, type, error from {schema}.poisoned where stream = any ($1)", streams);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return new(await Records(reader, cancellationToken), await Poisons(reader, cancellationToken));
    }

    /// <summary>These streams and all that links in force reach from them.</summary>
    public async Task<List<string>> Reach(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
             with recursive reach (stream) as (
               select unnest($1) collate "C"
               union
               select n.stream from reach r cross join lateral (
                 select l.b from {schema}.link l where l.a = r.stream
                 union all
                 select l.a from {schema}.link l where l.b = r.stream) n (stream))
             select stream from reach
             """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        return await Texts(command, cancellationToken);
    }

    /// <summary>Links and standstills among streams that reach each other, and the records of those wanted.</summary>
    public async Task<Known> Around(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, IReadOnlyCollection<string> wanted,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, $"{bySource} where s.stream = any ($1)", wanted);
        Add(batch, $"select stream, position, type, error from {schema}.poisoned where stream = any ($1)", streams);
        Add(batch, $"select stream, a, b, position from {schema}.link where a = any ($1) and in_force", streams);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var known = new Known(await Records(reader, cancellationToken), await Poisons(reader, cancellationToken));
        while (await reader.ReadAsync(cancellationToken))
            known.Ties.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3)));
        return known;
    }

    /// <summary>What each system is registered as.</summary>
    public async Task<Firm> Roles(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"{bySource} where s.kind = 'source'", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return new((await Records(reader, cancellationToken)).Values);
    }

    public async Task<List<string>> PoisonedStreams(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select stream from {schema}.poisoned order by stream", connection);
        return await Texts(command, cancellationToken);
    }

    /// <summary>A page of the streams of one source, after a stream.</summary>
    public async Task<List<string>> StreamsOf(
        NpgsqlConnection connection, string source, string after, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select stream from {schema}.by_source where source = $1 and stream > $2 order by stream limit $3",
            connection);
        command.Parameters.Add(new() { Value = source });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        return await Texts(command, cancellationToken);
    }

    /// <summary>A page of the streams that links name, after a stream.</summary>
    public async Task<List<string>> Linked(
        NpgsqlConnection connection, string after, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
             select stream from (
               (select a from {schema}.link where a > $1 order by a limit $2)
               union
               (select b from {schema}.link where b > $1 order by b limit $2)) n (stream)
             order by stream limit $2
             """,
            connection);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        return await Texts(command, cancellationToken);
    }

    /// <summary>Which of these streams have no entity yet.</summary>
    public async Task<List<string>> LeftOut(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
             select s.stream from {schema}.by_source s where s.stream = any ($1)
               and not exists (select from {schema}.entity_member m where m.stream = s.stream)
             """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        return await Texts(command, cancellationToken);
    }

    /// <summary>Which of these streams a link names.</summary>
    public async Task<HashSet<string>> Linked(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
             select u.stream from unnest($1) u (stream)
             where exists (select from {schema}.link l where l.a = u.stream)
                or exists (select from {schema}.link l where l.b = u.stream)
             """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        return [.. await Texts(command, cancellationToken)];
    }

    public void DeleteEntities(NpgsqlBatch batch, IReadOnlyCollection<string> ids) =>
        Delete(batch, "entity", "id", ids);

    public void Delete(NpgsqlBatch batch, string table, string key, IReadOnlyCollection<string> keys)
    {
        if (keys.Count > 0) Add(batch, $"delete from {schema}.{table} where {key} = any ($1)", keys);
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

    private static async Task<List<string>> Texts(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) texts.Add(reader.GetString(0));
        return texts;
    }
}
