using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections;

public static partial class Worlds
{
    /// <summary>These streams as of some times, with all that belonged to them then and all that tells whose word
    /// counted: what World over every event by those times would say of them, from a few of the events.</summary>
    /// <param name="streams">More than are wanted do no harm.</param>
    public static Task<World> At(
        NpgsqlDataSource source, Times times, IReadOnlyCollection<string> streams,
        CancellationToken cancellationToken) =>
        InOneMoment(
            source, (connection, position) => At(connection, position, times, streams, cancellationToken),
            cancellationToken);

    /// <summary>As above, within the moment the caller holds.</summary>
    /// <param name="position">Nothing after it counts: the views' own, or an earlier one.</param>
    internal static async Task<World> At(
        NpgsqlConnection connection, long position, Times times, IReadOnlyCollection<string> streams,
        CancellationToken cancellationToken)
    {
        var known = times with { AsKnownAt = Math.Min(times.AsKnownAt ?? position, position) };
        var around = await Surroundings.Of(connection, known, streams, cancellationToken);
        return (await around.Fold(connection, cancellationToken)).World;
    }

    /// <summary>Everything as of some times, folded from the events.</summary>
    public static async Task<World> AsOf(EventStore store, Times times, CancellationToken cancellationToken)
    {
        var streams = new Dictionary<string, List<StoredEvent>>();
        var (reached, recorded) = (0L, default(Instant));
        var limit = times.AsKnownAt ?? long.MaxValue;
        if (limit > 0)
            await foreach (var stored in store.ReadAll(0, limit, null, null, cancellationToken))
            {
                if (stored.Position > limit) break;
                (reached, recorded) = (stored.Position, stored.RecordedAt);
                if (!times.Includes(stored)) continue;
                if (!streams.TryGetValue(stored.Stream, out var events)) streams.Add(stored.Stream, events = []);
                events.Add(stored);
            }

        var day = times.Day(recorded.InUtc().Date);
        return new(reached, day, streams.Select(s => Folding.Whole(s.Key, s.Value).Record).OfType<SourceRecord>());
    }

    /// <summary>The last position recorded by an instant; 0 where there is none.</summary>
    public static async Task<long> PositionAt(
        NpgsqlDataSource source, Instant instant, CancellationToken cancellationToken)
    {
        // Both only ever grow, and no index has the time: halved until one is left.
        await using var command = source.CreateCommand(
            """
            with recursive halved (low, high) as (
              select 0::bigint, h.position from ledger.head h
              union all
              select case when by_then then middle else low end, case when by_then then high else middle - 1 end
              from (select low, high, (low + high + 1) / 2 as middle from halved where low < high) m
              cross join lateral (
                select coalesce((select e.timestamp <= $1 from events.mt_events e where e.seq_id <= middle
                                 order by e.seq_id desc limit 1), true)) t (by_then))
            select low from halved where low = high
            """);
        command.Parameters.Add(new() { Value = instant.ToDateTimeUtc(), NpgsqlDbType = NpgsqlDbType.TimestampTz });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

/// <summary>A world as of some times, and where its streams stood still.</summary>
internal sealed record PastWorld(World World, IReadOnlyDictionary<string, Poison> Poisoned)
{
    /// <summary>Position of the first event of a member that could not be folded.</summary>
    public long? PausedAt(Entity entity) => Stages.PausedAt(entity, Poisoned);
}

/// <summary>A stream that may have to do with what is asked.</summary>
/// <param name="Opened">Null where the views have no record of it.</param>
/// <param name="Last">The highest position folded, or that of the event it stands still before.</param>
/// <param name="HasDates">Whether what it says begins or ends on a date.</param>
internal sealed record Reached(string Stream, long? Opened, long Last, bool IsPoisoned, bool HasDates);

/// <summary>What some streams may have had to do with, at any time: more than enough to say what they were at one.
/// </summary>
/// <param name="Views">The position the views stand at.</param>
/// <param name="Position">The last position that counts.</param>
/// <param name="Day">To judge dates at.</param>
/// <param name="Today">The day the views stand at.</param>
internal sealed partial record Surroundings(
    Times Times, long Views, long Position, LocalDate Day, LocalDate Today, IReadOnlyList<Reached> Streams)
{
    // The walk is by index whatever is asked for; to plan or compile it each time would take longer than to go it.
    private const string Moment =
        """
        select c.position, least(c.position, $1),
          (select e.timestamp from events.mt_events e where e.seq_id = least(c.position, $1)),
          (select e.timestamp from events.mt_events e where e.seq_id = c.position),
          set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true)
        from ledger.checkpoint c where c.name = 'views'
        """;

    // One by one: an index finds each, whatever the planner makes of a list.
    private const string Standing =
        $"""
        select {BySource.Columns} from unnest($1) u (stream)
        cross join lateral (select * from views.by_source s where s.stream = u.stream limit 1) s
        """;

    /// <summary>How far one key is followed within the walk; who bears one that more have or had is counted apart.
    /// </summary>
    private const int BearersMax = 64;

    /// <summary>Before the parts of a key that more bear; no stream begins so.</summary>
    private const char KeyMark = ' ';

    private const char Between = '\u001f';

    // Ties in force and those taken back, with the streams that state them; what these named once and name no more;
    // what bears or bore the same key; the same record of a system and of any that once was to take its place.
    private static readonly string Around =
        $"""
        with recursive named (stream, system) as (
          select l.stream, substring(x.of from position(':' in x.of) + 1)
          from views.link l cross join lateral (values (l.a), (l.b)) x (of)
          where l.a >= 'source/' and l.a < 'source0'
          union
          select p.stated_by, substring(p.to_stream from position(':' in p.to_stream) + 1) from views.past_edge p
          where p.to_stream >= 'source/' and p.to_stream < 'source0' and {Ties("p.stated_by", "p.to_stream")}),
        swapped (one, other) as (
          select distinct a.system, b.system from named a join named b on a.stream = b.stream and a.system <> b.system),
        reach (stream) as (
          select unnest($1) collate "C"
          union
          select n.stream from reach r cross join lateral (
            select x.stream from views.link l cross join lateral (values (l.a), (l.b), (l.stream)) x (stream)
            where l.a = r.stream
            union all
            select x.stream from views.link l cross join lateral (values (l.a), (l.b), (l.stream)) x (stream)
            where l.b = r.stream
            union all
            select x.stream from views.link l cross join lateral (values (l.a), (l.b)) x (stream)
            where l.stream = r.stream
            union all
            select p.stated_by from views.past_edge p where p.to_stream = r.stream and {Ties("p.stated_by", "r.stream")}
            union all
            select p.to_stream from views.past_edge p
            where p.stated_by = r.stream and p.to_stream is not null and {Ties("r.stream", "p.to_stream")}
            union all
            select case when b.bearers <= {BearersMax} then b.stream
              else '{KeyMark}' || k.kind || '{Between}' || k.scheme || '{Between}' || k.value end
            from views.record_key k cross join lateral (
              select o.stream, count(*) over () as bearers from (
                select o.stream from views.record_key o
                where left(o.value, 120) = left(k.value, 120) and o.value = k.value and o.scheme = k.scheme
                  and o.kind = k.kind
                limit {BearersMax + 1}) o) b
            where k.stream = r.stream and k.scheme not like '~%'
            union all
            select split_part(r.stream, '/', 1) || '/' || x.other || substring(r.stream from position(':' in r.stream))
            from swapped x where x.one = split_part(split_part(r.stream, '/', 2), ':', 1)) n (stream)),
        around (stream) as (
          select stream from reach
          union
          select o.stream from reach r cross join lateral (
            select o.stream from views.override o where o.target = r.stream
            union all
            select p.stated_by from views.past_edge p where p.to_stream = r.stream and p.stated_by like 'override/%') o
          union
          select s.stream from views.by_source s where s.stream >= 'source/' and s.stream < 'source0'
          union
          select s.stream from views.by_source s where s.stream >= 'legal_entity/' and s.stream < 'legal_entity0'
          union
          select s.stream from views.by_source s where s.stream >= 'ownership/' and s.stream < 'ownership0'
          union
          select l.stream from views.link l where l.a >= 'legal_entity/' and l.a < 'legal_entity0'
          union
          select p.stated_by from views.past_edge p
          where p.to_stream >= 'legal_entity/' and p.to_stream < 'legal_entity0'
            and {Ties("p.stated_by", "p.to_stream")}
          union
          select n.stream from named n)
        select a.stream, s.opened_position, greatest(s.last_position, q.position), q.position is not null
        from around a
        left join lateral (
          select s.opened_position, s.last_position from views.by_source s where s.stream = a.stream limit 1) s on true
        left join lateral (
          select q.position from views.poisoned q where q.stream = a.stream limit 1) q on true
        """;

    private static readonly HashSet<string> Dated = ["ownership", "override", "succession"];

    /// <summary>Whether nothing of it changed after the times asked, so that what stands now stood then.</summary>
    public bool StandAsThen =>
        Times.IsByPosition && Wide.Count == 0 && Streams.All(s => s.Last <= Position && (!s.HasDates || Day == Today));

    public static async Task<Surroundings> Of(
        NpgsqlConnection connection, Times times, IReadOnlyCollection<string> streams,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        Ask(batch, times, streams);
        await batch.PrepareAsync(cancellationToken);
        Surroundings around;
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
            around = await Read(reader, times, cancellationToken);
        return await around.Widened(connection, streams, cancellationToken);
    }

    /// <summary>Adds the question to a batch; <see cref="Read"/> takes the answer.</summary>
    public static void Ask(NpgsqlBatch batch, Times times, IReadOnlyCollection<string> streams)
    {
        var known = times.AsKnownAt ?? long.MaxValue;
        batch.BatchCommands.Add(new(Moment) { Parameters = { new() { Value = known } } });
        batch.BatchCommands.Add(new(Around)
        {
            Parameters =
            {
                Column.Array(streams.ToArray(), NpgsqlDbType.Text), new() { Value = known },
            },
        });
    }

    public static async Task<Surroundings> Read(
        NpgsqlDataReader reader, Times times, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        var (views, position, then, today) = (reader.GetInt64(0), reader.GetInt64(1), Date(reader, 2), Date(reader, 3));
        await reader.NextResultAsync(cancellationToken);
        var (streams, wide) = (new List<Reached>(), new List<WideKey>());
        while (await reader.ReadAsync(cancellationToken))
        {
            var stream = reader.GetString(0);
            if (stream[0] == KeyMark)
            {
                var parts = stream[1..].Split(Between, 3);
                wide.Add(new(parts[0], parts[1], parts[2]));
                continue;
            }

            streams.Add(new(
                stream, reader.IsDBNull(1) ? null : reader.GetInt64(1), reader.IsDBNull(2) ? 0 : reader.GetInt64(2),
                reader.GetBoolean(3), Dated.Contains(StreamName.KindOf(stream))));
        }

        await reader.NextResultAsync(cancellationToken);
        return new(times, views, position, times.Day(then), today, streams) { Wide = wide };
    }

    /// <summary>The world they make, as of the times asked.</summary>
    public async Task<PastWorld> Fold(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (records, poisoned) = await Fold(connection, Streams, cancellationToken);
        return new(new World(Position, Day, records, null, CrowdedAmong(records)), poisoned);
    }

    private async Task<(List<SourceRecord> Records, Dictionary<string, Poison> Poisoned)> Fold(
        NpgsqlConnection connection, IReadOnlyList<Reached> streams, CancellationToken cancellationToken)
    {
        // What did not change since is as it stands; all else is folded from its events.
        var standing = streams.Where(s => Times.IsByPosition && !s.IsPoisoned && s.Last <= Position).ToArray();
        var others = streams.Except(standing).Where(s => !(s.Opened > Position)).Select(s => s.Stream).ToArray();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(Standing)
        {
            Parameters = { Column.Array(standing.Select(s => s.Stream).ToArray(), NpgsqlDbType.Text) },
        });
        batch.BatchCommands.Add(StoredEvents.OfStreams(others, Position));
        batch.BatchCommands.Add(new("set local plan_cache_mode to default"));
        batch.BatchCommands.Add(new("set local jit to default"));
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var records = new List<SourceRecord>();
        while (await reader.ReadAsync(cancellationToken)) records.Add(BySource.Read(reader));
        await reader.NextResultAsync(cancellationToken);
        var poisoned = new Dictionary<string, Poison>();
        List<StoredEvent> events = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var stored = StoredEvents.Read(reader);
            if (!Times.Includes(stored)) continue;
            if (events.Count > 0 && events[0].Stream != stored.Stream) Take(events, records, poisoned);
            events.Add(stored);
        }

        if (events.Count > 0) Take(events, records, poisoned);
        return (records, poisoned);
    }

    /// <summary>Whether what a stream pointed at was a tie: links and successions, and a client merged into another.
    /// </summary>
    private static string Ties(string statedBy, string to) =>
        $"({statedBy} like 'identity/%' or {statedBy} like 'succession/%' "
        + $"or {statedBy} like 'client/%' and {to} like 'client/%')";

    private static void Take(List<StoredEvent> events, List<SourceRecord> records, Dictionary<string, Poison> poisoned)
    {
        var state = Folding.Whole(events[0].Stream, events);
        if (state.Record is not null) records.Add(state.Record);
        if (state.Poison is not null) poisoned.Add(state.Poison.Stream, state.Poison);
        events.Clear();
    }

    // A ledger that has nothing yet has no day either.
    private static LocalDate Date(NpgsqlDataReader reader, int column) => reader.IsDBNull(column)
        ? LocalDate.FromDateTime(DateTime.UnixEpoch)
        : LocalDate.FromDateTime(reader.GetDateTime(column));
}
