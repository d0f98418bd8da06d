namespace Ledger.Store;

/// <summary>What stands aside of the log: parked events, rejects, conflicts.</summary>
internal static partial class Sql
{
    /// <summary>Takes the keys nobody has and parks their events, in their order; answers the keys it took.</summary>
    public const string Park = """
        with taken as (
          insert into ledger.key (key, digest)
            select p.key, p.digest from unnest($1, $2) p (key, digest) order by p.key
          on conflict (key) do nothing returning key)
        insert into ledger.parked (key, source, id, type, body, parked_at)
          select p.key, p.source, p.id, p.type, p.body, $7
          from unnest($1, $3, $4, $5, $6) with ordinality p (key, source, id, type, body, n)
          join taken t on t.key = p.key order by p.n
        returning key
        """;

    /// <summary>How many of each type are parked, and since when.</summary>
    public const string ParkedTypes = """
        select type, count(*), min(parked_at) from ledger.parked group by type order by type collate "C"
        """;

    /// <summary>A page of parked events, after number $1, at most $2; of types $3 and keys $4 where given.</summary>
    public const string ParkedPage = """
        select p.number, p.source, p.id, p.type, p.body, k.digest, p.parked_at
        from ledger.parked p join ledger.key k on k.key = p.key
        where p.number > $1 and ($3::varchar[] is null or p.type = any ($3))
          and ($4::uuid[] is null or p.key = any ($4))
        order by p.number limit $2
        """;

    /// <summary>Frees parked keys for the events that are stored now; answers how many were parked.</summary>
    public const string Unpark = """
        with freed as (delete from ledger.parked where key = any ($1) returning key),
          keys as (delete from ledger.key k using freed f where k.key = f.key and k.position is null)
        select count(*) from freed
        """;

    /// <summary>Turns parked events that turned out wrong into rejects, and frees their keys; answers their numbers.
    /// </summary>
    public const string RejectParked = """
        with freed as (delete from ledger.parked where key = any ($1) returning key, source, id, body),
          keys as (delete from ledger.key k using freed f where k.key = f.key and k.position is null)
        insert into ledger.reject as r (source, id, key, body, bytes, sha256, problems, rejected_at, last_at)
          select f.source, f.id, f.key, f.body, length(f.body), sha256(f.body), u.problems, $3, $3
          from freed f join unnest($1, $2) with ordinality u (key, problems, n) on u.key = f.key order by u.n
        on conflict (sha256, (coalesce(source, '')), (coalesce(id, ''))) where settled_at is null
          do update set times = r.times + 1, last_at = excluded.last_at, problems = excluded.problems
        returning number
        """;

    /// <summary>Notes offers of another body under a known key; keeps what was offered $9 times for one key.</summary>
    public const string Conflict = """
        insert into ledger.conflict as c (key, offered, source, id, times, first_at, last_at, bytes, body)
          select u.key, u.offered, u.source, u.id, u.times, $8, $8, u.bytes,
            case when row_number() over (partition by u.key order by u.offered)
                + (select count(*) from ledger.conflict k where k.key = u.key and k.body is not null) <= $9
              then u.body end
          from unnest($1, $2, $3, $4, $5, $6, $7) u (key, offered, source, id, times, bytes, body)
          order by u.key, u.offered
        on conflict (key, offered) do update set times = c.times + excluded.times, last_at = excluded.last_at
        """;

    /// <summary>Conflicts, but for those with a parked event's former reading: after number $1, at most $3; of source
    /// $2, or only number $4, where given. A body is read only for one.</summary>
    public const string ConflictPage = """
        select c.number, c.source, c.id, c.offered, c.times, c.first_at, c.last_at, c.bytes,
          case when $4::bigint is not null then c.body end, k.digest, k.position, e.stream_id
        from ledger.conflict c
        left join ledger.key k on k.key = c.key
        left join events.mt_events e on e.seq_id = k.position
        where c.number > $1 and ($2::varchar is null or c.source = $2) and ($4::bigint is null or c.number = $4)
          and k.digest is distinct from c.offered
        order by c.number limit $3
        """;

    /// <summary>Two requests that keep the same bodies in different orders must not wait for each other.</summary>
    public const string RejectTurn = "select pg_advisory_xact_lock(7236832005)";

    /// <summary>Keeps refused bodies, each once however often it comes.</summary>
    public const string Reject = """
        insert into ledger.reject as r
            (source, id, key, body, bytes, sha256, problems, times, rejected_at, last_at)
          select u.source, u.id, u.key, u.body, u.bytes, u.sha256, u.problems, u.times, $9, $9
          from unnest($1, $2, $3, $4, $5, $6, $7, $8) with ordinality
            u (source, id, key, body, bytes, sha256, problems, times, n) order by u.n
        on conflict (sha256, (coalesce(source, '')), (coalesce(id, ''))) where settled_at is null
          do update set times = r.times + excluded.times, last_at = excluded.last_at, problems = excluded.problems
        returning number, sha256, coalesce(source, ''), coalesce(id, '')
        """;

    /// <summary>Of the bodies that failed under one key only the latest $2 are kept.</summary>
    public const string TrimRejects = """
        delete from ledger.reject r using (
          select o.number, row_number() over (partition by o.key order by o.last_at desc, o.number desc) as nth
          from ledger.reject o where o.key = any ($1) and o.settled_at is null) old
        where r.number = old.number and old.nth > $2
        """;

    /// <summary>Rejects after number $1, at most $4; of source $2, settled or not ($3), or only number $5, where given.
    /// A body is read only for one.</summary>
    public const string RejectPage = """
        select r.number, r.source, r.id, r.bytes, case when $5::bigint is not null then r.body end, r.problems::text,
          r.times, r.rejected_at, r.last_at, coalesce(r.settled_at, e.timestamp, p.parked_at),
          coalesce(r.settled_source, r.source), coalesce(r.settled_id, r.id),
          coalesce(r.settled_position, k.position)
        from ledger.reject r
        left join ledger.key k on k.key = coalesce(r.settled_key, r.key)
        left join events.mt_events e on e.seq_id = k.position
        left join ledger.parked p on p.key = k.key
        where r.number > $1 and ($2::varchar is null or r.source = $2)
          and ($3::boolean is null or $3 = (r.settled_at is not null or k.key is not null))
          and ($5::bigint is null or r.number = $5)
        order by r.number limit $4
        """;

    /// <summary>Settles reject $1 by the event of a key, once.</summary>
    public const string SettleReject = """
        update ledger.reject set settled_at = $2, settled_source = $3, settled_id = $4, settled_key = $5,
          settled_position = $6
        where number = $1 and settled_at is null
        """;

    /// <summary>Settles what is open under keys $1, each by the event that says the same, at position $3.</summary>
    public const string SettleKeys = """
        update ledger.reject r set settled_at = $2, settled_position = u.position
        from unnest($1, $3) u (key, position)
        where r.key = u.key and r.settled_at is null
        """;
}
