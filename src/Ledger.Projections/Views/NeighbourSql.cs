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
    Dictionary<KindKey, List<string>> Keys)
{
    /// <summary>Whatever bears or bore a key that some bear no more.</summary>
    public Dictionary<KindKey, List<string>> Borne { get; } = [];

    /// <summary>By the stream that said it: all of which it once said that they are one, or are not.</summary>
    public Dictionary<string, List<string>> Said { get; } = [];
}

/// <summary>The statements by which neighbours are found: candidates only, more than needed and never fewer.</summary>
internal sealed class NeighbourSql(string schema, NpgsqlConnection connection)
{
    /// <summary>One more than may share a key.</summary>
    private const int Crowd = BusinessKey.HoldersMax + 1;

    /// <summary>How many rows of one key are followed where some bear it no more.</summary>
    public const int BorneMax = 64;

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

    /// <summary>Who bears or bore a key that one at least bears no more.</summary>
    private string Bearers(string more) =>
        $"""
         cross join lateral (
           select o.stream from {schema}.record_key o
           where left(o.value, 120) = left(k.value, 120) and o.scheme = k.scheme and o.kind = k.kind
             and o.value = k.value {more}
           limit {BorneMax + 1}) h
         where k.scheme not like '~%' and exists (
           select from {schema}.record_key l
           where left(l.value, 120) = left(k.value, 120) and l.scheme = k.scheme and l.kind = k.kind
             and l.value = k.value and not l.held and l.scheme not like '~%')
         """;

    /// <summary>Whether what a stream points at, or did, is said to be one with another.</summary>
    private static string Ties(string statedBy, string to) =>
        $"({statedBy} like 'identity/%' or {statedBy} like 'succession/%' "
        + $"or {statedBy} like 'client/%' and {to} like 'client/%')";

    /// <summary>Records of those wanted; standstills, links and keys of all.</summary>
    /// <param name="ever">Also what they once shared or were said to be one with.</param>
    public async Task<Level> Level(
        IReadOnlyCollection<string> streams, IReadOnlyCollection<string> wanted, bool ever,
        CancellationToken cancellationToken)
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
        // Hours and costs have no keys, and there are many of them.
        string[] keyed =
        [
            .. streams.Where(s => !s.StartsWith("time/", StringComparison.Ordinal)
                && !s.StartsWith("expense/", StringComparison.Ordinal)),
        ];
        Add(
            batch,
            $"""
             select k.kind, k.legal_entity, k.scheme, k.value, h.stream from (
               select distinct kind, legal_entity, scheme, value from {schema}.record_key
               where stream = any ($1) and held) k
             {Holders("")}
             """,
            keyed);
        if (ever) AddEver(batch, streams, keyed);
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
        if (!ever) return level;
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) Held(level.Borne, reader);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            if (level.Said.TryGetValue(reader.GetString(0), out var of)) of.Add(reader.GetString(1));
            else level.Said.Add(reader.GetString(0), [reader.GetString(1)]);
        return level;
    }

    private void AddEver(
        NpgsqlBatch batch, IReadOnlyCollection<string> streams, IReadOnlyCollection<string> keyed)
    {
        Add(
            batch,
            $"""
             select k.kind, null, k.scheme, k.value, h.stream from (
               select distinct kind, scheme, value from {schema}.record_key where stream = any ($1)) k
             {Bearers("")}
             """,
            keyed);
        Add(
            batch,
            $"""
             with said (stream) as (
               select p.stated_by from {schema}.past_edge p
               where p.to_stream = any ($1) and {Ties("p.stated_by", "p.to_stream")}
               union
               select p.stated_by from {schema}.past_edge p
               where p.stated_by = any ($1) and p.stated_by like 'client/%' and p.to_stream like 'client/%'
               union
               select l.stream from {schema}.link l where l.a = any ($1) and exists (
                 select from {schema}.past_edge p where p.stated_by = l.stream)
               union
               select l.stream from {schema}.link l where l.b = any ($1) and exists (
                 select from {schema}.past_edge p where p.stated_by = l.stream))
             select s.stream, p.to_stream from said s join {schema}.past_edge p on p.stated_by = s.stream
             where p.to_stream is not null and {Ties("p.stated_by", "p.to_stream")}
             union all
             select l.stream, x.of from said s join {schema}.link l on l.stream = s.stream
             cross join lateral (values (l.a), (l.b)) x (of)
             union all
             select s.stream, s.stream from said s where s.stream like 'client/%'
             """,
            streams);
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
             union all
             select k.kind, '*', k.scheme, k.value, h.stream
             from (select distinct kind, scheme, value from unnest($1, $2, $3, $4) k (kind, entity, scheme, value)) k
             {Bearers("and o.stream <> all ($5)")}
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
        return
        [
            .. held.Where(h => h.Value.Count < (h.Key.LegalEntity == "*" ? BorneMax + 1 : Crowd))
                .SelectMany(h => h.Value),
        ];
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

    /// <summary>These records, and the overrides of these targets; and how often some became others.</summary>
    public async Task<(List<SourceRecord> Records, Dictionary<string, int> Turns)> Sayings(
        IReadOnlyCollection<string> targets, IReadOnlyCollection<string> streams,
        IReadOnlyCollection<string> turning, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        Add(
            batch,
            $"""
             {bySource} where s.stream in (
               select unnest($1) collate "C"
               union
               select o.stream from {schema}.override o where o.target = any ($2))
             """,
            streams);
        batch.BatchCommands[^1].Parameters.Add(Column.Array(targets.ToArray(), NpgsqlDbType.Text));
        if (turning.Count > 0)
            Add(
                batch,
                $"select t.stream, count(*)::int from {schema}.turn t where t.stream = any ($1) group by t.stream",
                turning);
        await batch.PrepareAsync(cancellationToken);
        var (records, turns) = (new List<SourceRecord>(), new Dictionary<string, int>());
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) records.Add(BySource.Read(reader));
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) turns.Add(reader.GetString(0), reader.GetInt32(1));
        return (records, turns);
    }

    /// <summary>What records were before, the first first.</summary>
    public async Task<List<SourceRecord>> Turns(
        IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        if (streams.Count == 0) return [];
        await using var command = new NpgsqlCommand(
            $"""
             select {BySource.Columns} from {schema}.turn s where s.stream = any ($1)
             order by s.stream, s.last_position
             """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        List<SourceRecord> turns = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) turns.Add(BySource.Read(reader));
        return turns;
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
