-- Fees of every billing model: instalments, milestones, periods of subscriptions, metered use and tasks for a fee, by the
-- rules of Domain/Rating's proposal. Each is a fact of one view, so that what is not billed of it is in every question.

create function bi.rounded(amount numeric, digits int, mode text) returns numeric immutable parallel safe language sql as $$
  select round(case coalesce(mode, 'half_away_from_zero')
    when 'half_away_from_zero' then amount
    when 'down' then cut
    when 'up' then cut + case when cut = amount then 0 else sign(amount) * unit end
    when 'half_towards_zero' then case when abs(amount - cut) * 2 > unit then amount else cut end
    when 'half_even' then case when abs(amount - cut) * 2 = unit and mod(cut / unit, 2) = 0 then cut else amount end
    end, digits)
  from (select trunc(amount, digits), 10::numeric ^ -digits) c (cut, unit)
$$;
comment on function bi.rounded(numeric, int, text) is 'An amount rounded in a contract''s mode; null = half away from zero.';

create view bi.subscription_period as
  with term as materialized (
    select c.contract, coalesce(c.currency, p.currency) as currency, e.fields #>> '{rounding,value,mode}' as rounding,
      s.value ->> 'subscription' as subscription,
      coalesce(s.value ->> 'description', s.value ->> 'subscription') as description,
      (s.value ->> 'amount')::numeric as amount,
      least(greatest(coalesce((s.value ->> 'months')::int, 1), 1), 9999) as months,
      coalesce((s.value ->> 'inAdvance')::boolean, false) as in_advance,
      coalesce(views.date_of(s.value ->> 'from'), c.begins_on) as begins_on,
      least(views.date_of(s.value ->> 'to'), c.ends_on) as ends_on
    from bi.contract c join views.entity e on e.id = c.contract
    cross join lateral jsonb_array_elements(e.fields #> '{billing,value,subscriptions}') s
    left join (
      select contract, case when count(distinct currency) = 1 then min(currency) end as currency
      from bi.project where live group by contract) p on p.contract = c.contract and c.currency is null
    where c.live),
  until as (
    select t.*, least(coalesce(t.ends_on, (d.day + interval '1 year')::date), '2099-12-31') as last_day
    from term t cross join bi.position d),
  cut as (
    select u.*, f.first_on, f.last_on, least(f.last_on, u.ends_on) as ends
    from until u
    cross join lateral generate_series(0, (extract(year from u.last_day)::int * 12 + extract(month from u.last_day)::int
      - extract(year from u.begins_on)::int * 12 - extract(month from u.begins_on)::int) / u.months) n
    cross join lateral (
      select (u.begins_on + make_interval(months => n * u.months))::date,
        (u.begins_on + make_interval(months => (n + 1) * u.months))::date - 1) f (first_on, last_on)
    where f.first_on <= u.last_day)
  select contract, subscription, description, first_on, ends as last_on,
    case when in_advance then first_on else ends end as due_on, currency,
    case when ends = last_on then amount else bi.rounded(amount * (ends - first_on + 1) / (last_on - first_on + 1),
      bi.minor_digits(currency), rounding) end as to_bill
  from cut;

create view bi.fee as
  with day as materialized (select day from bi.position),
  project as materialized (select * from bi.project),
  agreed as materialized (
    select c.contract, c.client, c.legal_entity, c.status, c.model, c.begins_on, c.ends_on,
      coalesce(c.currency, p.currency) as currency, e.fields #> '{schedule,value}' as schedule,
      e.fields #> '{lines,value}' as lines, e.fields #> '{billing,value,usage}' as meters,
      e.fields #> '{usage,value}' as usage, c.live
    from bi.contract c join views.entity e on e.id = c.contract
    left join (
      select contract, case when count(distinct currency) = 1 then min(currency) end as currency
      from project where live group by contract) p on p.contract = c.contract),
  line as materialized (
    select distinct on (a.contract, l.value ->> 'line') a.contract, l.value ->> 'line' as line,
      (l.value ->> 'amount')::numeric as amount, l.value ->> 'model' as model, jsonb_array_length(a.lines) = 1 as is_only
    from agreed a cross join lateral jsonb_array_elements(a.lines) with ordinality l
    order by a.contract, l.value ->> 'line', l.ordinality),
  item as (
    select a.contract, i.ordinality as place, i.value ->> 'item' as item, i.value ->> 'description' as description,
      views.date_of(i.value ->> 'dueOn') as due_on, views.date_of(i.value ->> 'releasedOn') as released_on,
      i.value ->> 'line' as contract_line, k.line, i.value ? 'percent' as is_share,
      coalesce(k.model, a.model, '') = 'retainer' as is_ahead, bi.minor_digits(a.currency) as digits,
      case when i.value ? 'percent' then k.amount * (i.value ->> 'percent')::numeric / 100
        else (i.value ->> 'amount')::numeric end as worth
    from agreed a cross join lateral jsonb_array_elements(a.schedule) with ordinality i
    left join line k on k.contract = a.contract and case when i.value ? 'line' then k.line = i.value ->> 'line'
      else k.is_only end
    where a.live),
  cut as (
    select i.*, floor(worth * 10::numeric ^ digits) / 10::numeric ^ digits as base,
      row_number() over (of_line order by worth - floor(worth * 10::numeric ^ digits) / 10::numeric ^ digits desc, place)
        as turn,
      (round(sum(worth) over of_line, digits) - sum(floor(worth * 10::numeric ^ digits) / 10::numeric ^ digits)
        over of_line) * 10::numeric ^ digits as units
    from item i window of_line as (partition by contract, line, is_share)),
  instalment as (
    select c.*, case when not is_share then worth
      else round(base + case when turn <= round(units) then 10::numeric ^ -digits else 0 end, digits) end as to_bill
    from cut c),
  milestone as materialized (
    select e.id, e.fields, nc.entity as own_contract, np.entity as project, coalesce(nc.entity, p.contract) as contract,
      coalesce(l.entity, p.legal_entity) as legal_entity, p.client, views.date_of(e.fields #>> '{dueOn,value}') as due_on,
      views.date_of(e.fields #>> '{acceptedOn,value}') as accepted_on
    from views.entity e
    left join bi.name np on np.kind = 'project'
      and np.name = views.text_of(e.fields #> '{project,value}', e.fields #>> '{project,source}')
    left join bi.name nc on nc.kind = 'contract'
      and nc.name = views.text_of(e.fields #> '{contract,value}', e.fields #>> '{contract,source}')
    left join project p on p.project = np.entity left join views.entity_member l on l.stream = e.legal_entity
    where e.kind = 'milestone' and e.live and e.fields <> '{}'),
  period as (select s.* from bi.subscription_period s cross join day d where s.due_on <= d.day),
  counted as (
    select a.contract, a.currency, u.value ->> 'usage' as usage, views.date_of(u.value ->> 'usedOn') as used_on,
      (u.value #>> '{quantity,value}')::numeric as quantity, u.value #>> '{quantity,unit}' as unit,
      u.value ->> 'meter' as meter, a.meters,
      sum((u.value #>> '{quantity,value}')::numeric) over (
        partition by a.contract, u.value ->> 'meter', substring(u.value ->> 'usedOn' for 7)
        order by u.value ->> 'usedOn', (u.value ->> 'usage') collate "C") - (u.value #>> '{quantity,value}')::numeric
        as before
    from agreed a cross join lateral jsonb_array_elements(a.usage) u where a.live),
  used as (
    select c.*, coalesce(m.value ->> 'description', c.meter) as description,
      case when c.quantity <= 0 then 0 when t.units = c.quantity and t.fits then t.sixtieths end as sixtieths
    from counted c
    left join lateral (
      select m.value from jsonb_array_elements(c.meters) with ordinality m where m.value ->> 'meter' = c.meter
      order by m.ordinality limit 1) m on true
    left join lateral (
      select sum(p.units) as units, sum(p.sixtieths) filter (where p.units > 0) as sixtieths,
        bool_and(p.units = 0 or (p.currency = c.currency and p.sixtieths is not null)) as fits
      from (
        select q.units, r.value #>> '{price,currency}' as currency, bi.sixtieths(q.units, c.unit,
            (r.value #>> '{price,amount}')::numeric, r.value #>> '{price,per}') as sixtieths
        from (
          select t.value, (t.value ->> 'upTo')::numeric as up_to,
            row_number() over tiers as place, lag((t.value ->> 'upTo')::numeric) over tiers as below
          from jsonb_array_elements(m.value -> 'tiers') with ordinality t
          window tiers as (order by (t.value ->> 'upTo')::numeric nulls last, t.ordinality)) r
        cross join lateral (
          select greatest(0, least(c.before + c.quantity, coalesce(r.up_to, 'infinity')) - greatest(c.before,
            coalesce(r.below, case when r.place = 1 then '-infinity' else 'infinity' end::numeric)))) q (units)) p) t
      on m.value is not null),
  task as (
    select p.*, t.value ->> 'task' as task, coalesce(t.value ->> 'name', t.value ->> 'task') as description,
      views.date_of(t.value ->> 'closedOn') as closed_on, (t.value ->> 'budget')::numeric as to_bill,
      a.status as contract_status, coalesce(a.currency, p.currency) as fee_currency
    from project p join views.entity e on e.id = p.project left join agreed a on a.contract = p.contract
    cross join lateral jsonb_array_elements(e.fields #> '{tasks,value}') t
    where p.live and (p.contract is null or a.live) and (t.value ->> 'fixedFee')::boolean
      and coalesce(jsonb_array_length(a.schedule), 0) = 0
      and not exists (select from milestone m where m.contract = p.contract)),
  due as (
    select 'instalment' as kind, i.contract as record, i.item as part, a.client, i.contract, i.contract_line,
      null::text collate "C" as project, a.legal_entity, i.description, coalesce(i.released_on, i.due_on) as dated,
      i.due_on, i.released_on, null::numeric as quantity, null::text as unit, a.currency, i.to_bill * 60 as sixtieths,
      a.status, i.is_ahead, case when i.released_on is null then 'not_released'
        when i.released_on > d.day then 'after_date' end as waits, null::text as lacks
    from instalment i join agreed a on a.contract = i.contract cross join day d
    union all
    select 'milestone', m.id, null, coalesce(a.client, m.client), m.contract, m.fields #>> '{contractLine,value}',
      m.project, m.legal_entity, m.fields #>> '{name,value}', coalesce(m.accepted_on, m.due_on), m.due_on, m.accepted_on,
      null, null, coalesce(m.fields #>> '{currency,value}', a.currency),
      coalesce((m.fields #>> '{amount,value}')::numeric, round(
        (m.fields #>> '{percent,value}')::numeric * l.amount / 100, bi.minor_digits(a.currency))) * 60, a.status, false,
      case when m.fields #>> '{status,value}' = 'cancelled' then 'cancelled'
        when m.fields #>> '{status,value}' <> 'accepted' then 'not_accepted'
        when m.accepted_on > d.day then 'after_date' end,
      case when coalesce(m.fields #> '{evidence,value}', '[]') = '[]' then 'missing_document'
        when m.contract is null then 'no_contract'
        when coalesce(m.fields #>> '{currency,value}', a.currency) is distinct from a.currency then 'other_currency' end
    from milestone m left join agreed a on a.contract = m.contract
    left join line l on l.contract = m.contract and case when m.fields ? 'contractLine'
      then l.line = m.fields #>> '{contractLine,value}' else l.is_only end
    cross join day d
    union all
    select 'subscription', p.contract, p.subscription || '@' || to_char(p.first_on, 'YYYY-MM-DD'), a.client, p.contract,
      null, null, a.legal_entity, p.description, p.due_on, p.due_on, null, null, null, a.currency, p.to_bill * 60, a.status,
      false, null, null
    from period p join agreed a on a.contract = p.contract
    union all
    select 'usage', u.contract, u.usage, a.client, u.contract, null, null, a.legal_entity, u.description, u.used_on,
      u.used_on, null, u.quantity, u.unit, a.currency, u.sixtieths, a.status, false,
      case when u.used_on > d.day then 'after_date' end,
      case when u.used_on < a.begins_on or u.used_on > a.ends_on then 'outside_contract' end
    from used u join agreed a on a.contract = u.contract cross join day d
    union all
    select 'task', t.project, t.task, t.client, t.contract, t.contract_line, t.project, t.legal_entity, t.description,
      t.closed_on, t.closed_on, t.closed_on, null, null, t.fee_currency, t.to_bill * 60,
      case when t.status = 'on_hold' then 'suspended' else t.contract_status end, false,
      case when t.closed_on is null then 'not_released' when t.closed_on > d.day then 'after_date' end,
      case when t.contract is null then 'no_contract' end
    from task t cross join day d),
  billed as materialized (
    select b.entity, b.part, sum(b.amount) as amount, sum(b.sixtieths) as sixtieths, bool_or(b.amount is null) as whole,
      min(b.currency) as currency
    from bi.bill b where b.kind in ('contract', 'milestone', 'project') group by b.entity, b.part),
  draft as materialized (
    select c.to_entity as entity, c.to_part as part, sum(c.amount) as amount,
      bool_or(c.amount is null or c.quantity is not null) as whole,
      bool_or(coalesce(i.fields #> '{holds,value}', '[]') <> '[]') as held
    from views.coverage c join views.entity i on i.id = c.from_entity
    where c.rel = 'bills' and not c.live and c.to_kind in ('contract', 'milestone', 'project') and i.kind = 'invoice'
      and i.live and i.fields #>> '{status,value}' in ('draft', 'approved') group by c.to_entity, c.to_part),
  met as (
    select f.*, b.sixtieths as billed_sixtieths, b.currency as billed_currency,
      f.sixtieths - coalesce(b.amount, 0) * 60 as rest, coalesce(g.amount, 0) * 60 as drafted, g.held,
      b.entity is not null and (b.whole or f.kind not in ('instalment', 'milestone')
        or coalesce(f.sixtieths - b.amount * 60, 0) <= 0) as billed_up,
      g.entity is not null and (g.whole
        or coalesce(f.sixtieths - (coalesce(b.amount, 0) + g.amount) * 60, 0) <= 0) as drafted_up
    from due f left join billed b on b.entity = f.record and b.part is not distinct from f.part
    left join draft g on g.entity = f.record and g.part is not distinct from f.part),
  rest as (
    select m.*, case when billed_up then 0 when drafted_up then rest else rest - drafted end as left_sixtieths from met m)
  select kind, record, part, client, contract, contract_line, project, legal_entity, description, dated, due_on,
    released_on, quantity, unit, currency, bi.money(sixtieths, currency) as to_bill, left_sixtieths,
    bi.money(left_sixtieths, currency) as left_value, billed_sixtieths,
    bi.money(billed_sixtieths, billed_currency) as billed_value, billed_currency, is_ahead,
    case when billed_up then 'already_billed'
      when drafted_up then case when held then 'hold' else 'on_draft' end
      when waits is not null then waits when lacks is not null then lacks when status = 'suspended' then 'hold'
      when sixtieths is null or currency is null then 'no_rate' end as reason,
    not billed_up and waits is null as unbilled
  from rest;

create or replace view bi.milestone as
  select f.record as milestone, e.fields #>> '{number,value}' as number, e.fields #>> '{name,value}' as name, f.client,
    f.contract, f.contract_line, f.project, f.legal_entity, e.fields #>> '{status,value}' as status, f.due_on,
    views.date_of(e.fields #>> '{completedOn,value}') as completed_on, f.released_on as accepted_on, f.currency, f.to_bill,
    f.left_value, f.billed_value, f.billed_sixtieths, f.billed_currency, f.reason, f.unbilled
  from bi.fee f join views.entity e on e.id = f.record where f.kind = 'milestone';

create or replace view bi.instalment as
  select f.contract, f.part as item, f.client, f.legal_entity, f.contract_line, f.description, f.due_on, f.released_on,
    f.currency, f.to_bill, f.left_value, f.billed_value, f.billed_sixtieths, f.billed_currency, f.reason, f.unbilled
  from bi.fee f where f.kind = 'instalment';

create or replace view bi.billing_readiness as
  select 'time' as kind, t.time as record, null::text as part, t.client, t.contract, t.contract_line, t.project,
    t.legal_entity, t.worked_on as dated, t.approved_on, t.hours_left as hours, t.currency,
    t.left_sixtieths as sixtieths, t.left_value as value, t.unbilled, t.reason, t.role
  from bi.time t
  union all
  select 'expense', x.expense, null, x.client, x.contract, x.contract_line, x.project, x.legal_entity, x.incurred_on,
    x.approved_on, null, x.currency, x.left_value * 60, x.left_value, x.unbilled, x.reason, null
  from bi.expense x
  union all
  select f.kind, f.record, f.part, f.client, f.contract, f.contract_line, f.project, f.legal_entity, f.dated,
    f.released_on, null, f.currency, f.left_sixtieths, f.left_value, f.unbilled, f.reason, null
  from bi.fee f where f.reason is not null or f.left_sixtieths <> 0;

comment on view bi.fee is 'Fact: what is billed for itself and not by the hour: instalments of a billing schedule, milestones, '
  'periods of subscriptions that are due by the ledger''s day, metered use, tasks for a fee. To bill = its amount, else its '
  'share of the contract line, shares by largest remainder; of a period cut short its days of them all; of use its price by '
  'tiers, counted from the first unit of a calendar month. Left = to bill less what live documents, and drafts, ask for; a '
  'period, use and task are billed whole.';
comment on view bi.subscription_period is 'Fact: the periods of subscriptions to their last day, of those without one for a '
  'year from the ledger''s day: what falls due when, whether it is billed or not.';
comment on view bi.milestone is 'Fact: milestones, each once. To bill = its amount, else its share of the contract line.';
comment on view bi.instalment is 'Fact: items of contracts'' billing schedules. To bill = its amount, else its share of the '
  'line, so that shares sum to it.';
comment on view bi.billing_readiness is 'What may be billed now, and why the rest may not: every piece of time, expense and '
  'fee once, with the first reason that holds. Ceilings are in contract_burn.';
comment on view bi.contract_burn is 'Each ceiling and how far it is used: committed = billed + unbilled, where billed = '
  'what documents in force ask for under the contract (of a line or a role, and of hours, what they bill of its work), '
  'no money asked for ahead, and unbilled = what may be billed now of time, expenses and fees, those of a retainer left '
  'out; expenses and tax only where the ceiling counts them. In the contract''s currency, or hours. A ceiling of lines or '
  'roles has a row for each.';
comment on view bi.unbilled_work is 'Approved or due, billable, not billed, by engagement and age, of every billing model: '
  'value = the sum of what is left to bill, rounded once; hours = the sum of hours left. Age = the ledger''s day - the '
  'service date, of a fee the day it was released, accepted, counted or due.';
comment on column bi.leakage.work_unbilled is 'Unbilled time and fees older than 60 days.';

do $$
declare
  c record;
begin
  create temporary table said (view text, name text, meaning text, primary key (view, name)) on commit drop;
  insert into said values
    ('*', 'kind', 'What it is: time, expense, instalment, milestone, subscription, usage or task.'),
    ('*', 'record', 'The piece of work: the id of its entity; of an instalment, a period or use its contract''s, of a task '
      'its project''s.'),
    ('*', 'part', 'The instalment, the period as subscription@first day, the use or the task, by its id.'),
    ('*', 'dated', 'The service date; of a milestone its acceptance, of an instalment its release, else when due; of a '
      'period its last day, or where it is billed in advance its first; of a task its closing.'),
    ('*', 'client', 'The client: the id of its entity.'),
    ('*', 'contract', 'The contract it is under: the id of its entity; null = none is known.'),
    ('*', 'contract_line', 'The line of the contract it is under.'),
    ('*', 'project', 'The project: the id of its entity; null = it is under the contract alone.'),
    ('*', 'legal_entity', 'The legal entity it belongs to: the id of its entity.'),
    ('*', 'description', 'What it is for.'),
    ('*', 'due_on', 'When it is due.'),
    ('*', 'released_on', 'When it was released, accepted or closed; null = not yet, or nobody has to.'),
    ('*', 'quantity', 'Of use, how much.'),
    ('*', 'unit', 'Its unit, a UN/ECE Recommendation 20 code.'),
    ('*', 'currency', 'Currency of the amounts, ISO 4217; null = none is agreed.'),
    ('*', 'subscription', 'Its id within the contract.'),
    ('*', 'first_on', 'First day of the period.'), ('*', 'last_on', 'Its last day, cut short where the term ends.'),
    ('*', 'to_bill', 'What there is to bill of it in all, before tax; null = nothing tells its price.'),
    ('*', 'left_sixtieths', 'What is left to bill, exact, in sixtieths of the currency: sum these, then divide by 60 and '
      'round.'),
    ('*', 'left_value', 'What is left to bill of it.'),
    ('*', 'billed_sixtieths', 'What live documents ask for it, less what was given back, exact, in sixtieths.'),
    ('*', 'billed_value', 'The same as money.'),
    ('*', 'billed_currency', 'Currency of what was billed, ISO 4217.'),
    ('*', 'is_ahead', 'Whether it is a retainer''s: money asked for ahead of the work.'),
    ('*', 'reason', 'Why it may not be billed now, the first that holds; null = it may.'),
    ('*', 'unbilled', 'Whether it is due, released, accepted or closed, and not billed yet, whether or not it may be '
      'billed now.');
  for c in select v.relname as view, a.attname as name, s.meaning
           from pg_class v join pg_attribute a on a.attrelid = v.oid and a.attnum > 0 join said s on s.name = a.attname
           where v.relnamespace = 'bi'::regnamespace and (v.relname in ('fee', 'subscription_period')
             or (v.relname = 'billing_readiness' and s.name in ('kind', 'record', 'part', 'dated', 'project'))) loop
    execute format('comment on column bi.%I.%I is %L', c.view, c.name, c.meaning);
  end loop;
end
$$;

do $$
begin
  if exists (select from pg_roles where rolname = 'ledger_bi') then
    grant select on bi.fee, bi.subscription_period to ledger_bi;
  end if;
end
$$;
