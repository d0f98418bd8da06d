namespace Ledger.Projections.Tests;

/// <summary>What stands in the view tables, and how it is compared.</summary>
internal static class ViewState
{
    /// <summary>Positions say when a thing was learnt and differ with the order of arrival; events do not.</summary>
    private const string WithoutPositions =
        """
        select stream, kind, source, record_id, number, state,
          (select jsonb_object_agg(a.key, e.headers ->> 'source_id') from jsonb_each_text(s.asserted) a
           join events.mt_events e on e.seq_id = a.value::bigint) as asserted,
          (select headers ->> 'source_id' from events.mt_events where seq_id = s.deleted_by) as deleted_by,
          array(select e.headers ->> 'source_id' from unnest(s.pending) with ordinality p (position, n)
           join events.mt_events e on e.seq_id = p.position order by p.n) as pending,
          (select headers ->> 'source_id' from events.mt_events where seq_id = s.first_position) as first,
          events, order_sequence, order_time, order_id, sequenced
        from views.by_source s order by stream
        """;

    /// <summary>Every row of what sources say, each position replaced by the source's id of the event.</summary>
    public static Task<List<string>> BySource(LedgerDatabase ledger) =>
        ledger.Rows($"select row_to_json(r)::text from ({WithoutPositions}) r");

    /// <summary>Every row of every view table, by table and key.</summary>
    public static async Task<List<string>> All(LedgerDatabase ledger)
    {
        var rows = new List<string>();
        foreach (var table in await ledger.Rows(
            "select relname from pg_class where relnamespace = 'views'::regnamespace and relkind = 'r' order by 1"))
            rows.AddRange(await ledger.Rows($"select '{table} ' || to_jsonb(t)::text from views.{table} t order by 1"));
        return rows;
    }

    /// <summary>One world told as text, so that two can be compared whatever made them.</summary>
    public static IEnumerable<string> Told(World world) =>
        world.Records.Values.OrderBy(r => r.Stream, StringComparer.Ordinal).Select(r =>
            $"{r.Stream} in {world.EntityOf(r.Stream).Id}: {r.Fold.State} by "
            + $"{string.Join(",", r.Fold.Asserted.OrderBy(a => a.Key).Select(a => $"{a.Key}@{a.Value}"))} "
            + (r.Fold with { State = null, Asserted = new Dictionary<string, long>() }));
}
