namespace Ledger.Store;

/// <summary>The statements about who may write, and about commands and their answers.</summary>
internal static class SqlWriters
{
    public const string AnyToken = "select exists (select from ledger.source_token)";

    /// <summary>Those that do not end before $1.</summary>
    public const string Tokens = """
        select id, source, sha256, created_at, ends_at from ledger.source_token
        where ends_at is null or ends_at > $1 order by source, created_at, id
        """;

    public const string Limits = """
        select source, rate_events, rate_seconds, burst_events, body_bytes, body_items, depth from ledger.source_limit
        """;

    public const string AddToken = """
        insert into ledger.source_token (id, source, sha256, created_at) values ($1, $2, $3, $4)
        """;

    /// <summary>Unless source $2 has one that is good at $4.</summary>
    public const string AddFirstToken = """
        insert into ledger.source_token (id, source, sha256, created_at)
        select $1, $2, $3, $4
        where not exists (
          select from ledger.source_token t where t.source = $2 and (t.ends_at is null or t.ends_at > $4))
        """;

    /// <summary>Every token of source $1 ends at $2, if not before.</summary>
    public const string EndTokens = """
        update ledger.source_token set ends_at = $2 where source = $1 and (ends_at is null or ends_at > $2)
        """;

    public const string SetLimit = """
        insert into ledger.source_limit
          (source, rate_events, rate_seconds, burst_events, body_bytes, body_items, depth, set_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (source) do update set rate_events = excluded.rate_events, rate_seconds = excluded.rate_seconds,
          burst_events = excluded.burst_events, body_bytes = excluded.body_bytes, body_items = excluded.body_items,
          depth = excluded.depth, set_at = excluded.set_at
        """;

    /// <summary>Held by whoever works on a command, for as long as its connection lives.</summary>
    public const string TryLockCommand = "select pg_try_advisory_lock($1)";

    public const string UnlockCommands = "select pg_advisory_unlock_all()";

    public const string BeginCommand = """
        insert into ledger.command (caller, key, request, begun_at) values ($1, $2, $3, $4)
        on conflict (caller, key) do nothing
        """;

    public const string Command =
        "select request, status, headers::text, body from ledger.command where caller = $1 and key = $2";

    public const string AnswerCommand = """
        update ledger.command set status = $3, headers = $4, body = $5
        where caller = $1 and key = $2 and status is null
        """;

    public const string ForgetCommands = """
        delete from ledger.command where (caller, key) in (
          select caller, key from ledger.command where begun_at < $1 order by begun_at limit 100 for update skip locked)
        """;
}
