namespace Ledger.Store;

/// <summary>Every statement the store sends. Tables and the append function are in <c>schemas/sql</c>.</summary>
internal static partial class Sql
{
    public const string MigrationLock = "select pg_advisory_lock(7236832001)";

    public const string MigrationTable = """
        create schema if not exists ledger;
        create table if not exists ledger.migration (
          number int primary key,
          name text not null,
          sha256 bytea not null,
          applied_at timestamptz not null default now()
        )
        """;

    public const string MigrationTableExists = "select to_regclass('ledger.migration') is not null";

    public const string MigrationsApplied = "select number, name, sha256 from ledger.migration order by number";

    public const string MigrationRecord = "insert into ledger.migration (number, name, sha256) values ($1, $2, $3)";

    /// <summary>Marten reads timestamps in the database's zone.</summary>
    public const string DatabaseInUtc = """
        do $$
        begin
          if not exists (
            select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
            where d.datname = current_database() and s.setrole = 0 and 'TimeZone=UTC' = any (s.setconfig)) then
            execute format('alter database %I set timezone to ''UTC''', current_database());
          end if;
        end
        $$
        """;

    /// <summary>For the appender's own connection. What is read behind the lock must be newer than the lock; what is
    /// acknowledged must be on disk; a client that dies holding the lock must not hold it long; and plans must be by
    /// index even before the tables have statistics.</summary>
    public const string AppenderSession = """
        set default_transaction_isolation = 'read committed';
        select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off';
        set lock_timeout = '10s';
        set idle_in_transaction_session_timeout = '10s';
        set enable_seqscan = off;
        set enable_hashjoin = off;
        set enable_mergejoin = off;
        set jit = off
        """;

    public const string Append = """
        select ledger.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
          $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
        """;

    public const string Head = "select position, recorded, frontier from ledger.head";

    public const string HeadLocked = Head + " for update";

    /// <summary>Takes the head's lock, if the head is still the one assumed.</summary>
    public const string HeadLockedAt = """
        select true from ledger.head where position = $1 and frontier = $2 and recorded <= $3 for update
        """;

    public const string CopyKeys = "copy ledger.key (key, position, version, digest) from stdin (format binary)";

    public const string CopyStreams = """
        copy events.mt_streams (id, type, version, timestamp, created) from stdin (format binary)
        """;

    public const string CopyEvents = """
        copy events.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id,
          causation_id, headers, user_name) from stdin (format binary)
        """;

    /// <summary>Moves streams $1 from versions $2 to $3; one that is elsewhere stays.</summary>
    public const string MoveStreams = """
        update events.mt_streams s set version = m.to_version, timestamp = $4
        from unnest($1, $2, $3) m (id, from_version, to_version)
        where s.id = m.id and s.version = m.from_version
        """;

    public const string KeepSnapshots = """
        insert into ledger.stream_head (stream, version, snapshot)
        select s.stream, s.version, s.snapshot from unnest($1, $2, $3) s (stream, version, snapshot)
        on conflict (stream) do update set version = excluded.version, snapshot = excluded.snapshot
        """;

    public const string MoveHead = "update ledger.head set position = $1, recorded = $2, frontier = $3";

    /// <summary>Unless it is signed with a key that is not the log's any more.</summary>
    public const string KeepSeal = """
        insert into ledger.seal (size, first, root, signature, leaves) select $1, $2, $3, $4, $5
        where $4::bytea is null or exists (
          select from ledger.signing_key k where k.id = substring($4::bytea for 4) and k.retired_at is null)
        """;

    public const string Tiles = """
        insert into ledger.tile (level, index, root)
        select t.level, t.index, t.root from unnest($1, $2, $3) t (level, index, root)
        """;

    /// <summary>Marten's sequence, which does not roll back, to position $1; 0 = as if never used. Only under the
    /// head's lock.</summary>
    public const string SetSequence = "select setval('events.mt_events_sequence', greatest($1, 1), $1 > 0)";

    public const string Notify = "select pg_notify('ledger', $1::text)";

    public const string Analyze = """
        analyze events.mt_streams, events.mt_events, ledger.key, ledger.stream_head, ledger.seal, ledger.tile
        """;

    public const string Keys = """
        select k.key, k.position, k.version, k.digest, e.stream_id, e.timestamp,
          case when k.position is null then (select p.parked_at from ledger.parked p where p.key = k.key) end
        from unnest($1) u (key)
        join ledger.key k on k.key = u.key
        left join events.mt_events e on e.seq_id = k.position
        """;

    /// <summary>Of keys $1, which are stored with digests $2; by their place in the arrays, from 1.</summary>
    public const string Stored = """
        select u.place, k.position, k.version, e.timestamp
        from unnest($1, $2) with ordinality u (key, digest, place)
        join ledger.key k on k.key = u.key and k.digest = u.digest
        join events.mt_events e on e.seq_id = k.position
        """;

    /// <summary>Stream heads, each with its last event where that is a snapshot and surely the newest.</summary>
    public const string Streams = """
        select s.id, s.version, s.type, h.snapshot, e.seq_id, e.timestamp, e.headers ->> 'source',
          e.headers ->> 'source_id', k.digest, (e.headers ->> 'time')::timestamptz, (e.headers ->> 'sequence')::bigint
        from unnest($1) u (id)
        join events.mt_streams s on s.id = u.id
        left join ledger.stream_head h on h.stream = s.id and h.version = s.version
        left join events.mt_events e on e.stream_id = h.stream and e.version = h.version
        left join ledger.key k on k.key = e.id
        """;

    /// <summary>Of streams whose head does not tell: the events that tie for the last by time, and for the last by
    /// sequence where all state one.</summary>
    public const string Newest = """
        select stream, time, sequence, source_id, sequenced
        from (
          select s.id as stream, p.time, p.sequence, e.headers ->> 'source_id' as source_id,
            bool_and(p.sequence is not null) over (partition by s.id) as sequenced,
            bool_and(p.time is not null) over (partition by s.id) as timed,
            rank() over (partition by s.id order by p.time desc, p.sequence desc nulls last) as by_time,
            rank() over (partition by s.id order by p.sequence desc, p.time desc) as by_sequence
          from unnest($1) u (id)
          join events.mt_streams s on s.id = u.id
          join events.mt_events e on e.stream_id = s.id
          cross join lateral (
            select (e.headers ->> 'time')::timestamptz, (e.headers ->> 'sequence')::bigint) p (time, sequence)
          where not exists (select from ledger.stream_head h where h.stream = s.id and h.version = s.version)) last
        where timed and (by_time = 1 or sequenced and by_sequence = 1)
        """;

    /// <summary>Enters the first key, never a second.</summary>
    public const string FirstSigningKey = """
        insert into ledger.signing_key (id, public_key, added_at)
        select $1, $2, $3 where not exists (select from ledger.signing_key) on conflict do nothing
        """;

    /// <summary>The log's name, and the key in use.</summary>
    public const string LogAndKey = """
        select l.origin, k.public_key from ledger.log l left join ledger.signing_key k on k.retired_at is null
        """;

    private const string Events = """
        select e.seq_id, e.id, e.stream_id, s.type, e.version, e.type, e.timestamp, e.data, e.headers, e.user_name,
          e.correlation_id, e.causation_id
        from events.mt_events e join events.mt_streams s on s.id = e.stream_id
        """;

    private const string Filter = """

          and ($3::varchar is null or e.type = $3) and ($4::varchar is null or e.headers ->> 'source' = $4)
          and ($5::varchar is null or starts_with(e.stream_id, $5 || '/')) and ($6::varchar is null or e.stream_id = $6)
        order by e.seq_id limit $2
        """;

    /// <summary>A page of the log: after $1, at most $2, of type $3, source $4, kind $5 and stream $6 where given.
    /// </summary>
    public const string Page = Events + """

        where e.seq_id > $1
        """ + Filter;

    /// <summary>The same, up to $7; by index whatever the tables' statistics say.</summary>
    public const string Stretch = """
        select e.seq_id, e.id, e.stream_id, (select s.type from events.mt_streams s where s.id = e.stream_id),
          e.version, e.type, e.timestamp, e.data, e.headers, e.user_name, e.correlation_id, e.causation_id
        from events.mt_events e
        where e.seq_id > $1 and e.seq_id <= $7
        """ + Filter;

    /// <summary>The log after $1, up to $2, at most $3, without what streams are of.</summary>
    public const string Following = """
        select e.seq_id, e.id, e.stream_id, null::varchar, e.version, e.type, e.timestamp, e.data, e.headers,
          e.user_name, e.correlation_id, e.causation_id
        from events.mt_events e where e.seq_id > $1 and e.seq_id <= $2 order by e.seq_id limit $3
        """;

    /// <summary>A page of one stream, after version $2.</summary>
    public const string StreamPage = Events + """

        where e.stream_id = $1 and e.version > $2 order by e.version limit $3
        """;

    /// <summary>Streams $1 up to position $2, stream by stream, without what they are of.</summary>
    public const string StreamsUpTo = """
        select e.seq_id, e.id, e.stream_id, null::varchar, e.version, e.type, e.timestamp, e.data, e.headers,
          e.user_name, e.correlation_id, e.causation_id
        from events.mt_events e
        where e.stream_id = any ($1) and e.seq_id <= $2 order by e.stream_id collate "C", e.version
        """;

    /// <summary>The events of some streams up to a position. COPY takes no parameters.</summary>
    public static string FoldedRows(IEnumerable<string> streams, long upTo) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"""
        copy (
          select e.seq_id, e.id, e.stream_id, e.version, e.type, e.timestamp, e.data, e.headers, e.user_name,
            e.correlation_id, e.causation_id
          from events.mt_events e where e.stream_id = any ({Literal(streams)}::varchar[]) and e.seq_id <= {upTo}
        ) to stdout (format binary)
        """);

    /// <summary>Texts as an array in a statement: quoted within the array, and the array within the statement, whatever
    /// <c>standard_conforming_strings</c> says.</summary>
    private static string Literal(IEnumerable<string> texts)
    {
        var array = string.Join(',', texts.Select(text => "\"" + Escaped(text, "\"", "\\\"") + "\""));
        return "E'{" + Escaped(array, "'", "''") + "}'";

        static string Escaped(string text, string quote, string quoted) => text
            .Replace("\\", "\\\\", StringComparison.Ordinal).Replace(quote, quoted, StringComparison.Ordinal);
    }

    /// <summary>Verify reads everything as of one moment.</summary>
    public const string OneMoment = "set transaction isolation level repeatable read, read only";

    public const string ExportSnapshot = "select pg_export_snapshot()";

    /// <summary>Joins are by index: a stretch of the log is read in its order, and its keys and streams are near each
    /// other.</summary>
    public static string VerifySession(string snapshot) => $"""
        set transaction snapshot '{snapshot}';
        set local enable_hashjoin = off;
        set local enable_mergejoin = off;
        set local enable_seqscan = off;
        set local jit = off
        """;

    /// <summary>The seals that end or begin after position $1 and up to $2, and the size before them.</summary>
    public const string SealsWithin = """
        select size, first, root, signature, leaves,
          (select coalesce(max(b.size), 0) from ledger.seal b where b.size <= $1)
        from ledger.seal
        where size > $1 and size <= coalesce((select min(c.size) from ledger.seal c where c.size >= $2), $2)
        order by size
        """;

    public const string SealedSize = "select coalesce(max(size), 0) from ledger.seal";

    /// <summary>The last seal that covers no more than $1 events.</summary>
    public const string SealBefore = Seal + " where size <= $1 order by size desc limit 1";

    /// <summary>COPY takes no parameters. Last whether the stream's row is not as the event says, null where it is:
    /// what is null costs nothing to send.</summary>
    public static string VerifiedRows(long after, long upTo) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"""
        copy (
          select e.seq_id, e.version, e.timestamp, s.type, e.id, e.stream_id, e.type, e.tenant_id, e.mt_dotnet_type,
            e.correlation_id, e.causation_id, e.headers, e.user_name, e.bdata, e.is_archived, e.data,
            case when s.version > e.version and (e.version <> 1 or s.created = e.timestamp)
                or s.version = e.version and s.timestamp = e.timestamp
                  and (e.version <> 1 or s.created = e.timestamp)
              then null else true end
          from events.mt_events e
          left join events.mt_streams s on s.id = e.stream_id
          where e.seq_id > {after} and e.seq_id <= {upTo} order by e.seq_id
        ) to stdout (format binary)
        """);

    /// <summary>Blocks of <c>ledger.key</c> where the keys of the events at positions $1 lie.</summary>
    public const string KeyBlocks = """
        select min(b.block), max(b.block) from (
          select (k.ctid::text::point)[0]::bigint as block
          from unnest($1) p (position)
          join events.mt_events e on e.seq_id = p.position
          join ledger.key k on k.key = e.id) b
        """;

    public static string VerifiedKeys(long firstBlock, long lastBlock, long after, long upTo) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"""
        copy (
          select key, position, version, digest from ledger.key
          where ctid >= '({firstBlock},0)' and ctid < '({lastBlock + 1},0)'
            and position > {after} and position <= {upTo} and version is not null
        ) to stdout (format binary)
        """);

    /// <summary>Keys of the events at positions $1 that were taken for these positions.</summary>
    public const string KeysOfEvents = """
        select k.key, k.position, k.version, k.digest
        from unnest($1) p (position)
        join events.mt_events e on e.seq_id = p.position
        join ledger.key k on k.key = e.id and k.position = p.position
        """;

    /// <summary>What rows of $1 events alone do not show: rows beside them. Streams, by whether their versions come to
    /// the events, as no event stands beyond its stream's version; streams that are not as Marten has them; keys taken;
    /// keys parked without an event; tiles.</summary>
    public const string VerifiedTotals = """
        select (coalesce(s.versions, 0) <> $1)::int::bigint, s.strange, k.taken, k.waiting - p.parked, t.tiles
        from
          (select sum(version) as versions, count(*) filter (
              where version is null or version < 1 or tenant_id is distinct from '*DEFAULT*'
                or is_archived is distinct from false) as strange
            from events.mt_streams) s,
          (select count(position) as taken, count(*) - count(position) as waiting from ledger.key) k,
          (select count(*) as parked from ledger.parked p
            join ledger.key k on k.key = p.key where k.position is null) p,
          (select count(*) as tiles from ledger.tile) t
        """;

    public const string VerifiedEvents = """
        select e.seq_id, e.id, e.stream_id, e.version, e.data, e.bdata, e.type, e.timestamp, e.tenant_id,
          e.mt_dotnet_type, e.correlation_id, e.causation_id, e.headers, e.user_name, e.is_archived, s.type,
          k.position, k.version, k.digest
        from events.mt_events e
        left join events.mt_streams s on s.id = e.stream_id
        left join ledger.key k on k.key = e.id
        where e.seq_id > $1 and e.seq_id <= $2 order by e.seq_id
        """;

    /// <summary>The first event outside 1..$1.</summary>
    public const string EventOutside = """
        select seq_id from events.mt_events where seq_id < 1 or seq_id > $1 order by seq_id limit 1
        """;

    /// <summary>The first stream row that its events do not give, by the position of its first event.</summary>
    public const string StreamThatDiffers = """
        select coalesce(s.id, e.stream_id) from events.mt_streams s
        full join (
          select stream_id, count(*) as events, min(version) as first, max(version) as last, min(timestamp) as opened,
            max(timestamp) as moved, min(seq_id) as position
          from events.mt_events group by stream_id) e on e.stream_id = s.id
        where s.version is distinct from e.last or e.events <> e.last or e.first <> 1
          or s.created is distinct from e.opened or s.timestamp is distinct from e.moved
          or s.tenant_id is distinct from '*DEFAULT*' or s.is_archived is distinct from false
        order by e.position nulls last, s.id limit 1
        """;

    public const string KeyWithoutEvent = """
        select k.key from ledger.key k
        where k.position is not null
            and not exists (select from events.mt_events e where e.seq_id = k.position and e.id = k.key)
          or k.position is null and not exists (select from ledger.parked p where p.key = k.key)
        order by k.position nulls last, k.key limit 1
        """;

    /// <summary>The log's name and its public keys, oldest first.</summary>
    public const string LogOrigin = "select origin from ledger.log";

    public const string SigningKeys = """
        select id, public_key, added_at, retired_at, predecessor, endorsement from ledger.signing_key
        order by added_at, id
        """;

    public const string RetireSigningKey = """
        update ledger.signing_key set retired_at = $1 where retired_at is null returning id
        """;

    public const string AddSigningKey = """
        insert into ledger.signing_key (id, public_key, added_at, predecessor, endorsement) values ($1, $2, $3, $4, $5)
        """;

    private const string Seal = "select size, root, signature from ledger.seal";

    public const string SealAt = Seal + " where size = $1";

    public const string SealLast = Seal + " order by size desc limit 1";

    /// <summary>The first signed seal that covers $1 events.</summary>
    public const string SealSigned = Seal + " where size >= $1 and signature is not null order by size limit 1";

    /// <summary>Leaves of positions $1[i]..$2[i], in runs: the first's position and their hashes.</summary>
    public const string LeafRuns = """
        select greatest(s.first, r.low), substring(s.leaves
          from ((greatest(s.first, r.low) - s.first) * 32 + 1)::int
          for ((least(s.size, r.high) - greatest(s.first, r.low) + 1) * 32)::int)
        from unnest($1, $2) r (low, high)
        join ledger.seal s on s.size >= r.low
          and s.size <= (select c.size from ledger.seal c where c.size >= r.high order by c.size limit 1)
        """;

    /// <summary>Tiles of levels $1[i] and indexes $2[i]..$3[i]. By index: nothing may be pulled out of the subquery,
    /// where a join by level would read every tile there is.</summary>
    public const string TileRuns = """
        select t.level, t.index, t.root
        from unnest($1, $2, $3) r (level, low, high)
        cross join lateral (
          select t.level, t.index, t.root from ledger.tile t
          where t.level = r.level and t.index >= r.low and t.index <= r.high offset 0) t
        """;

    public const string SequenceLast = "select last_value from events.mt_events_sequence";

    /// <summary>A page of the streams that begin with $2, after stream $1, in whatever order the index has.</summary>
    public const string StreamNamesPage = """
        select id, version from events.mt_streams where id > $1 and starts_with(id, $2) order by id limit $3
        """;

    public const string Listen = "listen ledger";
}
