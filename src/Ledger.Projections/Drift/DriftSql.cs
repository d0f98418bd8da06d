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
    string Stream, WorkOf Of, WorkCount Count, NodaTime.LocalDate? Day, bool IsNew, bool Turned, bool Moves,
    bool Points);

/// <summary>An hour or a cost that something was said of, or that may be one with others now.</summary>
/// <param name="IsTurned">It was said that it is gone, or back.</param>
/// <param name="IsTold">More may have been said than the values it is compared by.</param>
/// <param name="Differs">Systems say different values of its entity.</param>
/// <param name="Points">What they point at, where that is several; null = it is one.</param>
internal sealed record SeenWork(
    string Stream, string Entity, bool IsOdd, bool IsTurned, bool IsTold, bool Differs, string? Points);

/// <summary>All hours and costs, added up.</summary>
/// <param name="Latest">The latest day that any is of; null = there is none.</param>
/// <param name="Points">What systems point at by one of them, wherever that is several; each once.</param>
internal sealed record WorkSum(
    IReadOnlyDictionary<WorkOf, WorkCount> Counts, NodaTime.LocalDate? Latest, IReadOnlyCollection<string> Points);

/// <summary>The statements by which a comparison finds what it has to look at: candidates, never fewer than there are.
/// </summary>
internal static class DriftSql
{
    /// <summary>Kinds of which everything is looked at: all but hours and costs, the links between those, and what the
    /// ledger says of the differences themselves.</summary>
    private static readonly Kind[] Told =
    [
        .. Kind.All.Where(k => !WorkRows.Has(k) && k != Kind.Identity && k != Kind.DriftCase && k != Kind.Exception
            && k != Kind.DriftRun && k != Kind.Schema),
    ];

    private const string Sum =
        """
        select w.kind, w.source, w.currency, w.points, count(*) filter (where w.live),
          count(w.amount) filter (where w.live), sum(w.amount) filter (where w.live), max(w.day)
        from views.work w group by w.kind, w.source, w.currency, w.points
        """;

    private const string IsTurned = "e.type in ('record_deleted', 'record_restored')";

    private const string SaidOf =
        $"""
         with said (stream, turned) as materialized (
           select e.stream_id collate "C", bool_or({IsTurned}) from events.mt_events e
           where e.seq_id > $1 and e.seq_id <= $2 group by 1)
         select s.stream, w.entity, w.odd, s.turned, s.turned or w.told > $1, w.differs, f.points
         from said s left join views.work w on w.stream = s.stream
           and (w.differs or w.odd or w.told > $1 or s.turned)
         left join views.work f on f.stream = w.entity
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

    /// <summary>Has what follows in this transaction go by index, whatever the planner knows of the tables.</summary>
    public static Task Briefly(NpgsqlConnection connection, CancellationToken cancellationToken) => Run(
        connection,
        """
        select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
          set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)
        """,
        cancellationToken);

    /// <summary>Has what follows in this transaction go over whole tables.</summary>
    public static Task AtLength(NpgsqlConnection connection, CancellationToken cancellationToken) => Run(
        connection,
        """
        select set_config('enable_seqscan', 'on', true), set_config('enable_hashjoin', 'on', true),
          set_config('enable_mergejoin', 'on', true), set_config('jit', 'off', true),
          set_config('work_mem', '256MB', true)
        """,
        cancellationToken);

    /// <summary>Entities of hours and costs of which systems may say different things.</summary>
    /// <param name="points">What is not one, of what they point at.</param>
    public static async Task<HashSet<string>> Differing(
        NpgsqlConnection connection, IReadOnlyCollection<string> points, CancellationToken cancellationToken)
    {
        var text = "select w.entity from views.work w where w.differs";
        if (points.Count > 0) text += " union all select w.entity from views.work w where w.points = any ($1)";
        await using var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 };
        if (points.Count > 0) command.Parameters.Add(Column.Array(points.ToArray(), NpgsqlDbType.Text));
        return [.. await ViewSql.Texts(command, cancellationToken)];
    }

    /// <summary>Entities of hours or costs that no system of some role has which is registered to carry the kind and
    /// their day.</summary>
    /// <param name="expecting">Who is registered, by role.</param>
    /// <param name="among">Only of these records; null = of all.</param>
    public static async Task<List<string>> Lacking(
        NpgsqlConnection connection, Kind kind, IReadOnlyCollection<Expected> expecting,
        IReadOnlyCollection<string>? among, CancellationToken cancellationToken)
    {
        if (expecting.Count == 0 || among?.Count == 0) return [];
        await using var command = new NpgsqlCommand(
            $"""
             with expected (system, role, since, until) as materialized (
               select * from unnest($1::text[], $2::int[], $3::date[], $4::date[]))
             select n.entity from (
               select w.entity, bit_or(p.roles) roles, min(w.day) first, max(w.day) last, bool_or(w.day is null) dayless
               from views.work w
               left join (select x.system, bit_or(x.role) roles from expected x group by x.system) p
                 on p.system = w.source and w.live
               where {IsOf("w.stream", kind)}{(among is null ? "" : " and w.stream in (" + Members + ")")}
               group by w.entity having bit_or(p.roles) <> $5) n
             where exists (
               select from expected x where x.role & n.roles = 0
                 and (n.dayless or (n.last >= coalesce(x.since, n.last) and n.first <= coalesce(x.until, n.first))))
             """,
            connection) { CommandTimeout = 0 };
        int[] roles = [.. expecting.Select(e => 1 << (int)e.Role)];
        command.Parameters.Add(Column.Array(expecting.Select(e => e.System).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(roles, NpgsqlDbType.Integer));
        command.Parameters.Add(Column.Array(expecting.Select(e => e.From?.ToDateOnly()).ToArray(), NpgsqlDbType.Date));
        command.Parameters.Add(Column.Array(expecting.Select(e => e.To?.ToDateOnly()).ToArray(), NpgsqlDbType.Date));
        command.Parameters.Add(new() { Value = roles.Aggregate((all, role) => all | role) });
        if (among is not null) command.Parameters.Add(Column.Array(among.ToArray(), NpgsqlDbType.Text));
        return await ViewSql.Texts(command, cancellationToken);
    }

    /// <summary>All records of the entities of some.</summary>
    private const string Members =
        """
        select unnest(n.members) from views.work own join views.entity n on n.id = own.entity
        where own.stream = any ($6)
        """;

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
        await command.PrepareAsync(cancellationToken);
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

    /// <summary>All hours and costs, added up.</summary>
    public static async Task<WorkSum> Summed(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Few rows result, whatever the planner guesses: that much is done on several processes.
        await Run(connection, "set local parallel_tuple_cost = 0", cancellationToken);
        var (counts, points) = (new Dictionary<WorkOf, WorkCount>(), new HashSet<string>());
        NodaTime.LocalDate? latest = null;
        await using var command = new NpgsqlCommand(Sum, connection) { CommandTimeout = 0 };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var of = new WorkOf(
                row.GetString(1), row.GetString(0), row.IsDBNull(2) ? null : Currency.Of(row.GetString(2)));
            counts[of] = counts.GetValueOrDefault(of) + (of.Currency is null || row.IsDBNull(6)
                ? new(row.GetInt32(4), 0, 0m)
                : new(row.GetInt32(4), row.GetInt32(5), row.GetDecimal(6)));
            if (!row.IsDBNull(3)) points.Add(row.GetString(3));
            if (!row.IsDBNull(7) && NodaTime.LocalDate.FromDateOnly(row.GetFieldValue<DateOnly>(7)) is var day
                && (latest is null || day > latest)) latest = day;
        }

        return new(counts, latest, points);
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

    /// <summary>What something was said of after a position: all streams, and what is known of those hours and costs
    /// that differ now, or of which more was said than the values they are compared by.</summary>
    public static async Task<(Dictionary<string, SeenWork> Work, List<string> Streams)> Said(
        NpgsqlConnection connection, long after, long upTo, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SaidOf, connection)
        {
            Parameters = { new() { Value = after }, new() { Value = upTo } },
        };
        await command.PrepareAsync(cancellationToken);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var (work, streams) = (new Dictionary<string, SeenWork>(), new List<string>());
        while (await row.ReadAsync(cancellationToken))
        {
            streams.Add(row.GetString(0));
            if (!row.IsDBNull(1)) work.Add(streams[^1], Seen(row));
        }

        return (work, streams);
    }

    /// <summary>Adds what is known of some more hours and costs.</summary>
    public static async Task See(
        NpgsqlConnection connection, IReadOnlyCollection<string> streams, Dictionary<string, SeenWork> seen,
        CancellationToken cancellationToken)
    {
        if (streams.Count == 0) return;
        await using var command = new NpgsqlCommand(
            """
            select w.stream, w.entity, w.odd, false, false, w.differs, f.points
            from views.work w join views.work f on f.stream = w.entity where w.stream = any ($1)
            """,
            connection) { CommandTimeout = 0 };
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) seen.Add(row.GetString(0), Seen(row));
    }

    private static SeenWork Seen(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5),
        row.IsDBNull(6) ? null : row.GetString(6));

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
             select w.stream, w.kind, w.source, w.live, w.day, w.amount, w.currency, s.opened_position > $2,
               s.first_position > $2 or coalesce(s.deleted_by > $2, false), {Said(WorkRows.Counted)},
               {Said(WorkRows.Pointing)}
             from views.work w join views.by_source s on s.stream = w.stream where w.stream = any ($1)
             """,
            connection);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(new() { Value = since });
        var touched = new List<TouchedWork>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            Currency? currency = row.IsDBNull(6) ? null : Currency.Of(row.GetString(6));
            touched.Add(new(
                row.GetString(0), new(row.GetString(2), row.GetString(1), currency),
                WorkCount.Of(row.GetBoolean(3), row.IsDBNull(5) ? null : row.GetDecimal(5), currency),
                row.IsDBNull(4) ? null : NodaTime.LocalDate.FromDateOnly(row.GetFieldValue<DateOnly>(4)),
                row.GetBoolean(7), row.GetBoolean(8), row.GetBoolean(9), row.GetBoolean(10)));
        }

        return touched;
    }

    private static string Said(string[] fields) =>
        "coalesce(greatest("
        + string.Join(", ", fields.Select(f => $"(s.asserted ->> '{f}')::bigint")) + ") > $2, false)";

    private static string IsOf(string column, Kind kind) => $"({column} >= '{kind}/' and {column} < '{kind}0')";

    private static string IsNoWork(string column) =>
        $"({column} < '{Kind.Expense}/' or ({column} >= '{Kind.Expense}0' and {column} < '{Kind.Time}/') "
        + $"or {column} >= '{Kind.Time}0')";

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
