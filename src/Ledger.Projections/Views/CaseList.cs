using Ledger.Domain;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>Which cases are wanted; what is null limits nothing.</summary>
/// <param name="Class">A class of drift, or a finding's code.</param>
/// <param name="System">The system that is asked first.</param>
/// <param name="Stream">A record they are about.</param>
public sealed record CaseFilter(
    CaseStatus? Status = null, string? Class = null, Severity? Severity = null, string? System = null,
    string? Assignee = null, string? Stream = null)
{
    /// <summary>Who gave them to whoever looks at them: <c>nobody</c>, <c>rule</c> or <c>person</c>.</summary>
    public string? Assigned { get; init; }

    /// <summary>The kind of a record they are about.</summary>
    public string? Of { get; init; }

    /// <summary>The legal entity that a record they are about belongs to, by any of its streams.</summary>
    public string? LegalEntity { get; init; }

    /// <summary>The contract behind them, else the project, else the client, by any of its streams.</summary>
    public string? Engagement { get; init; }

    public string? Currency { get; init; }

    /// <summary>Least money at stake, in whichever currency.</summary>
    public decimal? AmountMin { get; init; }

    /// <summary>They began more than so many days before the ledger's day.</summary>
    public int? OlderThanDays { get; init; }

    /// <summary>Stands in the sentence, what to correct, the records' names or what people say, in small or capital
    /// letters.</summary>
    public string? Text { get; init; }
}

/// <summary>What comes first.</summary>
public enum CaseOrder
{
    /// <summary>What came up first.</summary>
    Opened,

    /// <summary>The most money, in whichever currency.</summary>
    Amount,

    /// <summary>What began first.</summary>
    Age,

    Severity,
}

/// <summary>By what cases are added up.</summary>
public enum CaseGrouping
{
    Class,
    Engagement,
    LegalEntity,
    Source,
    Assignee,
    Severity,
}

/// <summary>Cases of one sort and currency.</summary>
/// <param name="Of">A class, a contract, a legal entity, a system, a person or a severity; null = none is known.
/// </param>
/// <param name="Name">What a record that it is calls itself; null = it is none.</param>
/// <param name="Currency">Null = no money is at stake.</param>
/// <param name="Amount">The money at stake in all of them, never netted.</param>
public sealed record CaseTotal(string? Of, string? Name, string? Currency, long Cases, decimal? Amount);

/// <summary>A page of cases, and what all that are wanted come to.</summary>
/// <param name="Day">The ledger's day.</param>
/// <param name="Totals">Of every page, the most money first.</param>
public sealed record CasePage(
    long Position, LocalDate? Day, IReadOnlyList<CaseView> Found, IReadOnlyList<CaseTotal> Totals)
{
    /// <summary>How many are wanted in all.</summary>
    public long Cases => Totals.Sum(t => t.Cases);
}

/// <summary>Lists cases.</summary>
public static class CaseList
{
    /// <summary>Cases, as they are wanted.</summary>
    private const string Wanted =
        $"""
         select s.*, (s.state ->> 'amount')::numeric as amount,
           coalesce(s.state ->> 'class', s.state ->> 'code') as sort
         from views.by_source s
         where {CaseReader.Which}
           and ($1 is null or s.state ->> 'status' = $1) and ($2 is null or s.state ->> 'severity' = $2)
           and ($3 is null or coalesce(s.state ->> 'class', s.state ->> 'code') = $3)
           and ($4 is null or s.state ->> 'owner' = $4) and ($5 is null or s.state ->> 'assignee' = $5)
           and ($6 is null or s.state -> 'streams' ? $6)
           and ($7 is null or $7 = case when s.state ->> 'assignee' is null then 'nobody'
                  when s.state ->> 'rule' is null then 'person' else 'rule' end)
           and ($8 is null or exists (
                  select from jsonb_array_elements_text(s.state -> 'streams') r where r ^@ ($8 || '/')))
           and ($9 is null or exists (
                  select from jsonb_array_elements_text(s.state -> 'streams') r
                  join views.entity_member m on m.stream = r join views.entity e on e.id = m.entity
                  where e.legal_entity = coalesce(
                    (select l.entity from views.entity_member l where l.stream = $9), $9)))
           and ($10 is null or s.state ->> 'currency' = $10)
           and ($11 is null or (s.state ->> 'amount')::numeric >= $11)
           and ($12 is null or (select k.day from ledger.checkpoint k where k.name = 'views')
                  - views.date_of(s.state ->> 'since') > $12)
           and ($13 is null or strpos(lower(concat_ws(' ', s.state ->> 'sentence', s.state ->> 'suggestion',
                  s.state ->> 'streams', s.state ->> 'words')), lower($13)) > 0)
         """;

    /// <summary>What stands behind each case c: the contract that the first of its records is done under, else the
    /// project, else the client.</summary>
    private const string Behind =
        """
        select distinct on (c.stream) c.stream, m.entity
        from c cross join lateral jsonb_array_elements_text(c.state -> 'streams') with ordinality r(stream, place)
        cross join lateral (
          select r.stream as at, 0 as far where r.stream ^@ 'contract/'
          union all
          select e.to_stream, case e.rel when 'contract' then 0 when 'project' then 4 else 6 end
          from views.edge e where e.from_stream = r.stream and e.rel in ('contract', 'project', 'client')
          union all
          select f.to_stream, case f.rel when 'contract' then 2 when 'project' then 5 else 7 end
          from views.edge e join views.edge f on f.from_stream = e.to_stream
          where e.from_stream = r.stream and e.rel in ('project', 'posts', 'settles', 'bills')
            and f.rel in ('contract', 'project', 'client')) k
        join views.entity_member m on m.stream = k.at
        order by c.stream, k.far, r.place, m.entity
        """;

    /// <summary>Cases in an order, and what all of them come to.</summary>
    /// <param name="grouping">By what they are added up.</param>
    /// <param name="after">Begin after the case that came up at this position; 0 = at the beginning.</param>
    public static Task<CasePage> Read(
        NpgsqlDataSource source, CaseFilter wanted, CaseOrder order, CaseGrouping grouping, long after, int limit,
        CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            var found = await Page(connection, wanted, order, after, limit, cancellationToken);
            return new CasePage(
                position, await GovernanceReader.Day(connection, cancellationToken), found,
                await Totals(connection, wanted, grouping, cancellationToken));
        }, cancellationToken);

    private static async Task<List<CaseView>> Page(
        NpgsqlConnection connection, CaseFilter wanted, CaseOrder order, long after, int limit,
        CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection, wanted,
            $"""
             select {BySource.Columns} from c s
             where $15 = 0 or ({Rank(order)}, -s.opened_position) < (coalesce(
               (select {Rank(order)} from views.by_source s where {CaseReader.Which} and s.opened_position = $15),
               -$15), -$15)
             order by {Rank(order)} desc, s.opened_position limit $16
             """);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        return await CaseReader.Read(command, cancellationToken);
    }

    private static async Task<List<CaseTotal>> Totals(
        NpgsqlConnection connection, CaseFilter wanted, CaseGrouping grouping, CancellationToken cancellationToken)
    {
        var (of, join) = grouping switch
        {
            CaseGrouping.Class => ("c.sort", ""),
            CaseGrouping.Source => ("c.state ->> 'owner'", ""),
            CaseGrouping.Assignee => ("c.state ->> 'assignee'", ""),
            CaseGrouping.Severity => ("c.state ->> 'severity'", ""),
            CaseGrouping.Engagement => ("b.entity", $"left join ({Behind}) b on b.stream = c.stream"),
            CaseGrouping.LegalEntity => ("n.legal_entity",
                """
                left join views.entity_member m on m.stream = c.state -> 'streams' ->> 0
                left join views.entity n on n.id = m.entity
                """),
            _ => throw new System.Diagnostics.UnreachableException($"nothing is added up by {grouping}"),
        };
        await using var command = Command(
            connection, wanted,
            $"""
             , t as (
               select {of} as sort, c.state ->> 'currency' as currency, count(*) as cases, sum(c.amount) as amount
               from c {join} group by 1, 2)
             select t.sort, coalesce(e.fields #>> array['name', 'value'], e.fields #>> array['number', 'value']),
               t.currency, t.cases, t.amount
             from t left join views.entity e on e.id = t.sort
             order by t.amount desc nulls last, t.cases desc, t.sort, t.currency
             """);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var totals = new List<CaseTotal>();
        while (await row.ReadAsync(cancellationToken))
            totals.Add(new(
                Text(row, 0), Text(row, 1), Text(row, 2), row.GetInt64(3), row.IsDBNull(4) ? null : row.GetDecimal(4)));
        return totals;
    }

    /// <summary>What is asked of the wanted cases c.</summary>
    private static NpgsqlCommand Command(NpgsqlConnection connection, CaseFilter wanted, string asked)
    {
        var all = wanted.Engagement is null
            ? $"with c as ({Wanted})"
            : $"""
               with w as ({Wanted}), c as (
                 select c.* from w c join ({Behind.Replace("from c ", "from w c ", StringComparison.Ordinal)}) b
                   on b.stream = c.stream
                 where b.entity = coalesce((select l.entity from views.entity_member l where l.stream = $14), $14))
               """;
        var command = new NpgsqlCommand($"{all} {asked}", connection);
        foreach (var text in (string?[])[
            Name(wanted.Status), Name(wanted.Severity), wanted.Class, wanted.System, wanted.Assignee, wanted.Stream,
            wanted.Assigned, wanted.Of, wanted.LegalEntity, wanted.Currency])
            Add(text, NpgsqlDbType.Text);
        Add(wanted.AmountMin, NpgsqlDbType.Numeric);
        Add(wanted.OlderThanDays, NpgsqlDbType.Integer);
        Add(wanted.Text, NpgsqlDbType.Text);
        Add(wanted.Engagement, NpgsqlDbType.Text);
        return command;

        void Add(object? value, NpgsqlDbType type) =>
            command.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
    }

    /// <summary>What a row s is ordered by, the highest first.</summary>
    private static string Rank(CaseOrder order) => order switch
    {
        CaseOrder.Opened => "-s.opened_position",
        CaseOrder.Amount => "coalesce((s.state ->> 'amount')::numeric, 0)",
        CaseOrder.Age => "coalesce(date '9999-12-31' - views.date_of(s.state ->> 'since'), 0)",
        CaseOrder.Severity => "array_position(array['low', 'medium', 'high'], s.state ->> 'severity')",
        _ => throw new System.Diagnostics.UnreachableException($"nothing is ordered by {order}"),
    };

    private static string? Name<TEnum>(TEnum? value)
        where TEnum : struct, Enum => value is { } known ? Drift.Say.Snake(known) : null;

    private static string? Text(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);
}
