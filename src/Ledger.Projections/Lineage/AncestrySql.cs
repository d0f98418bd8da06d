using Ledger.Projections.Identity;
using Ledger.Projections.Views;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Lineage;

/// <summary>What one level of an <see cref="Ancestry"/> asks the views, all of it by index.</summary>
internal static class AncestrySql
{
    /// <summary>The streams themselves.</summary>
    public const string Records = $"select {BySource.Columns} from views.by_source s where s.stream = any ($1)";

    /// <summary>What they point at, but for what is not there, or known by its number. Found one by one, by index,
    /// however many that may be.</summary>
    public const string PointedAt =
        $"""
         select {BySource.Columns} from (
           select distinct e.to_stream from views.edge e where e.stated_by = any ($1) and e.to_stream is not null) t
         cross join lateral (select b.* from views.by_source b where b.stream = t.to_stream offset 0) s
         """;

    /// <summary>Who states links, successions and merges that name one of them, and both ends; who puts something over
    /// its word.</summary>
    public const string Ties =
        """
        select l.stream, l.a, l.b from views.link l where l.a = any ($1)
        union all
        select l.stream, l.a, l.b from views.link l where l.b = any ($1)
        union all
        select o.stream, null, null from views.override o where o.target = any ($1)
        """;

    /// <summary>What others say that they point at.</summary>
    public const string Leaving =
        """
        select e.from_stream, e.stated_by, e.to_stream, e.to_kind, e.to_number from views.edge e
        where e.from_stream = any ($1) and e.stated_by <> e.from_stream
        """;

    /// <summary>What points at them, or at the numbers they bear, and who says so.</summary>
    public const string Arriving =
        """
        with told as (
          select e.stated_by, e.from_stream from views.edge e where e.to_stream = any ($1) and e.rel = any ($2)
          union
          select e.stated_by, e.from_stream from views.by_source s
          join views.edge e on e.to_kind = s.kind and e.to_number = s.number
            and left(e.to_number, 120) = left(s.number, 120)
          where s.stream = any ($1) and s.number is not null and e.rel = any ($2))
        select stated_by from told union select from_stream from told
        """;

    /// <summary>What points at them by id, and who says so.</summary>
    public const string ArrivingById =
        """
        select distinct e.stated_by, e.from_stream from views.edge e
        where e.to_stream = any ($1) and e.rel = any ($2)
        """;

    /// <summary>What points at numbers, and who says so.</summary>
    public const string ArrivingByNumber =
        """
        select distinct e.stated_by, e.from_stream from unnest($1, $2) n (kind, number)
        join views.edge e on e.to_kind = n.kind and left(e.to_number, 120) = left(n.number, 120)
          and e.to_number = n.number
        where e.rel = any ($3)
        """;

    /// <summary>The cards made for clients.</summary>
    public const string Cards =
        """
        select e.stated_by from views.edge e
        where e.to_stream = any ($1) and e.rel = 'client' and e.stated_by like 'rate\_card/%'
        """;

    /// <summary>Who bears the keys they bear; without what lies beyond a crowd.</summary>
    public static readonly string Holders =
        $"""
         select k.kind, k.legal_entity, k.scheme, k.value, h.stream from (
           select distinct kind, legal_entity, scheme, value from views.record_key
           where stream = any ($1) and held) k
         cross join lateral (
           select o.stream from views.record_key o
           where left(o.value, 120) = left(k.value, 120) and o.scheme = k.scheme and o.kind = k.kind
             and o.value = k.value and coalesce(o.legal_entity, '') = coalesce(k.legal_entity, '') and o.held
           limit {BusinessKey.HoldersMax + 1}) h
         """;

    // Lists of a thousand are found one by one, by index; to plan or compile that anew would take longer than to do it.
    private const string Moment =
        """
        select c.position,
          (select (e.timestamp at time zone 'UTC')::date from events.mt_events e where e.seq_id = c.position),
          set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true)
        from ledger.checkpoint c where c.name = 'views'
        """;

    private static readonly string OfFirm = new ViewSql(Checkpoint.Views).OfFirm;

    /// <summary>Asks first where the views stand, and what the firm says of itself.</summary>
    public static void Open(NpgsqlBatch batch)
    {
        batch.BatchCommands.Add(new(Moment));
        batch.BatchCommands.Add(new(OfFirm));
    }

    public static void Ask(NpgsqlBatch batch, string sql, string[] streams) =>
        batch.BatchCommands.Add(new(sql) { Parameters = { Column.Array(streams, NpgsqlDbType.Text) } });

    public static void Ask(NpgsqlBatch batch, string sql, string[] streams, string[] rels) =>
        batch.BatchCommands.Add(new(sql)
        {
            Parameters = { Column.Array(streams, NpgsqlDbType.Text), Column.Array(rels, NpgsqlDbType.Text) },
        });

    public static void Ask(
        NpgsqlBatch batch, List<(string Kind, string Number)> numbers, string[] rels) =>
        batch.BatchCommands.Add(new(ArrivingByNumber)
        {
            Parameters =
            {
                Column.Array(numbers.ConvertAll(n => n.Kind).ToArray(), NpgsqlDbType.Text),
                Column.Array(numbers.ConvertAll(n => n.Number).ToArray(), NpgsqlDbType.Text),
                Column.Array(rels, NpgsqlDbType.Text),
            },
        });
}
