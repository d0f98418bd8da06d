using Ledger.Projections.Drift;
using Ledger.Projections.Views;
using NodaTime;
using NodaTime.Text;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Rating;

/// <summary>Which records rating asks of, found by their references: each in one statement.</summary>
internal static class RatingSql
{
    /// <summary>What points at some streams of a set, or at the numbers they bear.</summary>
    private static string Into(string set, string rels) =>
        $"""
         select e.stated_by, e.from_stream from {set} t join views.edge e on e.to_stream = t.stream
         where e.rel in ({rels})
         union
         select e.stated_by, e.from_stream from {set} t join views.by_source s on s.stream = t.stream
         join views.edge e on e.to_kind = s.kind and left(e.to_number, 120) = left(s.number, 120)
           and e.to_number = s.number
         where s.number is not null and e.rel in ({rels})
         """;

    /// <summary>Some streams, and all that is one with them.</summary>
    private static string Same(string streams) =>
        $"""
         select distinct unnest(n.members) from ({streams}) o (stream)
         join views.entity_member m on m.stream = o.stream join views.entity n on n.id = m.entity
         """;

    // A card that a contract names, or that is for a client, is not everybody's.
    private const string CardsForAnybody =
        """
        select s.stream from views.by_source s
        where s.stream >= 'rate_card/' and s.stream < 'rate_card0'
          and not exists (select 1 from views.edge e where e.stated_by = s.stream and e.rel = 'client')
          and not exists (select 1 from views.edge e where e.to_stream = s.stream and e.rel = 'rate_card'
            and e.stated_by like 'contract/%')
          and not exists (select 1 from views.edge e where s.number is not null and e.to_kind = 'rate_card'
            and left(e.to_number, 120) = left(s.number, 120) and e.to_number = s.number and e.rel = 'rate_card'
            and e.stated_by like 'contract/%')
        """;

    // The client's other contracts count where a ceiling of the customer does.
    private static readonly string Engagement =
        $"""
         with own (stream) as materialized ({Same("select unnest($1)")}),
         capped (any_of) as (
           select exists (select 1 from own join views.by_source s on s.stream = own.stream
             cross join lateral jsonb_array_elements(coalesce(s.state -> 'ceilings', '[]')) c
             where c ->> 'scope' = 'customer')),
         client (stream) as materialized ({Same("""
             select e.to_stream from own join views.edge e on e.stated_by = own.stream
             where e.rel = 'client' and e.to_stream is not null
             """)}),
         contract (stream) as materialized ({Same("""
             select stream from own
             union select e.stated_by from client c join views.edge e on e.to_stream = c.stream
             where e.rel = 'client' and e.stated_by like 'contract/%' and (select any_of from capped)
             """)}),
         named (project) as (
           select l ->> 'project' from contract c join views.by_source s on s.stream = c.stream
           cross join lateral jsonb_array_elements(coalesce(s.state -> 'lines', '[]')) l where l ? 'project'),
         project (stream) as materialized ({Same($"""
             select stated_by from ({Into("contract", "'contract'")}) i (stated_by, from_stream)
             where stated_by like 'project/%'
             union select s.stream from named n
             join views.by_source s on s.kind = 'project' and left(s.number, 120) = left(n.project, 120)
               and s.number = n.project
             union select s.stream from named n join views.by_source r on r.kind = 'source'
             join views.by_source s on s.stream = 'project/' || r.record_id || ':' || n.project
             """)}),
         work (stream) as materialized ({Same($"""
             select stated_by from (
               {Into("project", "'project', 'contract'")}
               union {Into("contract", "'contract'")}) i (stated_by, from_stream)
             where stated_by not like 'invoice/%'
             """)}),
         document (stream) as materialized ({Same($"""
             select x.stream from (
               {Into("contract", "'contract', 'bills'")}
               union {Into("project", "'project', 'bills'")}
               union {Into("work", "'bills'")}) i (stated_by, from_stream)
             cross join lateral (values (i.stated_by), (i.from_stream)) x (stream)
             where i.stated_by like 'invoice/%' or i.stated_by like 'coverage/%'
             """)}),
         later (stream) as materialized ({Same($"""
             select x.stream from (
               {Into("document", "'settles', 'credits', 'replaces', 'corrects', 'prepays'")}) i (stated_by, from_stream)
             cross join lateral (values (i.stated_by), (i.from_stream)) x (stream)
             """)}),
         proposal (stream) as materialized ({Same("""
             select e.to_stream from contract c join views.edge e on e.stated_by = c.stream
             where e.rel = 'proposal' and e.to_stream is not null
             """)}),
         known (stream) as materialized (
           select stream from contract union select stream from proposal union select stream from project
           union select stream from work union select stream from document union select stream from later),
         target (stream, kind, number) as materialized (
           select e.to_stream, e.to_kind, e.to_number from known k join views.edge e on e.stated_by = k.stream
           where e.rel not in ('legal_entity', 'parent'))
         select stream, null::text, null::text from known
         union select stream, null, null from target where stream is not null
         union select null, kind, number from target where number is not null
         union select e.stated_by, null, null from client c join views.edge e on e.to_stream = c.stream
           where e.rel = 'client' and e.stated_by like 'rate\_card/%'
         union select stream, null, null from ({CardsForAnybody}) a
         """;

    /// <summary>What a contract is rated by: the projects, work and documents under it, whoever did it, the cards, the
    /// client.</summary>
    public static Task<Found> UnderContracts(
        NpgsqlConnection connection, string[] contracts, CancellationToken cancellationToken) =>
        Read(connection, Engagement, contracts, cancellationToken);

    /// <summary>Cards that are made for nobody in particular.</summary>
    public static Task<Found> ForAnybody(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        Read(
            connection,
            $"select stream, null::text, null::text from ({CardsForAnybody}) a where $1::text[] is not null", [],
            cancellationToken);

    /// <summary>Cards that name no client, or did not always, and the contracts that name or named them.</summary>
    public static Task<Found> EverForAnybody(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        Read(
            connection,
            $"""
             with card (stream) as materialized (
               select s.stream from views.by_source s
               where s.stream >= 'rate_card/' and s.stream < 'rate_card0' and $1::text[] is not null
                 and not exists (select 1 from views.edge e where e.stated_by = s.stream and e.rel = 'client'
                   and e.position = s.first_position and e.position = s.opened_position))
             select stream, null::text, null::text from card
             union select i.stated_by, null, null from ({Into("card", "'rate_card'")}) i (stated_by, from_stream)
               where i.stated_by like 'contract/%'
             union select p.stated_by, null, null from card join views.past_edge p on p.to_stream = card.stream
               where p.stated_by like 'contract/%'
             """,
            [], cancellationToken);

    /// <summary>The contracts that a card prices work under: those that name it, and its client's. A card for nobody in
    /// particular prices any.</summary>
    public static Task<Found> ContractsOf(
        NpgsqlConnection connection, string card, CancellationToken cancellationToken) =>
        Read(
            connection,
            $"""
             with card (stream) as materialized ({Same("select unnest($1)")}),
             client (stream) as materialized ({Same("""
                 select e.to_stream from card join views.edge e on e.stated_by = card.stream
                 where e.rel = 'client' and e.to_stream is not null
                 """)}),
             anybody (stream) as ({CardsForAnybody})
             select i.stated_by, null::text, null::text from (
               {Into("card", "'rate_card'")}
               union {Into("client", "'client'")}) i (stated_by, from_stream) where i.stated_by like 'contract/%'
             union select s.stream, null, null from views.by_source s
               where s.stream >= 'contract/' and s.stream < 'contract0'
                 and exists (select 1 from card join anybody a on a.stream = card.stream)
             """,
            [card], cancellationToken);

    /// <summary>The contracts of a project, or of those that a resource was put to or worked on: those that they name,
    /// and those that name them.</summary>
    public static Task<Found> ContractsWorkedUnder(
        NpgsqlConnection connection, string subject, CancellationToken cancellationToken) =>
        Read(
            connection,
            $"""
             with own (stream) as materialized ({Same("select unnest($1)")}),
             busy (stream) as materialized (
               select i.stated_by from ({Into("own", "'resource', 'assigned'")}) i (stated_by, from_stream)),
             project (stream) as materialized ({Same($"""
                 select stream from own union select stream from busy union {Pointed("busy", "project")}
                 """)}),
             named (stream) as ({Pointed("project", "contract")})
             select stream, null::text, null::text from named where stream like 'contract/%'
             union select c.stream, null, null from views.by_source c
               cross join lateral jsonb_array_elements(coalesce(c.state -> 'lines', '[]')) l
               where c.stream >= 'contract/' and c.stream < 'contract0' and exists (
                 select 1 from project p join views.by_source s on s.stream = p.stream
                 where s.kind = 'project' and l ->> 'project' in (s.record_id, s.number))
             """,
            [subject], cancellationToken);

    /// <summary>What some streams of a set point at, by id or by number.</summary>
    private static string Pointed(string set, string rel) =>
        $"""
         select coalesce(e.to_stream, s.stream) from {set} t
         join views.edge e on e.stated_by = t.stream and e.rel = '{rel}'
         left join views.by_source s on e.to_stream is null and s.kind = e.to_kind
           and left(s.number, 120) = left(e.to_number, 120) and s.number = e.to_number
         where coalesce(e.to_stream, s.stream) is not null
         """;

    /// <summary>Rates of exchange that may stand on some days.</summary>
    public static async Task<HashSet<string>> Exchanging(
        NpgsqlConnection connection, IEnumerable<LocalDate> days, CancellationToken cancellationToken)
    {
        var on = days.SelectMany(d => Enumerable.Range(0, PublishedRates.StandsDays).Select(n => d.PlusDays(-n)))
            .Where(d => d.Year >= 1).Distinct().Select(d => LocalDatePattern.Iso.Format(d)).ToArray();
        var found = await Read(
            connection,
            """
            select stream, null::text, null::text from views.exchange_rate_by_source
            where live and quoted_on = any ($1::date[])
            """,
            on, cancellationToken);
        return found.Streams;
    }

    private static async Task<Found> Read(
        NpgsqlConnection connection, string sql, string[] streams, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(Column.Array(streams, NpgsqlDbType.Text));
        await command.PrepareAsync(cancellationToken);
        var found = new Found([], []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            if (!reader.IsDBNull(0)) found.Streams.Add(reader.GetString(0));
            else found.Numbers.Add((reader.GetString(1), reader.GetString(2)));
        return found;
    }

    /// <summary>Streams, and numbers by their kinds.</summary>
    internal sealed record Found(HashSet<string> Streams, HashSet<(string Kind, string Number)> Numbers);
}
