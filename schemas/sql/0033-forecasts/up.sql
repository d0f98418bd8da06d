-- Revenue rolled forward as the proof does, and questions of what comes: backlog, forecast; of how long things take:
-- reimbursement, cycle times; of phases; of clients that may be one; of retainers drawn below nothing.

insert into ledger.kind_column (kind, name, path, type, meaning) values
  ('expense', 'reimbursed_on', '{reimbursedOn}', 'date', 'When the person last got any of it back.');
select ledger.make_kind_views(array['expense']);

-- What is billed and not earned.

create view bi.revenue_movement as
  with obligation as materialized (
    select o.obligation, o.contract, o.legal_entity, o.currency, e.fields #> '{recognitions,value}' as recognitions
    from bi.obligation o join views.entity e on e.id = o.obligation where o.contract is not null),
  told as materialized (select distinct contract, coalesce(currency, '') as currency from obligation),
  document as materialized (
    select d.invoice, d.engagement, d.legal_entity, d.currency, d.issued_on, d.is_credit_note, e.fields,
      case when d.is_credit_note then -abs(n.net) else n.net end as net
    from bi.issued_document d join views.entity e on e.id = d.invoice
    join told t on t.contract = d.engagement and t.currency = coalesce(d.currency, '')
    cross join lateral (
      select coalesce((e.fields #>> '{totals,value,net}')::numeric,
        coalesce((e.fields #>> '{totals,value,gross}')::numeric, (e.fields #>> '{totals,value,payable}')::numeric)
          - coalesce((e.fields #>> '{totals,value,tax}')::numeric, 0), (
          select case when count(*) = count(l ->> 'net') then sum((l ->> 'net')::numeric) end
          from jsonb_array_elements(e.fields #> '{lines,value}') l))) n (net)
    where coalesce(e.fields #>> '{documentType,value}', 'invoice') <> 'prepayment'),
  ended as materialized (select x.* from bi.document_end x where x.invoice in (select invoice from document)),
  line as materialized (
    select d.invoice, l ->> 'line' as line, coalesce(sum((l ->> 'net')::numeric), 0) as share, count(*) as lines,
      sum(count(*)) over (partition by d.invoice) as of_lines
    from document d cross join lateral jsonb_array_elements(d.fields #> '{lines,value}') l
    where d.invoice in (select invoice from ended where line is not null) group by d.invoice, l ->> 'line'),
  less as (
    select x.invoice, x.day, d.net, sum(sum(case when x.line is null then x.sign else 0 end)) over past > 0 as whole,
      sum(sum(x.sign * l.lines)) over past = max(max(l.of_lines)) over (partition by x.invoice) as every_line,
      coalesce(sum(sum(x.sign * l.share)) over past, 0) as share
    from (select *, case when ends then 1 else -1 end as sign from ended) x
    join document d on d.invoice = x.invoice left join line l on l.invoice = x.invoice and l.line = x.line
    group by x.invoice, x.day, d.net window past as (partition by x.invoice order by x.day)),
  cancelled as (
    select invoice, day, bi.taken(whole or coalesce(every_line, false), share, net) as less from less),
  recognition as materialized (
    select o.obligation, r.ordinality as place, views.date_of(r.value ->> 'on') as day,
      (r.value ->> 'amount')::numeric as amount, r.value -> 'reversals' as reversals
    from obligation o cross join lateral jsonb_array_elements(o.recognitions) with ordinality r),
  reversal as (
    select r.obligation, greatest(views.date_of(b.value ->> 'on'), r.day) as day, (b.value ->> 'amount')::numeric as back,
      r.amount, sum((b.value ->> 'amount')::numeric) over (
        partition by r.obligation, r.place order by greatest(views.date_of(b.value ->> 'on'), r.day), b.ordinality) as all_back
    from recognition r cross join lateral jsonb_array_elements(r.reversals) with ordinality b),
  moved (item, movement, moved_on, amount, stands) as (
    select invoice, case when is_credit_note then 'credited' else 'invoiced' end, issued_on, net, net from document
    union all
    select c.invoice, case when d.is_credit_note then 'credited' else 'cancelled' end, c.day, w.amount, w.amount
    from (select *, coalesce(lag(less) over (partition by invoice order by day), 0) - less as change from cancelled) c
    join document d on d.invoice = c.invoice cross join lateral (select c.change) w (amount)
    union all
    select obligation, 'recognised', day, -amount, -amount from recognition
    union all
    select obligation, 'taken_back', day, back,
      case when amount < 0 then greatest(all_back, amount) - greatest(all_back - back, amount)
        else least(all_back, amount) - least(all_back - back, amount) end
    from reversal)
  select m.item, a.engagement, a.legal_entity, a.currency, m.moved_on, m.movement, m.amount, m.stands
  from moved m join (
    select invoice as item, engagement, legal_entity, currency from document
    union all select obligation, contract, legal_entity, currency from obligation) a on a.item = m.item
  where m.amount <> 0;

create view bi.deferred_roll_forward as
  with item as (
    select item, engagement, legal_entity, currency, date_trunc('month', moved_on)::date as month,
      sum(amount) as amount, sum(stands) as stands, sum(amount) filter (where movement = 'invoiced') as invoiced,
      sum(amount) filter (where movement = 'cancelled') as cancelled,
      sum(amount) filter (where movement = 'credited') as credited,
      sum(amount) filter (where movement = 'recognised') as recognised,
      sum(amount) filter (where movement = 'taken_back') as taken_back
    from bi.revenue_movement group by item, engagement, legal_entity, currency, 5),
  account as materialized (
    select engagement, legal_entity, currency, month, count(*) as items, sum(stands) as change, sum(invoiced) as invoiced,
      sum(cancelled) as cancelled, sum(credited) as credited, sum(recognised) as recognised,
      sum(taken_back) as taken_back, sum(stands - amount) as difference, bool_and(stands = amount) as foots
    from item group by engagement, legal_entity, currency, month),
  month as (
    select engagement, legal_entity, currency, month from account
    union
    select engagement, legal_entity, currency, generate_series(min(month) filter (where month > '-infinity'),
      (select day from bi.position), '1 month')::date
    from account group by engagement, legal_entity, currency),
  rolled as (
    select m.*, a.items, a.change, a.invoiced, a.cancelled, a.credited, a.recognised, a.taken_back, a.difference, a.foots,
      coalesce(sum(a.change) over (partition by m.engagement, m.legal_entity, m.currency order by m.month), 0) as closing
    from month m left join account a on a.month = m.month and coalesce(a.engagement, '') = coalesce(m.engagement, '')
      and coalesce(a.legal_entity, '') = coalesce(m.legal_entity, '')
      and coalesce(a.currency, '') = coalesce(m.currency, ''))
  select engagement, legal_entity, currency, to_char(month, 'YYYY-MM') as period,
    closing - coalesce(change, 0) as opening, coalesce(invoiced, 0) as invoiced, coalesce(cancelled, 0) as cancelled,
    coalesce(credited, 0) as credited, coalesce(recognised, 0) as recognised, coalesce(taken_back, 0) as taken_back,
    closing, coalesce(difference, 0) as difference, coalesce(foots, true) as foots, greatest(closing, 0) as deferred,
    greatest(-closing, 0) as contract_asset
  from rolled where items is not null or closing <> 0;

-- What comes.

create view bi.planned_fee as
  select f.kind, f.contract, f.part, f.client, f.legal_entity, f.project, f.description, f.due_on, f.currency,
    f.left_value as amount
  from bi.fee f
  where f.contract is not null and not f.unbilled and f.reason in ('not_released', 'not_accepted', 'after_date')
    and not exists (
      select from bi.contract c where c.contract = f.contract and c.status in ('terminated', 'closed'))
  union all
  select 'subscription', s.contract, s.subscription || '@' || to_char(s.first_on, 'YYYY-MM-DD'), c.client, c.legal_entity,
    null, s.description, s.due_on, s.currency, s.to_bill
  from bi.subscription_period s join bi.contract c on c.contract = s.contract cross join bi.position d
  where s.due_on > d.day and coalesce(c.status, '') not in ('terminated', 'closed') and not exists (
    select from bi.bill b where b.entity = s.contract
      and b.part = s.subscription || '@' || to_char(s.first_on, 'YYYY-MM-DD'));

create view bi.backlog as
  with fee as materialized (
    select contract, currency, sum(to_bill) filter (where reason is distinct from 'cancelled') as agreed,
      sum(left_value) filter (where unbilled) as waits from bi.fee
    where contract is not null group by contract, currency),
  later as materialized (
    select s.contract, s.currency, sum(s.to_bill) as agreed from bi.subscription_period s cross join bi.position d
    where s.due_on > d.day and not exists (
      select from bi.bill b where b.entity = s.contract
        and b.part = s.subscription || '@' || to_char(s.first_on, 'YYYY-MM-DD'))
    group by s.contract, s.currency),
  worked as materialized (
    select contract, currency, bi.money(sum(left_sixtieths), currency) as waits from bi.time
    where unbilled and contract is not null group by contract, currency),
  line as materialized (
    select c.id as contract, sum((l ->> 'amount')::numeric) as agreed
    from views.entity c cross join lateral jsonb_array_elements(c.fields #> '{lines,value}') l
    where c.kind = 'contract' group by c.id),
  ceiling as materialized (
    select c.id as contract, min((k ->> 'amount')::numeric) as agreed
    from views.entity c cross join lateral jsonb_array_elements(bi.ceilings_on(c.fields #> '{ceilings,value}',
      c.fields #> '{ceilingTerms,value}', (select day from bi.position))) k
    where c.kind = 'contract' and coalesce(k ->> 'scope', 'contract') = 'contract' group by c.id),
  billed as materialized (
    select contract, currency, sum(net) as net from bi.document_asking group by contract, currency),
  known as (
    select c.contract, c.number, c.client, c.legal_entity, c.currency, c.status, c.ends_on,
      case when f.agreed is not null or s.agreed is not null then 'fees' when l.agreed is not null then 'lines'
        when k.agreed is not null then 'ceiling' end as basis,
      coalesce(coalesce(f.agreed, 0) + s.agreed, f.agreed, l.agreed, k.agreed) as contracted,
      coalesce(b.net, 0) as billed, coalesce(f.waits, 0) + coalesce(w.waits, 0) as waits
    from bi.contract c left join fee f on f.contract = c.contract and f.currency = c.currency
    left join later s on s.contract = c.contract and s.currency = c.currency
    left join worked w on w.contract = c.contract and w.currency = c.currency
    left join line l on l.contract = c.contract left join ceiling k on k.contract = c.contract
    left join billed b on b.contract = c.contract and b.currency = c.currency
    where c.live)
  select contract, number, client, legal_entity, currency, status, ends_on, basis, contracted, billed, waits as unbilled,
    contracted - billed as backlog, status in ('terminated', 'closed') as is_over
  from known;

create view bi.forecast as
  with day as materialized (select day, date_trunc('month', day)::date as month from bi.position),
  agreed as materialized (
    select c.contract, c.client, c.legal_entity, coalesce((e.fields #>> '{billing,value,tax,rate}')::numeric, 0) as tax_rate,
      least(greatest(coalesce(
        case when e.fields #>> '{terms,value,kind}' = 'net' then (e.fields #>> '{terms,value,days}')::int end,
        case when p.fields #>> '{terms,value,kind}' = 'net' then (p.fields #>> '{terms,value,days}')::int end, 0), 0), 3650)
        as pays_in,
      e.fields #> '{billing,value,retainer}' is not null as is_ahead
    from bi.contract c join views.entity e on e.id = c.contract left join views.entity p on p.id = c.client),
  ask (contract, client, legal_entity, currency, on_day, amount, is_work) as (
    select r.contract, r.client, r.legal_entity, r.currency, d.day, r.sixtieths / 60, r.kind in ('time', 'expense')
    from bi.billing_readiness r cross join day d where r.unbilled
    union all
    select f.contract, f.client, f.legal_entity, f.currency, greatest(coalesce(f.due_on, d.day), d.day), f.amount, false
    from bi.planned_fee f cross join day d),
  part (contract, client, legal_entity, currency, month, to_bill, revenue, cash) as (
    select contract, client, legal_entity, currency, date_trunc('month', on_day)::date, amount, null::numeric,
      null::numeric from ask
    union all
    select a.contract, a.client, a.legal_entity, a.currency, date_trunc('month', a.on_day + coalesce(g.pays_in, 0))::date,
      null, null, round(a.amount * (100 + coalesce(g.tax_rate, 0)) / 100, bi.minor_digits(a.currency))
    from ask a left join agreed g on g.contract = a.contract where not (a.is_work and coalesce(g.is_ahead, false))
    union all
    select r.contract, r.client, r.legal_entity, r.currency, date_trunc('month', greatest(r.due_on, d.day))::date, null,
      null, r.open
    from bi.receivable r cross join day d where r.open <> 0
    union all
    select s.contract, c.client, s.legal_entity, s.currency, to_date(s.period, 'YYYY-MM'), null,
      greatest(s.planned - s.recognised, 0), null
    from bi.revenue_schedule s join bi.contract c on c.contract = s.contract
    join bi.obligation o on o.obligation = s.obligation and o.status is distinct from 'closed' cross join day d
    where to_date(s.period, 'YYYY-MM') >= d.month)
  select contract, client, legal_entity, currency, to_char(month, 'YYYY-MM') as period,
    round(coalesce(sum(to_bill), 0), bi.minor_digits(currency)) as to_bill, coalesce(sum(revenue), 0) as revenue,
    coalesce(sum(cash), 0) as cash
  from part where currency is not null group by contract, client, legal_entity, currency, month
  having coalesce(sum(to_bill), 0) <> 0 or coalesce(sum(revenue), 0) <> 0 or coalesce(sum(cash), 0) <> 0;

-- How long things take.

create view bi.reimbursement as
  select x.expense, x.number, x.project, x.contract, x.legal_entity, x.resource, x.incurred_on, x.approved_on,
    s.reimbursed_on, x.cost, coalesce(s.reimbursed, 0) as reimbursed,
    case when s.reimbursable is false then 0 else greatest(x.cost - coalesce(s.reimbursed, 0), 0) end as owed, x.currency,
    coalesce(s.reimbursed_on, d.day) - coalesce(x.approved_on, x.incurred_on) as days,
    s.reimbursable
  from bi.expense x join views.expense s on s.id = x.expense cross join bi.position d
  where s.reimbursable or s.reimbursed > 0;

create view bi.cycle_time as
  with bill as materialized (
    select b.entity, b.invoice, min(b.issued_on) as issued_on from bi.bill b
    where b.kind in ('time', 'expense') group by b.entity, b.invoice),
  posted as (
    select c.to_entity as invoice, min(views.date_of(p.fields #>> '{postedOn,value}')) as day
    from views.coverage c join views.entity p on p.id = c.from_entity
    where c.live and c.rel = 'posts' and c.to_kind = 'invoice' group by c.to_entity),
  paid as (
    select c.to_entity as invoice, max(views.date_of(p.fields #>> '{receivedOn,value}')) as day
    from views.coverage c join views.entity p on p.id = c.from_entity and p.kind = 'payment'
    where c.live and c.rel = 'settles' and c.to_kind = 'invoice' group by c.to_entity),
  step (step, place, client, legal_entity, begins_on, days) as (
    select 'approve', 1, client, legal_entity, worked_on, approved_on - worked_on from bi.time where approval = 'approved'
    union all
    select 'bill', 2, t.client, t.legal_entity, coalesce(t.approved_on, t.worked_on),
      b.issued_on - coalesce(t.approved_on, t.worked_on)
    from bi.time t join bill b on b.entity = t.time
    union all
    select 'post', 3, i.client, i.legal_entity, i.issued_on, p.day - i.issued_on
    from bi.invoice i join posted p on p.invoice = i.invoice where i.in_force
    union all
    select 'pay', 4, i.client, i.legal_entity, i.issued_on, p.day - i.issued_on
    from bi.invoice i join paid p on p.invoice = i.invoice where i.in_force and i.document_type <> 'credit_note')
  select client, legal_entity, to_char(begins_on, 'YYYY-MM') as period, step, place, count(*) as items,
    percentile_disc(0.5) within group (order by days) as median_days,
    percentile_disc(0.9) within group (order by days) as days_of_nine_in_ten, max(days) as longest_days
  from step where days is not null group by client, legal_entity, 3, step, place;

-- Phases, clients, retainers.

create view bi.phase_margin as
  with part as (
    select t.contract, t.project, t.task, coalesce(t.billed_currency, t.currency, t.cost_currency) as currency,
      case when t.billed_currency is not null then t.billed_sixtieths end as billed, null::numeric as unbilled,
      null::numeric as cost, t.hours_recorded as hours
    from bi.time t
    union all
    select t.contract, t.project, t.task, t.currency, null, t.left_sixtieths, null, null from bi.time t where t.unbilled
    union all
    select t.contract, t.project, t.task, t.cost_currency, null, null, t.cost_sixtieths, null from bi.time t
    where t.cost_sixtieths is not null
    union all
    select f.contract, f.project, f.part, f.billed_currency, f.billed_sixtieths, null, null, null from bi.fee f
    where f.kind = 'task' and f.billed_sixtieths is not null
    union all
    select f.contract, f.project, f.part, f.currency, null, f.left_sixtieths, null, null from bi.fee f
    where f.kind = 'task' and f.unbilled),
  sums as (
    select contract, project, task, currency, round(sum(hours), 2) as hours,
      coalesce(bi.money(sum(billed), currency), 0) as billed, coalesce(bi.money(sum(unbilled), currency), 0) as unbilled,
      coalesce(bi.money(sum(cost), currency), 0) as time_cost
    from part group by contract, project, task, currency)
  select s.contract, s.project, p.client, p.legal_entity, s.task, n.name, s.currency, s.hours, s.billed, s.unbilled,
    s.billed + s.unbilled as earned, s.time_cost, s.billed + s.unbilled - s.time_cost as margin
  from sums s left join bi.project p on p.project = s.project
  left join lateral (
    select t ->> 'name' as name from views.entity e cross join lateral jsonb_array_elements(e.fields #> '{tasks,value}') t
    where e.id = s.project and t ->> 'task' = s.task limit 1) n on true;

create view bi.client_golden as
  with pair as (
    select a as client, b as other, confidence, evidence, id from views.proposal where kind = 'client'
    union all select b, a, confidence, evidence, id from views.proposal where kind = 'client'),
  twin as (
    select client, array_agg(other order by confidence desc, other) as duplicates, max(confidence) as confidence
    from pair group by client)
  select c.id as client, c.number, c.name, c.registration_no, c.tax_ids, c.currency, n.entity as parent, c.active,
    c.blocked, array(select distinct split_part(split_part(m, '/', 2), ':', 1) from unnest(c.members) m order by 1)
      as systems, c.members as records, coalesce(t.duplicates, '{}') as may_also_be, t.confidence, c.live
  from views.client c left join bi.name n on n.kind = 'client' and n.name = c.parent left join twin t on t.client = c.id;

create or replace view bi.retainer_balance as
  with moved as materialized (
    select c.to_entity as invoice, sum(c.amount) filter (where c.rel = 'settles' and c.from_stream ^@ 'payment/') as paid,
      sum(c.amount) filter (where c.from_stream ^@ 'invoice/') as drawn
    from views.coverage c where c.live and c.rel in ('settles', 'prepays') and c.to_kind = 'invoice' group by c.to_entity),
  retainer as (
    select i.*, greatest(coalesce(m.paid, 0), coalesce(i.said_settled, 0)) as paid, coalesce(m.drawn, 0) as drawn,
      coalesce((e.fields #>> '{billing,value,retainer,clientMoney}')::boolean, false) as is_client_money,
      e.fields #>> '{billing,value,retainer,available}' as available_when
    from bi.invoice i left join moved m on m.invoice = i.invoice left join views.entity e on e.id = i.contract
    where i.in_force and i.document_type = 'prepayment'),
  there as (
    select r.*, case when is_client_money or available_when = 'paid' then paid else gross end as there from retainer r)
  select invoice, number, client, contract, legal_entity, issued_on, currency, gross as asked, paid, drawn,
    paid - drawn as balance, is_client_money, greatest(there - drawn, 0) as available,
    greatest(drawn - there, 0) as overdrawn
  from there;

-- What the ceilings of the ledger's day leave no room for, as the proposal lets it: the earlier day goes first, an hour
-- that does not fit as a whole is parted.

create type bi.ceiling_limit as (ceiling text, scope text, of text, unit text, agreed numeric, used numeric, taxed numeric,
  counts_expenses boolean);
create type bi.ready_item as (record text, part text, kind text, line text, role text, sixtieths numeric, size numeric,
  unit text, step numeric);

create function bi.beyond(limits bi.ceiling_limit[], items bi.ready_item[])
returns table (record text, part text, ceiling text, sixtieths numeric) immutable parallel safe language plpgsql as $$
declare
  i bi.ready_item;
  counted numeric[];
  room numeric;
  fits numeric;
begin
  foreach i in array items loop
    counted := '{}'; ceiling := null; fits := i.size;
    for n in 1 .. cardinality(limits) loop
      counted[n] := case
        when limits[n].scope = 'line' and limits[n].of is distinct from i.line then 0
        when limits[n].scope = 'role' and limits[n].of is distinct from i.role then 0
        when i.kind = 'expense' and not limits[n].counts_expenses then 0
        when limits[n].unit is null then i.sixtieths / 60 * limits[n].taxed
        else coalesce(bi.converted(i.size, i.unit, limits[n].unit), 0) end;
      room := greatest(0, limits[n].agreed - limits[n].used);
      if counted[n] > room then
        ceiling := coalesce(ceiling, limits[n].ceiling);
        fits := least(fits, i.size * room / counted[n]);
      end if;
    end loop;
    if ceiling is null then
      fits := i.size;
    else
      fits := coalesce(floor(fits / i.step) * i.step, 0);
      record := i.record; part := i.part;
      sixtieths := i.sixtieths - case when fits > 0 then i.sixtieths * fits / i.size else 0 end;
      return next;
    end if;
    for n in 1 .. cardinality(limits) loop
      limits[n].used := limits[n].used + case when ceiling is null then counted[n] when fits > 0
        then counted[n] * fits / i.size else 0 end;
    end loop;
  end loop;
end
$$;

create view bi.over_ceiling as
  with burn as materialized (select * from bi.contract_burn),
  over as materialized (select distinct contract from burn where committed > agreed),
  ready as materialized (
    select t.contract, t.time as record, null::text as part, 'time' as kind, t.contract_line as line, t.role, t.worked_on
        as dated, t.left_sixtieths as sixtieths, bi.converted(t.minutes, 'MIN', q.unit) * t.left_sixtieths
        / nullif(bi.sixtieths(t.minutes, 'MIN', t.price, t.per), 0) as size, q.unit,
      case when not exists (select from jsonb_array_elements(t.write_downs) d where not d ? 'quantity')
        then case q.unit when 'MIN' then 1 else 0.01 end end as step
    from bi.time t join views.entity e on e.id = t.time
    cross join lateral (select coalesce(e.fields #>> '{billableQuantity,value,unit}',
      e.fields #>> '{approval,value,quantity,unit}', e.fields #>> '{quantity,value,unit}')) q (unit)
    where t.reason is null and t.contract in (select contract from over)
    union all
    select x.contract, x.expense, null, 'expense', x.contract_line, null, x.incurred_on, x.left_value * 60, null, null, null
    from bi.expense x where x.reason is null and x.contract in (select contract from over)
    union all
    select f.contract, f.record, f.part, 'fee', f.contract_line, null, f.dated, f.left_sixtieths, f.quantity, f.unit, null
    from bi.fee f where f.reason is null and not f.is_ahead and f.contract in (select contract from over)),
  item as materialized (
    select r.contract, array_agg((r.record, r.part, r.kind, r.line, r.role, r.sixtieths, r.size, r.unit, r.step)
      ::bi.ready_item order by r.dated nulls first, (r.record || coalesce('#' || r.part, '')) collate "C") as items
    from ready r group by r.contract),
  term as (
    select b.contract, b.ceiling, b.scope, b.of, case b.measure when 'quantity' then b.unit end as unit, b.agreed,
      case when b.scope = 'customer' then b.committed - coalesce((
        select bi.money(sum(r.sixtieths), b.unit) from ready r where r.contract = b.contract), 0) else b.billed end as used,
      case when (k.value ->> 'countsTax')::boolean
        then (100 + coalesce((e.fields #>> '{billing,value,tax,rate}')::numeric, 0)) / 100 else 1 end as taxed,
      coalesce((k.value ->> 'countsExpenses')::boolean, false) as counts_expenses
    from burn b join views.entity e on e.id = b.contract
    cross join lateral (
      select k.value from jsonb_array_elements(bi.ceilings_on(e.fields #> '{ceilings,value}',
        e.fields #> '{ceilingTerms,value}', (select day from bi.position))) k where k.value ->> 'id' = b.ceiling) k
    where b.contract in (select contract from over)),
  limits as (
    select t.contract, array_agg((t.ceiling, t.scope, t.of, t.unit, t.agreed, t.used, t.taxed, t.counts_expenses)
      ::bi.ceiling_limit order by case t.scope when 'role' then 0 when 'line' then 1 when 'customer' then 3 else 2 end,
      t.ceiling collate "C", t.unit nulls first, t.of) as limits
    from term t group by t.contract)
  select c.client, i.contract, c.legal_entity, b.record, b.part, b.ceiling, c.currency, b.sixtieths,
    bi.money(b.sixtieths, c.currency) as value
  from item i join limits l on l.contract = i.contract join bi.contract c on c.contract = i.contract
  cross join lateral bi.beyond(l.limits, i.items) b;

-- What every view and column means.

do $$
declare
  c record;
begin
  create temporary table said (view text, name text, meaning text, primary key (view, name)) on commit drop;
  insert into said values
    ('*', 'client', 'The client: the id of its entity.'),
    ('*', 'contract', 'The contract: the id of its entity; null = none is known.'),
    ('*', 'project', 'The project: the id of its entity; null = it is under the contract alone.'),
    ('*', 'engagement', 'The contract: the id of its entity.'),
    ('*', 'legal_entity', 'The legal entity it belongs to: the id of its entity.'),
    ('*', 'resource', 'Who spent it: the id of their entity.'),
    ('*', 'currency', 'Currency of the amounts, ISO 4217; null = nothing tells one.'),
    ('*', 'number', 'Its business number as printed; never its identity.'),
    ('*', 'name', 'Its name.'),
    ('*', 'status', 'Its status, as its owner says.'),
    ('*', 'ends_on', 'Its last day; null = open.'),
    ('*', 'live', 'Whether any source still has it.'),
    ('*', 'period', 'Calendar month, YYYY-MM.'),
    ('*', 'kind', 'instalment, milestone, subscription, usage or task.'),
    ('*', 'part', 'The instalment, the period as subscription@first day, the use or the task; null = the milestone itself.'),
    ('*', 'description', 'What it is for.'),
    ('*', 'due_on', 'When it is due; null = nobody says.'),
    ('*', 'approved_on', 'The day of the approval, UTC.'),
    ('*', 'billed', 'What documents in force ask for, before tax.'),
    ('*', 'unbilled', 'What is approved or due, billable and not billed.'),
    ('revenue_movement', '', 'Fact: what moves revenue billed and not earned, of contracts of which revenue is told, as '
      'ledger prove has it: documents before tax, prepayments left out, and recognitions. Signed as it adds.'),
    ('revenue_movement', 'item', 'The document or the obligation: the id of its entity.'),
    ('revenue_movement', 'moved_on', 'The day of it, by the date that the record bears; -infinity = none.'),
    ('revenue_movement', 'movement', 'invoiced, cancelled (also replaced), credited, recognised (negative), taken_back.'),
    ('revenue_movement', 'amount', 'Signed as it adds to the balance.'),
    ('revenue_movement', 'stands', 'How far it counts: no more is taken back of a recognition than it was.'),
    ('deferred_roll_forward', '', 'Revenue billed and not earned by month, as ledger prove proves it: opening + invoiced + '
      'cancelled + credited + recognised + taken back = closing. Above nothing the closing is deferred, below it a '
      'contract asset, and neither is a receivable. Before tax, prepayments left out.'),
    ('deferred_roll_forward', 'opening', 'The closing of the month before.'),
    ('deferred_roll_forward', 'invoiced', 'What documents ask for.'),
    ('deferred_roll_forward', 'cancelled', 'What documents ask for no more: cancelled, voided or replaced; negative.'),
    ('deferred_roll_forward', 'credited', 'What credit notes give back; negative.'),
    ('deferred_roll_forward', 'recognised', 'Revenue recognised; negative.'),
    ('deferred_roll_forward', 'taken_back', 'Recognitions taken back.'),
    ('deferred_roll_forward', 'closing', 'What stands of documents less what stands of recognitions.'),
    ('deferred_roll_forward', 'difference', 'closing - (opening + all movements): what was taken back beyond what was '
      'recognised; negative.'),
    ('deferred_roll_forward', 'foots', 'Whether nothing is left over of any document or obligation that moved in the month.'),
    ('deferred_roll_forward', 'deferred', 'The closing where it is above nothing, else 0.'),
    ('deferred_roll_forward', 'contract_asset', 'The closing without its sign where it is below nothing, else 0.'),
    ('planned_fee', '', 'Fact: fees that are agreed and not due yet: instalments nobody released, milestones nobody '
      'accepted, tasks nobody closed, use and periods of subscriptions after the ledger''s day (of those without a last '
      'day for a year). Of contracts that are terminated or closed none.'),
    ('planned_fee', 'amount', 'What is to be billed of it, before tax.'),
    ('backlog', '', 'What is agreed and not billed, by contract: backlog = contracted - billed. Contracted = the sum of its '
      'fees (instalments, milestones not cancelled, tasks, periods to its end, use as it was counted), else of its lines, '
      'else its smallest ceiling of money. In the contract''s currency, before tax, money spent left out.'),
    ('backlog', 'basis', 'What contracted is told by: fees, lines or ceiling; null = nothing tells it.'),
    ('backlog', 'contracted', 'What is agreed; null = nothing tells it.'),
    ('backlog', 'backlog', 'contracted - billed; negative = more is billed than agreed; null = nothing tells it.'),
    ('backlog', 'is_over', 'Whether it is terminated or closed: what is left will not come.'),
    ('forecast', '', 'What comes, month by month from that of the ledger''s day: to bill = what is unbilled now, this month, and '
      'planned fees when they are due (those overdue this month); revenue = what schedules of revenue still plan, of '
      'obligations that are open; cash = what is open of documents when it is due (what is overdue this month), and what '
      'is to be billed with the contract''s tax, after the days of payment (net) that the contract agrees, else its '
      'client, else none (3650 at most); work under a retainer is paid by that. Work nobody did yet is in none of them.'),
    ('forecast', 'to_bill', 'What is to be billed, before tax.'),
    ('forecast', 'revenue', 'What is to be recognised, before tax.'),
    ('forecast', 'cash', 'What is to come in, with tax.'),
    ('over_ceiling', '', 'What may be billed but for a ceiling that leaves no room for it, piece by piece, as the proposal '
      'lets it, by the ceilings of the ledger''s day: narrower ceilings before wider ones, the earlier day first; of an '
      'hour that does not fit as a whole, the part that does not. What only the ceiling of an earlier day leaves no room '
      'for is not in it.'),
    ('over_ceiling', 'record', 'The piece of work: the id of its entity; of a fee of the contract the contract''s.'),
    ('over_ceiling', 'part', 'The instalment, period, use or task; null = the record as a whole.'),
    ('over_ceiling', 'ceiling', 'The first that is used up: its id within the contract.'),
    ('over_ceiling', 'sixtieths', 'What does not fit, exact, in sixtieths of the currency.'),
    ('over_ceiling', 'value', 'The same as money.'),
    ('reimbursement', '', 'Expenses that a person gets back: days = the day it was last paid back, else the ledger''s day, less '
      'the day of its approval, else of the cost.'),
    ('reimbursement', 'expense', 'The id of its entity.'),
    ('reimbursement', 'incurred_on', 'The day of the cost.'),
    ('reimbursement', 'reimbursed_on', 'When any of it was last paid back; null = not yet, or nobody says when.'),
    ('reimbursement', 'cost', 'What it cost.'),
    ('reimbursement', 'reimbursed', 'What was paid back.'),
    ('reimbursement', 'owed', 'cost - reimbursed; never below 0.'),
    ('reimbursement', 'days', 'How long it took, or waits.'),
    ('reimbursement', 'reimbursable', 'Whether the person gets it back; null = not said, but some was paid back.'),
    ('cycle_time', '', 'How many days a step takes, by client and the month in which it begins: the median, and within how '
      'many days nine in ten are done. Only what is done counts. approve = from work to its approval; bill = from '
      'approval to the document; post = from the document to its first posting; pay = to the last payment that settles '
      'any of it.'),
    ('cycle_time', 'period', 'Month in which the step begins, YYYY-MM; null = nobody says when.'),
    ('cycle_time', 'step', 'approve, bill, post or pay.'),
    ('cycle_time', 'place', 'In which order they come, from 1.'),
    ('cycle_time', 'items', 'Pieces of work, or documents.'),
    ('cycle_time', 'median_days', 'Half of them took no longer.'),
    ('cycle_time', 'days_of_nine_in_ten', 'Nine in ten took no longer.'),
    ('cycle_time', 'longest_days', 'The longest.'),
    ('phase_margin', '', 'Margin by phase, a task of a project: margin = billed + unbilled - cost of time, of its hours and, '
      'where it is a task for a fee, its fee. Fees of the whole contract and expenses are in engagement_margin.'),
    ('phase_margin', 'task', 'The task within the project; null = none is stated.'),
    ('phase_margin', 'hours', 'Hours recorded.'),
    ('phase_margin', 'earned', 'billed + unbilled.'),
    ('phase_margin', 'time_cost', 'Cost of its hours.'),
    ('phase_margin', 'margin', 'earned - time_cost.'),
    ('client_golden', '', 'Each client once, each field by its owner''s word, with the records it is made of and the clients '
      'that may be the same; a person decides, nothing is merged by itself.'),
    ('client_golden', 'currency', 'The currency it is billed in, ISO 4217.'),
    ('client_golden', 'registration_no', 'Its company registration.'),
    ('client_golden', 'tax_ids', 'Its tax registrations, as JSON.'),
    ('client_golden', 'parent', 'The client it belongs to: the id of its entity.'),
    ('client_golden', 'active', 'Whether it is still worked for.'), ('client_golden', 'blocked', 'Whether it is blocked.'),
    ('client_golden', 'systems', 'The systems that have it.'),
    ('client_golden', 'records', 'Its records, by stream.'),
    ('client_golden', 'may_also_be', 'Clients that may be the same, the likeliest first: the ids of their entities.'),
    ('client_golden', 'confidence', 'How likely the likeliest is, from 0 to 1; null = none is proposed.'),
    ('retainer_balance', '', 'Prepayments in force: balance = paid - drawn. Where its source says it is paid and payments '
      'come to less, that is believed, as a proposal does. There to draw on is what was asked for, or what was paid where '
      'the contract says so or it is client money.'),
    ('retainer_balance', 'is_client_money', 'Whether it stays the client''s until an invoice draws on it, by the contract''s '
      'terms: to be kept apart.'),
    ('retainer_balance', 'available', 'What may be drawn yet; never below 0.'),
    ('retainer_balance', 'overdrawn', 'How much more was drawn than there is; 0 = none.');

  for c in select v.relname as view, a.attname as name, coalesce(own.meaning, shared.meaning) as meaning
           from pg_class v join pg_attribute a on a.attrelid = v.oid and a.attnum > 0
           left join said own on own.view = v.relname and own.name = a.attname
           left join said shared on shared.view = '*' and shared.name = a.attname
           where v.relnamespace = 'bi'::regnamespace and v.relkind = 'v'
             and col_description(v.oid, a.attnum) is null loop
    execute format('comment on column bi.%I.%I is %L', c.view, c.name, c.meaning);
  end loop;
  for c in select view, meaning from said where name = '' loop
    execute format('comment on view bi.%I is %L', c.view, c.meaning);
  end loop;
end
$$;

do $$
begin
  if exists (select from pg_roles where rolname = 'ledger_bi') then
    grant select on all tables in schema bi to ledger_bi;
  end if;
end
$$;
