namespace Ledger.Projections.Tests.Bi;

/// <summary>The same questions answered from the events alone, by plain SQL that knows none of the views: they come to
/// the same on the sample firm.</summary>
public sealed class SecondImplementationTests : IAsyncLifetime
{
    // What each record says in the end, as far as the questions need it. In this firm sources give a sequence, or a time.
    private const string Events =
        """
        with event as (
          select stream_id as stream, type, data, timestamp, row_number() over (
            partition by stream_id order by (headers ->> 'sequence')::bigint nulls last, headers ->> 'time', seq_id) as place
          from events.mt_events),
        invoice as (
          select stream, max(data ->> 'number') filter (where type like 'invoice_%' and data ? 'lines') as number,
            (array_agg(data order by place) filter (where type = 'invoice_issued'))[1] as data
          from event where stream like 'invoice/billing:%' group by stream
          having count(*) filter (where type in ('invoice_cancelled', 'invoice_voided')) = 0
            and count(*) filter (where type = 'invoice_issued') = 1)
        """;

    private LedgerDatabase? _ledger;

    private LedgerDatabase Ledger => _ledger!;

    public async Task InitializeAsync() => _ledger = await BiLedger.Sample();

    public async Task DisposeAsync() => await ((IAsyncDisposable)Ledger).DisposeAsync();

    [Fact]
    public async Task Hours_approved_and_not_billed()
    {
        var outside = await Ledger.Rows(
            $"""
             {Events},
             worked as (
               select stream,
                 (array_agg(data -> 'quantity' order by place desc) filter (where data -> 'quantity' is not null
                   and type <> 'time_entry_approved'))[1] as quantity,
                 (array_agg(data -> 'billableQuantity' order by place desc)
                   filter (where data ? 'billableQuantity'))[1] as billable_quantity,
                 (array_agg(data -> 'quantity' order by place desc) filter (where type = 'time_entry_approved'))[1]
                   as approved,
                 bool_or((data ->> 'billable')::boolean is false) as not_billable,
                 bool_or(type = 'time_entry_written_off') as off,
                 (array_agg(data #>> '{"{project,id}"}' order by place desc) filter (where data ? 'project'))[1] as project,
                 (array_agg(data ->> 'task' order by place desc) filter (where data ? 'task'))[1] as task
               from event where stream like 'time/%' group by stream),
             fee as (
               select split_part(stream, ':', 2) as project, data ->> 'task' as task from event
               where type = 'project_task_added' and (data ->> 'fixedFee')::boolean),
             line as (
               select i.stream, i.data ->> 'documentType' = 'credit_note' as gives_back, l.value -> 'credits' as credits,
                 l.value ->> 'line' as line, b.value as bill
               from invoice i cross join lateral jsonb_array_elements(i.data -> 'lines') l
               left join lateral jsonb_array_elements(l.value -> 'bills') b on true),
             billed as (
               select distinct 'time/psa:' || (bill #>> '{"{ref,id}"}') as stream from line l
               where not gives_back and bill #>> '{"{ref,kind}"}' = 'time' and not exists (
                 select from line c where c.gives_back and c.credits #>> '{"{doc,id}"}' = split_part(l.stream, ':', 2)
                   and c.credits ->> 'line' = l.line))
             select round(sum(case q ->> 'unit' when 'MIN' then (q ->> 'value')::numeric / 60
               else (q ->> 'value')::numeric end), 2)
             from worked w cross join lateral (select coalesce(billable_quantity, approved, quantity)) x (q)
             where approved is not null and not not_billable and not off
               and not exists (select from billed b where b.stream = w.stream)
               and not exists (select from fee f where f.project = w.project and f.task = w.task)
             """);
        (await Ledger.Rows("select round(sum(hours_left), 2) from bi.time where unbilled")).ShouldBe(outside);
        outside.ShouldNotBe(["-"]);
    }

    [Fact]
    public async Task Money_billed_by_client()
    {
        var outside = await Ledger.Rows(
            $"""
             {Events}
             select i.data #>> '{"{client,id}"}', i.data ->> 'currency', sum((i.data #>> '{"{totals,net}"}')::numeric
               * case i.data ->> 'documentType' when 'credit_note' then -1 else 1 end)
             from invoice i group by 1, 2 order by 1, 2
             """);
        outside.Count.ShouldBeGreaterThan(5);
        (await Ledger.Rows(
            """
            select split_part(min(s.stream), ':', 2), i.currency, sum(i.net) from bi.invoice i
            join views.entity_member s on s.entity = i.client and s.stream like 'client/erp:%'
            where i.in_force group by i.client, i.currency order by 1, 2
            """)).ShouldBe(outside);
    }

    [Fact]
    public async Task Money_owed()
    {
        var outside = await Ledger.Rows(
            $"""
             {Events},
             paid as (
               select coalesce(data #>> '{"{target,id}"}', data #>> '{"{target,number}"}') as document,
                 sum(coalesce(data ->> 'targetAmount', data ->> 'amount')::numeric) as amount
               from (
                 select data from event where type in ('payment_applied', 'credit_applied')
                 union all
                 select a.value from event cross join lateral jsonb_array_elements(data -> 'applications') a
                 where type = 'payment_stated') applied group by 1),
             settled as (select stream from event where type = 'invoice_settlement_stated')
             select i.data ->> 'currency', sum(
               coalesce(i.data #>> '{"{totals,payable}"}', i.data #>> '{"{totals,gross}"}')::numeric
               - coalesce(p.amount, 0))
             from invoice i left join paid p on p.document in (split_part(i.stream, ':', 2), i.number)
             where not (p.amount is null and exists (select from settled s where s.stream = i.stream))
               and coalesce(i.data ->> 'documentType', 'invoice') <> 'credit_note'
             group by 1 order by 1
             """);
        outside.Count.ShouldBe(3);
        (await Ledger.Rows(
            """
            select currency, sum(open) from bi.receivable group by currency order by 1
            """)).ShouldBe(outside);
    }

    [Fact]
    public async Task Work_approved_and_not_in_the_books()
    {
        var outside = await Ledger.Rows(
            $"""
             {Events},
             work as (
               select stream, (array_agg(
                 case when data ? 'approval' then data #>> '{"{approval,status}"}' else substring(type from '[a-z]+$') end
                 order by place desc) filter (where data ? 'approval' or type ~ '_(approved|rejected|submitted)$'))[1]
                 as approval
               from event where stream ~ '^(time|expense)/' group by stream),
             booked as (
               select r.value ->> 'kind' as kind, r.value ->> 'id' as id from event e
               cross join lateral jsonb_array_elements(e.data -> 'covers') c
               cross join lateral jsonb_array_elements(c.value -> 'refs') r where e.stream like 'posting/%')
             select split_part(w.stream, '/', 1), count(*) from work w
             where w.approval = 'approved' and not exists (
               select from booked b where w.stream = b.kind || '/psa:' || b.id)
             group by 1 order by 1
             """);
        outside.Count.ShouldBe(2);
        (await Ledger.Rows("select kind, count(*) from bi.approved_not_posted group by 1 order by 1")).ShouldBe(outside);
    }
}
