using Ledger.Domain;
using Ledger.Projections.Identity;
using Ledger.Projections.Lineage;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>One step of a walk over the views: what is known of some streams, and what they share with others.
/// </summary>
internal sealed record Level(
    List<SourceRecord> Records, List<Poison> Poisoned, List<LinkRows.Row> Links,
    Dictionary<KindKey, List<string>> Keys);

/// <summary>The statements by which neighbours are found: candidates only, more than needed and never fewer.</summary>
internal sealed class NeighbourSql(string schema, NpgsqlConnection connection)
{
    /// <summary>One more than may share a key.</summary>
    private const int Crowd = BusinessKey.HoldersMax + 1;

    private static readonly string[] Covers =
    [
        Rels.Bills, Rels.Posts, Rels.Settles, Rels.Credits, Rels.Replaces, Rels.Corrects, Rels.Prepays,
        Rels.CoverageFrom, Rels.Reverses, Rels.CoversNot, Rels.RecognizedIn, Rels.Links,
    ];

    /// <summary>References by number that hang on what else bears it.</summary>
    private static readonly string[] ByNumber = [.. Covers, Rels.MergedInto];

    /// <summary>The same as the index <c>edge_covers</c> has it: a parameter would not find that.</summary>
    public static readonly string InCovers =
        $"rel in ({string.Join(", ", Covers.Select(rel => $"'{rel}'"))})";

    private readonly string bySource = $"select {BySource.Columns} from {schema}.by_source s";

    /// <summary>Whether what a reference of this meaning points at is told anew with what makes it.</summary>
    public static bool Finds(string rel) => Array.IndexOf(Covers, rel) >= 0;

    /// <summary>Who bears a key; without what lies beyond a crowd.</summary>
    private string Holders(string more) =>
        $"""
         cross join lateral (
           select o.stream from {schema}.record_key o
           where left(o.value, 120) = left(k.value, 120) and o.scheme = k.scheme and o.kind = k.kind
             and o.value = k.value and coalesce(o.legal_entity, '') = coalesce(k.legal_entity, '') and o.held {more}
           limit {Crowd}) h
         """;

    /// <summary>Records of those wanted; standstills, links and keys of all.</summary>
    public async Task<Level> Level(
        IReadOnlyCollection<string> streams, IReadOnlyCollection<string> wanted, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, $"{bySource} where s.stream = any ($1)", wanted);
        Add(batch, $"select stream, position, type, error from {schema}.poisoned where stream = any ($1)", streams);
        Add(
            batch,
            $"""
             select {LinkRows.Columns} from {schema}.link l where l.a = any ($1)
             union
             select {LinkRows.Columns} from {schema}.link l where l.b = any ($1)
             """,
            streams);
        Add(
            batch,
            $"""
             select k.kind, k.legal_entity, k.scheme, k.value, h.stream from (
               select distinct kind, legal_entity, scheme, value from {schema}.record_key
               where stream = any ($1) and held) k
             {Holders("")}
             """,
            // Hours and costs have no keys, and there are many of them.
            [
                .. streams.Where(s => !s.StartsWith("time/", StringComparison.Ordinal)
                    && !s.StartsWith("expense/", StringComparison.Ordinal)),
            ]);
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var level = new Level([], [], [], []);
        while (await reader.ReadAsync(cancellationToken)) level.Records.Add(BySource.Read(reader));
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            level.Poisoned.Add(new(
                reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3)));
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) level.Links.Add(LinkRows.Read(reader));
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            Held(level.Keys, reader);
        return level;
    }

    /// <summary>Those, beside some streams, that bear keys which these have got or lost: whoever shared a key, or was
    /// one too many for it to be one.</summary>
    public async Task<List<string>> Others(
        IReadOnlyCollection<KindKey> keys, IReadOnlyCollection<string> beside, CancellationToken cancellationToken)
    {
        if (keys.Count == 0) return [];
        await using var command = new NpgsqlCommand(
            $"""
             select k.kind, k.legal_entity, k.scheme, k.value, h.stream
             from unnest($1, $2, $3, $4) k (kind, legal_entity, scheme, value)
             {Holders("and o.stream <> all ($5)")}
             """,
            connection);
        command.Parameters.Add(Column.Array(keys.Select(k => k.Kind).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(keys.Select(k => k.LegalEntity).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(keys.Select(k => k.Scheme).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(keys.Select(k => k.Value).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(beside.ToArray(), NpgsqlDbType.Text));
        var held = new Dictionary<KindKey, List<string>>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            Held(held, reader);
        return [.. held.Values.Where(h => h.Count < Crowd).SelectMany(h => h)];
    }

    /// <summary>Coverage and links that others state of these streams, by id or number, or of lost numbers; merges by
    /// number.</summary>
    public async Task<List<(string StatedBy, string From, string? ToStream, string ToKind, string? ToNumber)>> Covering(
        IReadOnlyCollection<string> streams, IReadOnlyCollection<(string Kind, string Number)> lost,
        CancellationToken cancellationToken)
    {
        const string columns = "e.stated_by, e.from_stream, e.to_stream, e.to_kind, e.to_number";
        await using var command = new NpgsqlCommand(
            $"""
             select {columns} from {schema}.edge e where e.to_stream = any ($1) and e.{InCovers}
             union
             select {columns} from {schema}.edge e
             where e.from_stream = any ($1) and e.stated_by <> e.from_stream and e.{InCovers}
             union
             select {columns} from {schema}.by_source s join {schema}.edge e
               on e.to_kind = s.kind and left(e.to_number, 120) = left(s.number, 120) and e.to_number = s.number
             where s.stream = any ($1) and s.number is not null and e.rel = any ($4)
             union
             select {columns} from unnest($2, $3) n (kind, number) join {schema}.edge e
               on e.to_kind = n.kind and left(e.to_number, 120) = left(n.number, 120) and e.to_number = n.number
             where e.rel = any ($4)
             """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(lost.Select(n => n.Kind).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(lost.Select(n => n.Number).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(ByNumber, NpgsqlDbType.Text));
        await command.PrepareAsync(cancellationToken);
        List<(string, string, string?, string, string?)> found = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            found.Add((
                reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4)));
        return found;
    }

    /// <summary>The live records that bear one of these numbers; of one system no more than tell that they are too
    /// many for it to mean one of them.</summary>
    public async Task<List<string>> Numbered(
        IReadOnlyCollection<(string Kind, string Number)> numbers, CancellationToken cancellationToken)
    {
        if (numbers.Count == 0) return [];
        await using var command = new NpgsqlCommand(
            $"""
             with recursive system as (
               select n.kind, n.number, (
                 select s.source from {schema}.by_source s
                 where s.kind = n.kind and left(s.number, 120) = left(n.number, 120)
                 order by s.source limit 1) as source
               from unnest($1, $2) n (kind, number)
               union all
               select n.kind, n.number, (
                 select s.source from {schema}.by_source s
                 where s.kind = n.kind and left(s.number, 120) = left(n.number, 120) and s.source > n.source
                 order by s.source limit 1)
               from system n where n.source is not null)
             select b.stream from system n cross join lateral (
               select s.stream from {schema}.by_source s
               where s.kind = n.kind and left(s.number, 120) = left(n.number, 120) and s.source = n.source
                 and s.number = n.number and s.state is not null and s.deleted_by is null
               limit {Crowd}) b
             """,
            connection);
        command.Parameters.Add(Column.Array(numbers.Select(n => n.Kind).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(numbers.Select(n => n.Number).ToArray(), NpgsqlDbType.Text));
        return await ViewSql.Texts(command, cancellationToken);
    }

    /// <summary>The streams of overrides of these targets.</summary>
    public async Task<List<string>> Overriding(
        IReadOnlyCollection<string> targets, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select stream from {schema}.override where target = any ($1)", connection);
        command.Parameters.Add(Column.Array(targets.ToArray(), NpgsqlDbType.Text));
        return await ViewSql.Texts(command, cancellationToken);
    }

    /// <summary>These records, and the overrides of these targets.</summary>
    public async Task<List<SourceRecord>> Sayings(
        IReadOnlyCollection<string> targets, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
             {bySource} where s.stream in (
               select unnest($1) collate "C"
               union
               select o.stream from {schema}.override o where o.target = any ($2))
             """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(targets.ToArray(), NpgsqlDbType.Text));
        await command.PrepareAsync(cancellationToken);
        List<SourceRecord> records = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) records.Add(BySource.Read(reader));
        return records;
    }

    internal static void Held(Dictionary<KindKey, List<string>> keys, NpgsqlDataReader reader)
    {
        var key = new KindKey(
            reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetString(2),
            reader.GetString(3));
        if (!keys.TryGetValue(key, out var holders)) keys.Add(key, holders = []);
        holders.Add(reader.GetString(4));
    }

    private static void Add(NpgsqlBatch batch, string text, IReadOnlyCollection<string> streams) =>
        batch.BatchCommands.Add(new(text) { Parameters = { Column.Array(streams.ToArray(), NpgsqlDbType.Text) } });
}
