using Ledger.Domain;
using Ledger.Projections.Views;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Drift;

/// <summary>What has to be read to compare some hours and costs.</summary>
/// <param name="Own">The hours and costs.</param>
/// <param name="Streams">They, and what they point at.</param>
/// <param name="Numbers">What they point at by numbers.</param>
internal sealed record Compared(
    HashSet<string> Own, HashSet<string> Streams, HashSet<(string Kind, string Number)> Numbers);

/// <summary>An hour or a cost that something was said of.</summary>
/// <param name="IsNew">It came since.</param>
/// <param name="Turned">It begun, went or came back since: what it is one with may be so no more.</param>
/// <param name="Moves">What is counted of it is said anew: its day, or its money.</param>
/// <param name="Points">What it points at is said anew.</param>
internal sealed record TouchedWork(
    string Stream, string Kind, string Source, bool Live, bool IsOdd, NodaTime.LocalDate? Day, decimal? Amount,
    Currency? Currency, bool IsNew, bool Turned, bool Moves, bool Points);

/// <summary>The statements by which a comparison finds what it has to look at: candidates, never fewer than there are.
/// </summary>
internal static class DriftSql
{
    /// <summary>Kinds of which everything is looked at: all but hours and costs, the links between those, and what the
    /// ledger says of the differences themselves.</summary>
    private static readonly Kind[] Told =
    [
        .. Kind.All.Where(k => !WorkRows.Has(k) && k != Kind.Identity && k != Kind.DriftCase && k != Kind.Exception),
    ];

    private static readonly string[] Values = [.. Enumerable.Range(1, WorkRows.Values).Select(n => $"value{n}")];

    /// <summary>Entities of which systems may say different things.</summary>
    private static readonly string Candidates =
        $"""
         select w.entity from views.work w
         left join unnest($1, $2) p (name, entity) on p.name = w.value2
         left join unnest($1, $2) r (name, entity) on r.name = w.value3
         where w.live
         group by w.entity
         having count(*) > 1 and (bool_or(w.odd) or {string.Join(" or ", Values.Select((v, n) => n switch
         {
             1 => Differ("coalesce(p.entity, w.value2)"),
             2 => Differ("coalesce(r.entity, w.value3)"),
             _ => Differ("w." + v),
         }))})
         """;

    private static string Differ(string value) => $"min({value}) <> max({value})";

    private const string Counts =
        """
        select w.kind, w.source, w.currency, count(*) filter (where w.live),
          sum(w.amount) filter (where w.live), max(w.day)
        from views.work w group by w.kind, w.source, w.currency
        """;

    /// <summary>What is pointed at by its id, each once, by skipping from one to the next.</summary>
    private const string Targets =
        """
        with recursive target (stream) as (
          (select e.to_stream from views.edge e where e.to_stream >= $1 and e.to_stream < $2 order by 1 limit 1)
          union all
          select (select e.to_stream from views.edge e where e.to_stream > t.stream and e.to_stream < $2
                  order by 1 limit 1)
          from target t where t.stream is not null)
        select stream from target where stream is not null
        """;

    /// <summary>Every record of these kinds, and the links that name one.</summary>
    public static async Task<List<SourceRecord>> AllTold(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // The bounds stand in the text, so that the planner knows how few they are.
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        foreach (var kind in Told)
            batch.BatchCommands.Add(new(
                $"select {BySource.Columns} from views.by_source s where {IsOf("s.stream", kind)}"));
        batch.BatchCommands.Add(new(
            $"""
             select {BySource.Columns} from views.by_source s where s.kind = 'identity' and s.stream in (
               select l.stream from views.link l where {IsNoWork("l.a")}
               union select l.stream from views.link l where {IsNoWork("l.b")})
             """));
        var records = new List<SourceRecord>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        do
        {
            while (await reader.ReadAsync(cancellationToken)) records.Add(BySource.Read(reader));
        }
        while (await reader.NextResultAsync(cancellationToken));
        return records;
    }

    /// <summary>Entities of hours and costs of which systems may say different things.</summary>
    public static async Task<List<string>> Differing(
        NpgsqlConnection connection, TargetNames targets, CancellationToken cancellationToken)
    {
        await using (var settings = new NpgsqlCommand("set local work_mem = '256MB'", connection))
            await settings.ExecuteNonQueryAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Candidates, connection) { CommandTimeout = 0 };
        command.Parameters.Add(Column.Array(targets.Digests.Keys.ToArray(), NpgsqlDbType.Bigint));
        command.Parameters.Add(Column.Array(targets.Digests.Values.ToArray(), NpgsqlDbType.Bigint));
        return await ViewSql.Texts(command, cancellationToken);
    }

    /// <summary>The records of these entities, and what they point at of what is compared.</summary>
    public static async Task<Compared> Compared(
        NpgsqlConnection connection, IReadOnlyCollection<string> entities, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            with own (stream) as materialized (
              select unnest(n.members) from views.entity n where n.id = any ($1))
            select true, stream, null::text, null::text from own
            union all
            select distinct false, e.to_stream, e.to_kind, e.to_number
            from own join views.edge e on e.stated_by = own.stream where e.rel in ('project', 'resource')
            """,
            connection);
        command.Parameters.Add(Column.Array(entities.ToArray(), NpgsqlDbType.Text));
        var (own, streams, numbers) = (new HashSet<string>(), new HashSet<string>(), new HashSet<(string, string)>());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            if (row.IsDBNull(1)) numbers.Add((row.GetString(2), row.GetString(3)));
            else
            {
                streams.Add(row.GetString(1));
                if (row.GetBoolean(0)) own.Add(row.GetString(1));
            }

        return new(own, streams, numbers);
    }

    /// <summary>How many hours and costs each system has, and the latest day that any is of.</summary>
    public static async Task<(Dictionary<(string Source, string Kind), WorkCount> Counts, NodaTime.LocalDate? Latest)>
        Counted(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var live = new Dictionary<(string Source, string Kind), int>();
        var sums = new Dictionary<(string Source, string Kind), Dictionary<(string, Currency), decimal>>();
        NodaTime.LocalDate? latest = null;
        await using var command = new NpgsqlCommand(Counts, connection) { CommandTimeout = 0 };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var key = (row.GetString(1), row.GetString(0));
            live[key] = live.GetValueOrDefault(key) + row.GetInt32(3);
            if (!sums.TryGetValue(key, out var of)) sums.Add(key, of = []);
            if (!row.IsDBNull(2) && !row.IsDBNull(4))
                of[("amount", Currency.Of(row.GetString(2)))] = row.GetDecimal(4);
            if (!row.IsDBNull(5) && NodaTime.LocalDate.FromDateOnly(row.GetFieldValue<DateOnly>(5)) is var day
                && (latest is null || day > latest)) latest = day;
        }

        return (live.ToDictionary(l => l.Key, l => new WorkCount(l.Value, sums[l.Key])), latest);
    }

    /// <summary>Hours and costs of which more than their own values has to be looked at.</summary>
    public static async Task<List<string>> Odd(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select stream from views.work where odd", connection);
        return await ViewSql.Texts(command, cancellationToken);
    }

    /// <summary>Everything of a kind that anything points at by its id.</summary>
    public static async Task<List<string>> PointedAt(
        NpgsqlConnection connection, Kind kind, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Targets, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new() { Value = $"{kind}/", NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = $"{kind}0", NpgsqlDbType = NpgsqlDbType.Text });
        return await ViewSql.Texts(command, cancellationToken);
    }

    /// <summary>What some hours and costs point at by its id.</summary>
    public static async Task<List<(string Stream, string Target)>> PointedAtBy(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select e.stated_by, e.to_stream from views.edge e
            where e.stated_by = any ($1) and e.to_stream is not null
            """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        var pointed = new List<(string, string)>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) pointed.Add((row.GetString(0), row.GetString(1)));
        return pointed;
    }

    /// <summary>Hours and costs that point at one of these.</summary>
    public static async Task<List<string>> Pointing(
        NpgsqlConnection connection, IReadOnlyCollection<string> targets, CancellationToken cancellationToken)
    {
        if (targets.Count == 0) return [];
        await using var command = new NpgsqlCommand(
            $"""
             select e.stated_by from views.edge e
             where e.to_stream = any ($1) and ({IsOf("e.stated_by", Kind.Time)} or {IsOf("e.stated_by", Kind.Expense)})
             """,
            connection) { CommandTimeout = 0 };
        command.Parameters.Add(Column.Array(targets.ToArray(), NpgsqlDbType.Text));
        return await ViewSql.Texts(command, cancellationToken);
    }

    /// <summary>Hours or costs of one system.</summary>
    public static async Task<List<string>> OfSystem(
        NpgsqlConnection connection, string kind, string source, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select stream from views.work where stream >= $1 and stream < $2", connection);
        command.Parameters.Add(new() { Value = $"{kind}/{source}:", NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = $"{kind}/{source};", NpgsqlDbType = NpgsqlDbType.Text });
        return await ViewSql.Texts(command, cancellationToken);
    }

    /// <summary>The streams that something was said of after a position, and whether it was that they are gone or back.
    /// </summary>
    public static async Task<Dictionary<string, bool>> Changed(
        NpgsqlConnection connection, long after, long upTo, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select e.stream_id, bool_or(e.type in ('record_deleted', 'record_restored'))
            from events.mt_events e where e.seq_id > $1 and e.seq_id <= $2 group by e.stream_id
            """,
            connection);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = upTo });
        var changed = new Dictionary<string, bool>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) changed.Add(row.GetString(0), row.GetBoolean(1));
        return changed;
    }

    /// <summary>All that links and successions name, or once named.</summary>
    public static async Task<List<string>> Ends(
        NpgsqlConnection connection, IReadOnlyCollection<string> ties, CancellationToken cancellationToken)
    {
        if (ties.Count == 0) return [];
        await using var command = new NpgsqlCommand(
            """
            select e.to_stream from views.edge e where e.stated_by = any ($1) and e.to_stream is not null
            union
            select e.to_stream from views.past_edge e where e.stated_by = any ($1) and e.to_stream is not null
            """,
            connection);
        command.Parameters.Add(Column.Array(ties.ToArray(), NpgsqlDbType.Text));
        return await ViewSql.Texts(command, cancellationToken);
    }

    /// <summary>All that links lead to from some streams, whether they hold or not.</summary>
    public static async Task<List<string>> Reached(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        if (streams.Count == 0) return [];
        await using var command = new NpgsqlCommand(
            """
            with recursive reached (stream) as (
              select unnest($1) collate "C"
              union
              select o.stream from reached r cross join lateral (
                select l.b from views.link l where l.a = r.stream
                union all
                select l.a from views.link l where l.b = r.stream) o (stream))
            select stream from reached
            """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        return await ViewSql.Texts(command, cancellationToken);
    }

    /// <summary>What was said of some hours and costs since a position.</summary>
    public static async Task<List<TouchedWork>> Touched(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, long since,
        CancellationToken cancellationToken)
    {
        if (streams.Count == 0) return [];
        await using var command = new NpgsqlCommand(
            $"""
             select w.stream, w.kind, w.source, w.live, w.odd, w.day, w.amount, w.currency, s.opened_position > $2,
               s.first_position > $2 or coalesce(s.deleted_by > $2, false), {Said("workedOn", "incurredOn", "amount",
                 "currency")}, {Said("project", "task", "resource", "supplier", "entity")}
             from views.work w join views.by_source s on s.stream = w.stream where w.stream = any ($1)
             """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(new() { Value = since });
        var touched = new List<TouchedWork>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            touched.Add(new(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4),
                row.IsDBNull(5) ? null : NodaTime.LocalDate.FromDateOnly(row.GetFieldValue<DateOnly>(5)),
                row.IsDBNull(6) ? null : row.GetDecimal(6),
                row.IsDBNull(7) ? null : Currency.Of(row.GetString(7)), row.GetBoolean(8), row.GetBoolean(9),
                row.GetBoolean(10), row.GetBoolean(11)));
        return touched;
    }

    private static string Said(params ReadOnlySpan<string> fields) =>
        "coalesce(greatest("
        + string.Join(", ", fields.ToArray().Select(f => $"(s.asserted ->> '{f}')::bigint")) + ") > $2, false)";

    /// <summary>Of the entities of these hours and costs those of which systems may say different things, and the
    /// streams of all of them.</summary>
    public static async Task<(List<string> Differing, HashSet<string> Members)> Differing(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, TargetNames targets,
        CancellationToken cancellationToken)
    {
        var rows = new List<(string Entity, bool IsOdd, long?[] Values)>();
        var members = await Members(connection, streams, cancellationToken);
        if (members.Count == 0) return ([], members);
        await using var command = new NpgsqlCommand(
            $"""
             select w.stream, w.entity, w.live, w.odd, {string.Join(", ", Values.Select(v => "w." + v))}
             from views.work w where w.stream = any ($1)
             """,
            connection) { CommandTimeout = 0 };
        command.Parameters.Add(Column.Array(members.ToArray(), NpgsqlDbType.Text));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            if (!row.GetBoolean(2)) continue;
            var values = new long?[Values.Length];
            for (var n = 0; n < values.Length; n++)
                values[n] = row.IsDBNull(4 + n) ? null
                    : n is 1 or 2 ? Meant(row.GetInt64(4 + n)) : row.GetInt64(4 + n);
            rows.Add((row.GetString(1), row.GetBoolean(3), values));
        }

        return ([.. rows.GroupBy(r => r.Entity).Where(of => Differ([.. of])).Select(of => of.Key)], members);

        long Meant(long value) => targets.Digests.GetValueOrDefault(value, value);

        static bool Differ((string Entity, bool IsOdd, long?[] Values)[] of) => of.Length > 1
            && (of.Any(r => r.IsOdd) || Enumerable.Range(0, Values.Length).Any(n =>
                of.Select(r => r.Values[n]).Where(v => v is not null).Distinct().Skip(1).Any()));
    }

    /// <summary>The streams of all entities of these hours and costs.</summary>
    private static async Task<HashSet<string>> Members(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        if (streams.Count == 0) return [];
        await using var command = new NpgsqlCommand(
            """
            select unnest(n.members) from views.work w join views.entity n on n.id = w.entity where w.stream = any ($1)
            """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        return [.. await ViewSql.Texts(command, cancellationToken)];
    }

    private static string IsOf(string column, Kind kind) => $"({column} >= '{kind}/' and {column} < '{kind}0')";

    private static string IsNoWork(string column) =>
        $"({column} < '{Kind.Expense}/' or ({column} >= '{Kind.Expense}0' and {column} < '{Kind.Time}/') "
        + $"or {column} >= '{Kind.Time}0')";
}
