-- The past is judged by what was in force then: role, grade and cost of the day of work, and the ceilings of today. A
-- cost below nothing is to be billed like any other. Whoever reads bi may not look into views by name, so these
-- functions know what they call.

create function bi.dated(now jsonb, said jsonb, day date) returns jsonb immutable parallel safe language sql
return case when coalesce(said, '[]') = '[]' or said #> '{-1,value}' is distinct from now then now
    else (
      select s.value -> 'value' from jsonb_array_elements(said) with ordinality s
      where coalesce(views.date_of(s.value ->> 'from'), '-infinity') <= day order by s.ordinality desc limit 1) end;
comment on function bi.dated is 'What counts on a day of what was said with the days it counts from; where that does not '
  'come to what the record says now, a person or another system put that over it, and it counts for every day.';

create function bi.ceilings_on(now jsonb, said jsonb, day date) returns jsonb immutable parallel safe language sql
return (
  with term as (
    select s.value ->> 'of' as of, s.value -> 'value' as value, s.ordinality as place,
      coalesce(views.date_of(s.value ->> 'from'), '-infinity') <= day as begun
    from jsonb_array_elements(coalesce(said, '[]')) with ordinality s),
  ceiling as (
    select of, min(place) as place, (array_agg(value order by place desc))[1] as last,
      (array_agg(value order by place desc) filter (where begun))[1] as "then"
    from term group by of)
  select case when coalesce(jsonb_agg(last order by place) filter (where last is not null), '[]')
      is distinct from coalesce(now, '[]') then coalesce(now, '[]')
    else coalesce(jsonb_agg("then" order by place) filter (where "then" is not null), '[]') end
  from ceiling);
comment on function bi.ceilings_on is 'The ceilings of a contract that count on a day, by the same rule.';

create view bi.resource_term as
  with said as (
    select e.id, e.fields #> '{role,value}' as role, e.fields #> '{grade,value}' as grade,
      e.fields #> '{costRate,value}' as cost, e.fields #> '{roles,value}' as roles, e.fields #> '{grades,value}' as grades,
      e.fields #> '{costRates,value}' as costs
    from views.entity e where e.kind = 'resource'),
  day as (
    select id, '-infinity'::date as begins_on from said
    union
    select s.id, views.date_of(t.value ->> 'from') from said s cross join lateral jsonb_array_elements(
      coalesce(s.roles, '[]') || coalesce(s.grades, '[]') || coalesce(s.costs, '[]')) t
    where t.value ? 'from'),
  term as (
    select d.id, d.begins_on, lead(d.begins_on) over (partition by d.id order by d.begins_on) - 1 as ends_on,
      bi.dated(s.role, s.roles, d.begins_on) as role, bi.dated(s.grade, s.grades, d.begins_on) as grade,
      bi.dated(s.cost, s.costs, d.begins_on) as cost
    from day d join said s on s.id = d.id)
  select t.id as resource, nullif(t.begins_on, '-infinity') as begins_on, t.ends_on, t.role #>> '{}' as role,
    t.grade #>> '{}' as grade, (t.cost ->> 'amount')::numeric as cost_rate, t.cost ->> 'currency' as cost_currency,
    t.cost ->> 'per' as cost_per
  from term t;

comment on view bi.resource_term is 'What each resource was in the firm, and cost it, from day to day: work has the role, '
  'the grade and the cost of its own day.';
comment on column bi.resource_term.resource is 'The id of their entity.';
comment on column bi.resource_term.begins_on is 'The first day; null = from the beginning.';
comment on column bi.resource_term.ends_on is 'The last day; null = until now.';
comment on column bi.resource_term.role is 'What they did in the firm.';
comment on column bi.resource_term.grade is 'Their grade.';
comment on column bi.resource_term.cost_rate is 'What one unit of them cost the firm.';
comment on column bi.resource_term.cost_currency is 'Currency of cost_rate.';
comment on column bi.resource_term.cost_per is 'Unit of cost_rate.';
comment on column bi.resource.role is 'What they do in the firm: the role that begins last.';
comment on column bi.resource.cost_rate is 'What one unit of them costs the firm: the one that begins last.';

create or replace view bi.time as
  with project as materialized (
    select p.*, c.currency as contract_currency, c.status as contract_status,
      c.begins_on as contract_begins_on, c.ends_on as contract_ends_on,
      (e.fields #>> '{approval,value,time}')::boolean as contract_approval,
      (e.fields #>> '{billing,value,subcontractors,passedThrough}')::boolean as passed_through,
      (e.fields #>> '{billing,value,subcontractors,markupPercent}')::numeric as markup
    from bi.project p left join bi.contract c on c.contract = p.contract
    left join views.entity e on e.id = p.contract),
  task as materialized (
    select distinct on (e.id, t.value ->> 'task') e.id as project, t.value ->> 'task' as task, t.value ->> 'name' as name,
      (t.value ->> 'billable')::boolean as billable, (t.value ->> 'fixedFee')::boolean as fixed_fee
    from views.entity e cross join lateral
      jsonb_array_elements(coalesce(e.fields #> '{tasks,value}', '[]')) with ordinality t
    where e.kind = 'project' order by e.id, t.value ->> 'task', t.ordinality),
  assigned as materialized (
    select e.id as project, n.entity as resource, a.ordinality as place, a.value ->> 'role' as role,
      views.date_of(a.value ->> 'from') as begins_on, views.date_of(a.value ->> 'to') as ends_on
    from views.entity e cross join lateral
      jsonb_array_elements(coalesce(e.fields #> '{assignments,value}', '[]')) with ordinality a
    join bi.name n on n.kind = 'resource'
      and n.name = views.text_of(a.value -> 'resource', e.fields #>> '{assignments,source}')
    where e.kind = 'project' and a.value ? 'role'),
  resource as materialized (select * from bi.resource),
  term as materialized (select * from bi.resource_term),
  said as materialized (
    select e.id, e.fields, e.legal_entity, e.live,
      views.text_of(e.fields #> '{project,value}', e.fields #>> '{project,source}') as project,
      views.text_of(e.fields #> '{resource,value}', e.fields #>> '{resource,source}') as resource,
      coalesce(e.fields #> '{billableQuantity,value}', e.fields #> '{approval,value,quantity}',
        e.fields #> '{quantity,value}') as to_bill
    from views.entity e where e.kind = 'time' and e.live and e.fields <> '{}'),
  entry as materialized (
    select e.id, e.fields #>> '{number,value}' as number, e.legal_entity, np.entity as project, nr.entity as resource,
      e.resource as resource_said, views.date_of(e.fields #>> '{workedOn,value}') as worked_on,
      e.fields #>> '{task,value}' as task, e.fields #>> '{activity,value}' as activity,
      (e.fields #>> '{billable,value}')::boolean as billable, e.fields #>> '{approval,value,status}' as approval,
      (views.instant_of(e.fields #>> '{approval,value,at}') at time zone 'UTC')::date as approved_on,
      (e.fields #>> '{quantity,value,value}')::numeric as recorded, e.fields #>> '{quantity,value,unit}' as recorded_unit,
      (e.fields #>> '{approval,value,quantity,value}')::numeric as approved,
      e.fields #>> '{approval,value,quantity,unit}' as approved_unit,
      (e.to_bill ->> 'value')::numeric - coalesce(down.quantity, 0) as to_bill, e.to_bill ->> 'unit' as unit,
      (e.to_bill ->> 'value')::numeric as size,
      coalesce(down.off, false) as off, coalesce(down.amount, 0) as down_amount, down.currency as down_currency,
      (e.fields #>> '{billRate,value,amount}')::numeric as said_price, e.fields #>> '{billRate,value,currency}'
        as said_currency, e.fields #>> '{billRate,value,per}' as said_per,
      e.fields #> '{costRate,value}' as cost_rate, e.fields #> '{writeDowns,value}' as write_downs,
      e.fields #>> '{quantity,source}' as said_by
    from said e
    left join bi.name np on np.kind = 'project' and np.name = e.project
    left join bi.name nr on nr.kind = 'resource' and nr.name = e.resource
    left join lateral (
      select bool_or((d.value ->> 'off')::boolean) as off,
        sum(bi.converted((d.value #>> '{quantity,value}')::numeric, d.value #>> '{quantity,unit}', e.to_bill ->> 'unit'))
          filter (where not (d.value ->> 'off')::boolean) as quantity,
        sum((d.value ->> 'amount')::numeric)
          filter (where not (d.value ->> 'off')::boolean and not d.value ? 'quantity') as amount,
        max(d.value ->> 'currency') as currency
      from jsonb_array_elements(e.fields #> '{writeDowns,value}') d) down on e.fields ? 'writeDowns'),
  roled as materialized (
    select distinct on (e.id) e.id, a.role from entry e join assigned a on a.project = e.project and a.resource = e.resource
      and e.worked_on >= coalesce(a.begins_on, '-infinity') and e.worked_on <= coalesce(a.ends_on, 'infinity')
    order by e.id, a.place),
  asked as materialized (
    select e.id, e.project, e.worked_on, e.task, t.name as task_name, p.names as projects, e.resource,
      coalesce(r.names, array[]::text[]) || array_remove(array[e.resource_said], null) as resources,
      coalesce(o.role, k.role) as role, k.grade, k.cost_rate, k.cost_currency, k.cost_per
    from entry e left join project p on p.project = e.project left join resource r on r.resource = e.resource
    left join task t on t.project = e.project and t.task = e.task left join roled o on o.id = e.id
    left join term k on k.resource = e.resource
      and coalesce(e.worked_on, 'infinity') >= coalesce(k.begins_on, '-infinity')
      and coalesce(e.worked_on, 'infinity') <= coalesce(k.ends_on, 'infinity')),
  rate as materialized (
    select r.*, case when task is not null then 0 when resource is not null then 1 when role is not null then 2
        when grade is not null then 3 else 4 end as level, num_nonnulls(task, resource, role, grade, project) as named
    from bi.rate r where r.use = 'bill'),
  card as materialized (select * from bi.project_card),
  priced as materialized (
    select distinct on (a.id) a.id, r.price, r.currency, r.per, r.card, r.rate, c.origin, r.level
    from asked a join card c on c.project = a.project
      and a.worked_on >= coalesce(c.begins_on, '-infinity') and a.worked_on <= coalesce(c.ends_on, 'infinity')
    join rate r on r.card = c.card
      and a.worked_on >= r.begins_on and a.worked_on <= coalesce(r.ends_on, 'infinity')
      and (r.role is null or r.role = a.role) and (r.grade is null or r.grade = a.grade)
      and (r.task is null or r.task in (a.task, a.task_name))
      and (r.resource is null or r.resource = any (a.resources))
      and (r.project is null or r.project = any (a.projects))
    order by a.id, c.origin, c.place, c.card_begins_on desc nulls last, c.card, r.level, r.named desc, r.begins_on desc,
      r.position is null, case when r.position is not null then -r.place end, r.rate),
  billed as materialized (
    select b.entity, sum(bi.converted(b.quantity, b.unit, e.unit)) as quantity,
      sum(b.amount) as amount, sum(b.sixtieths) as sixtieths, min(b.currency) as currency,
      bool_or(b.quantity is null and b.amount is null) as whole
    from bi.bill b join entry e on e.id = b.entity group by b.entity),
  draft as materialized (
    select c.to_entity as entity, bool_or(coalesce(i.fields #> '{holds,value}', '[]') <> '[]') as held
    from views.coverage c join views.entity i on i.id = c.from_entity
    where c.rel = 'bills' and not c.live and i.live and i.fields #>> '{status,value}' in ('draft', 'approved')
    group by c.to_entity),
  asks as materialized (
    select s.record_id as source from views.by_source s
    where s.kind = 'source' and s.deleted_by is null and (s.state #>> '{approval,time}')::boolean),
  valued as materialized (
    select e.*, p.client, p.contract, p.contract_line, p.legal_entity as project_legal_entity, a.role,
      coalesce(r.price, nullif(e.said_price, 0), cost.price) as price,
      case when r.price is not null then r.currency when e.said_price <> 0 then e.said_currency else cost.currency end
        as currency,
      case when r.price is not null then r.per when e.said_price <> 0 then e.said_per else cost.per end as per,
      case when r.price is not null then (array['contract', 'contract_card', 'proposal_card', 'client_card',
        'default_card'])[r.origin + 1] when e.said_price <> 0 then 'entry' when cost.price is not null then 'cost' end
        as price_basis,
      r.card, r.rate, e.to_bill - coalesce(b.quantity, 0) as unbilled,
      coalesce(b.whole, false) or (b.quantity is not null
        and e.to_bill - b.quantity <= bi.converted(0.01, 'HUR', e.unit)) as billed_up,
      b.quantity as billed, b.amount as billed_amount, b.sixtieths as billed_sixtieths, b.currency as billed_currency,
      d.held, d.entity is not null as drafted,
      case
        when coalesce(e.billable, t.billable) is false then 'not_billable'
        when e.off then 'written_off'
        when coalesce(t.fixed_fee, p.billing_model not in ('time_and_materials', 'retainer')) then 'paid_by_fee'
        when s.subcontractor and p.passed_through is false then 'absorbed' end as no_bill,
      case
        when e.worked_on > (select day from bi.position) then 'after_date'
        when e.worked_on < p.contract_begins_on or e.worked_on > p.contract_ends_on then 'outside_contract'
        when p.contract_status = 'suspended' or p.status = 'on_hold' then 'hold' end as waits,
      coalesce(p.contract_approval, p.approval, true) and e.approval is distinct from 'approved' as unapproved,
      p.contract_approval is null and p.approval is null and asks.source is null as counts_as_billed,
      p.contract_currency,
      coalesce((e.cost_rate ->> 'amount')::numeric, a.cost_rate) as cost_price,
      case when e.cost_rate is null then a.cost_currency else e.cost_rate ->> 'currency' end as cost_currency,
      case when e.cost_rate is null then a.cost_per else e.cost_rate ->> 'per' end as cost_per
    from entry e join asked a on a.id = e.id
    left join project p on p.project = e.project left join task t on t.project = e.project and t.task = e.task
    left join resource s on s.resource = e.resource left join priced r on r.id = e.id
    left join billed b on b.entity = e.id left join draft d on d.entity = e.id
    left join asks on asks.source = e.said_by
    left join lateral (
      select (e.cost_rate ->> 'amount')::numeric * (100 + coalesce(p.markup, 0)) / 100 as price,
        e.cost_rate ->> 'currency' as currency, e.cost_rate ->> 'per' as per
      where s.subcontractor and p.passed_through) cost on true),
  worth as materialized (
    select v.*, bi.sixtieths(v.to_bill, v.unit, v.price, v.per) - v.down_amount * 60 as standard_sixtieths,
      case when v.down_amount = 0 or v.down_currency = v.currency or v.down_currency is null
        then bi.sixtieths(v.unbilled, v.unit, v.price, v.per) - v.down_amount * 60 - coalesce(v.billed_amount, 0) * 60
        end as left_sixtieths
    from valued v),
  judged as materialized (
    select w.*, case
        when w.billed_up then 'already_billed'
        when w.drafted then case when w.held then 'hold' else 'on_draft' end
        when w.no_bill is not null then w.no_bill
        when w.waits is not null then w.waits
        when w.unapproved then 'not_approved'
        when w.contract is null then 'no_contract'
        when w.to_bill is null or w.unbilled <= 0 then 'no_quantity'
        when w.price is null or (w.left_sixtieths is null and w.down_amount = 0) then 'no_rate'
        when w.currency is distinct from w.contract_currency or w.left_sixtieths is null then 'other_currency'
        when w.left_sixtieths <= 0 and w.billed_amount > 0 then 'already_billed'
        when w.left_sixtieths <= 0 and w.down_amount > 0 then 'written_off' end as reason
    from worth w)
  select j.id as time, j.number, j.client, j.contract, j.contract_line, j.project, j.resource,
    coalesce(l.entity, j.project_legal_entity) as legal_entity, j.worked_on, j.task, j.activity, j.role, j.approval,
    j.approved_on, j.no_bill is distinct from 'not_billable' as billable, j.reason,
    not j.billed_up and j.no_bill is null and not j.unapproved and coalesce(j.unbilled, 0) > 0
      and not coalesce(j.left_sixtieths <= 0 and j.down_amount + coalesce(j.billed_amount, 0) > 0, false) as unbilled,
    round(bi.converted(j.recorded, j.recorded_unit, 'HUR'), 4) as hours_recorded,
    round(bi.converted(coalesce(j.approved, case when j.approval = 'approved' then j.recorded end),
      coalesce(j.approved_unit, j.recorded_unit), 'HUR'), 4) as hours_approved,
    round(bi.converted(j.to_bill, j.unit, 'HUR'), 4) as hours_to_bill,
    round(bi.converted(j.billed, j.unit, 'HUR'), 4) as hours_billed,
    round(bi.converted(case when j.billed_up then 0 else j.unbilled end, j.unit, 'HUR'), 4) as hours_left,
    j.price, j.per, j.price_basis, j.card, j.rate, j.currency, j.standard_sixtieths,
    case when j.billed_up then 0 else j.left_sixtieths end as left_sixtieths,
    bi.money(case when j.billed_up then 0 else j.left_sixtieths end, j.currency) as left_value,
    j.billed_sixtieths, bi.money(j.billed_sixtieths, j.billed_currency) as billed_value, j.billed_currency,
    bi.sixtieths(j.billed, j.unit, j.price, j.per) as billed_standard_sixtieths,
    bi.sixtieths(j.recorded, j.recorded_unit, j.cost_price, j.cost_per) as cost_sixtieths, j.cost_currency,
    bi.converted(j.size, j.unit, 'MIN') as minutes,
    coalesce(bi.converted(coalesce(j.approved, j.recorded), coalesce(j.approved_unit, j.recorded_unit), 'MIN'),
      bi.converted(j.size, j.unit, 'MIN')) as minutes_approved,
    greatest(j.worked_on, case when j.approval = 'approved' then j.approved_on end, '-infinity') as accrued_on,
    j.no_bill as never, j.unapproved, coalesce(j.unapproved and j.no_bill is null and j.counts_as_billed, false)
      as counts_as_billed, j.write_downs
  from judged j left join views.entity_member l on l.stream = j.legal_entity;

create or replace view bi.expense as
  with project as materialized (
    select p.*, c.currency as contract_currency, c.status as contract_status,
      c.begins_on as contract_begins_on, c.ends_on as contract_ends_on,
      (e.fields #>> '{approval,value,expense}')::boolean as contract_approval, e.fields #> '{billing,value}' as terms
    from bi.project p left join bi.contract c on c.contract = p.contract
    left join views.entity e on e.id = p.contract),
  rule as materialized (
    select p.project, r.value ->> 'category' as category, (r.value ->> 'passedThrough')::boolean as passed_through,
      (r.value ->> 'markupPercent')::numeric as markup, (r.value ->> 'amountMax')::numeric as amount_max
    from project p cross join lateral jsonb_array_elements(coalesce(p.terms #> '{expenses,categories}', '[]')) r),
  entry as materialized (
    select e.id, e.fields #>> '{number,value}' as number, e.legal_entity, np.entity as project, nr.entity as resource,
      views.date_of(e.fields #>> '{incurredOn,value}') as incurred_on, e.fields #>> '{category,value}' as category,
      (e.fields #>> '{amount,value}')::numeric as amount, e.fields #>> '{currency,value}' as currency,
      (e.fields #>> '{billableAmount,value}')::numeric as billable_amount,
      (e.fields #>> '{billable,value}')::boolean as billable, e.fields #>> '{approval,value,status}' as approval,
      (views.instant_of(e.fields #>> '{approval,value,at}') at time zone 'UTC')::date as approved_on,
      coalesce((e.fields #>> '{writtenOff,value}')::boolean, false) as written_off,
      views.date_of(e.fields #>> '{writtenOffOn,value}') as written_off_on, e.fields #>> '{amount,source}' as said_by,
      coalesce(e.fields #> '{attachments,value}', '[]') <> '[]' as has_receipt
    from views.entity e
    left join bi.name np on np.kind = 'project'
      and np.name = views.text_of(e.fields #> '{project,value}', e.fields #>> '{project,source}')
    left join bi.name nr on nr.kind = 'resource'
      and nr.name = views.text_of(e.fields #> '{resource,value}', e.fields #>> '{resource,source}')
    where e.kind = 'expense' and e.live and e.fields <> '{}'),
  billed as materialized (
    select b.entity, sum(b.amount) as amount, sum(b.sixtieths) as sixtieths, min(b.currency) as currency,
      bool_or(b.amount is null) as whole
    from bi.bill b where b.kind = 'expense' group by b.entity),
  draft as materialized (
    select c.to_entity as entity, bool_or(coalesce(i.fields #> '{holds,value}', '[]') <> '[]') as held
    from views.coverage c join views.entity i on i.id = c.from_entity
    where c.rel = 'bills' and not c.live and i.live and i.fields #>> '{status,value}' in ('draft', 'approved')
    group by c.to_entity),
  asks as materialized (
    select s.record_id as source from views.by_source s
    where s.kind = 'source' and s.deleted_by is null and (s.state #>> '{approval,expense}')::boolean),
  worth as materialized (
    select e.*, p.client, p.contract, p.contract_line, p.legal_entity as project_legal_entity, p.contract_currency,
      round(least(coalesce(e.billable_amount, e.amount * (100 + coalesce(
          case when e.category = 'subcontractor' then (p.terms #>> '{subcontractors,markupPercent}')::numeric
            else coalesce(r.markup, (p.terms #>> '{expenses,markupPercent}')::numeric) end, 0)) / 100), r.amount_max),
        bi.minor_digits(e.currency)) as to_bill,
      b.amount as billed_amount, b.sixtieths as billed_sixtieths, b.currency as billed_currency,
      b.entity is not null as billed, coalesce(b.whole, false) as whole, d.held, d.entity is not null as drafted,
      case when e.category = 'subcontractor' then (p.terms #>> '{subcontractors,passedThrough}')::boolean
        else coalesce(r.passed_through, (p.terms #>> '{expenses,passedThrough}')::boolean) end is false as absorbed,
      case
        when e.incurred_on > (select day from bi.position) then 'after_date'
        when e.incurred_on < p.contract_begins_on or e.incurred_on > p.contract_ends_on then 'outside_contract'
        when p.contract_status = 'suspended' or p.status = 'on_hold' then 'hold' end as waits,
      coalesce(p.contract_approval, p.approval, true) and e.approval is distinct from 'approved' as unapproved,
      p.contract_approval is null and p.approval is null and asks.source is null as counts_as_billed,
      e.amount > (p.terms #>> '{expenses,receiptAbove}')::numeric and not e.has_receipt as receipt_missing
    from entry e left join project p on p.project = e.project
    left join rule r on r.project = e.project and r.category = e.category
    left join billed b on b.entity = e.id left join draft d on d.entity = e.id
    left join asks on asks.source = e.said_by),
  judged as materialized (
    select w.*, w.to_bill - coalesce(w.billed_amount, 0) as left_value, case
        when w.whole or (w.billed and w.to_bill - w.billed_amount <= 0) then 'already_billed'
        when w.drafted then case when w.held then 'hold' else 'on_draft' end
        when w.billable is false then 'not_billable'
        when w.written_off then 'written_off'
        when w.absorbed then 'absorbed'
        when w.waits is not null then w.waits
        when w.unapproved then 'not_approved'
        when w.receipt_missing then 'missing_document'
        when w.contract is null then 'no_contract'
        when w.to_bill is null or w.currency is null then 'no_rate'
        when w.currency is distinct from w.contract_currency then 'other_currency'
        when w.to_bill = 0 then 'not_billable' end as reason
    from worth w)
  select j.id as expense, j.number, j.client, j.contract, j.contract_line, j.project, j.resource,
    coalesce(l.entity, j.project_legal_entity) as legal_entity, j.incurred_on, j.category, j.approval, j.approved_on,
    j.amount as cost, j.currency, j.to_bill,
    case when j.reason = 'already_billed' then 0 else j.left_value end as left_value,
    bi.money(j.billed_sixtieths, j.billed_currency) as billed_value, j.billed_sixtieths, j.billed_currency, j.reason,
    j.billable is distinct from false and not j.written_off and not j.absorbed and not j.unapproved
      and j.reason is distinct from 'already_billed' and coalesce(j.left_value, 0) <> 0 as unbilled,
    greatest(j.incurred_on, case when j.approval = 'approved' then j.approved_on end, '-infinity') as accrued_on,
    case when j.billable is false then 'not_billable' when j.written_off then 'written_off'
      when j.absorbed then 'absorbed' end as never, j.unapproved, coalesce(j.unapproved and j.billable is distinct from
      false and not j.written_off and not j.absorbed and j.counts_as_billed, false) as counts_as_billed,
    j.written_off_on
  from judged j left join views.entity_member l on l.stream = j.legal_entity;

-- Ceilings in force on the ledger's day.

create or replace view bi.contract_burn as
  with ceiling as materialized (
    select c.contract, c.client, c.legal_entity, c.currency, k.value ->> 'id' as ceiling,
      coalesce(k.value ->> 'scope', 'contract') as scope, k.value ->> 'of' as of, m.measure, m.agreed, m.unit,
      coalesce((k.value ->> 'countsTax')::boolean, false) as counts_tax,
      coalesce((k.value ->> 'countsExpenses')::boolean, false) as counts_expenses,
      coalesce((e.fields #>> '{billing,value,tax,rate}')::numeric, 0) as tax_rate
    from bi.contract c join views.entity e on e.id = c.contract
    cross join lateral jsonb_array_elements(bi.ceilings_on(
      e.fields #> '{ceilings,value}', e.fields #> '{ceilingTerms,value}', (select day from bi.position))) k
    cross join lateral (values
      ('amount', (k.value ->> 'amount')::numeric, c.currency),
      ('quantity', (k.value #>> '{qty,value}')::numeric, k.value #>> '{qty,unit}')) m (measure, agreed, unit)
    where c.live and m.agreed is not null),
  item as materialized (
    select t.contract, t.contract_line, t.role, 'time' as kind, t.billed_sixtieths, t.billed_currency,
      coalesce(t.hours_billed, 0) as hours_billed, case when t.reason is null then t.left_sixtieths end as left_sixtieths,
      t.currency, case when t.reason is null then t.hours_left else 0 end as hours_left
    from bi.time t where t.contract is not null
    union all
    select x.contract, x.contract_line, null, 'expense', x.billed_sixtieths, x.billed_currency, 0,
      case when x.reason is null then x.left_value * 60 end, x.currency, 0
    from bi.expense x where x.contract is not null
    union all
    select f.contract, f.contract_line, null, 'fee',
      case when f.kind in ('instalment', 'milestone') then f.billed_sixtieths end, f.billed_currency, 0,
      case when f.reason is null and not f.is_ahead then f.left_sixtieths end, f.currency,
      case when f.reason is null then bi.converted(f.quantity, f.unit, 'HUR') end
    from bi.fee f where f.contract is not null),
  of_documents as (
    select k.contract, k.ceiling, round(sum(a.net + case when k.counts_tax then a.tax else 0 end
      + case when k.counts_expenses then a.expenses + case when k.counts_tax then a.expenses_tax else 0 end else 0 end),
      bi.minor_digits(k.currency)) as billed
    from ceiling k join bi.document_asking a on a.currency = k.currency join bi.contract c on c.contract = a.contract
    where (k.contract = a.contract or (k.scope = 'customer' and k.client = c.client)) and k.measure = 'amount'
      and k.scope not in ('line', 'role') group by k.contract, k.ceiling, k.currency),
  used as materialized (
    select i.contract, c.client, i.contract_line, i.role, i.kind, i.billed_currency, i.currency,
      sum(i.billed_sixtieths) as billed_sixtieths, sum(i.left_sixtieths) as left_sixtieths,
      sum(i.hours_billed) as hours_billed, sum(i.hours_left) as hours_left
    from item i join bi.contract c on c.contract = i.contract group by 1, 2, 3, 4, 5, 6, 7),
  met as (
    select k.contract, k.client, k.legal_entity, k.ceiling, k.scope,
      case k.scope when 'line' then u.contract_line when 'role' then u.role end as of, k.measure, k.agreed, k.unit,
      k.currency, k.measure = 'amount' as is_money,
      case when k.counts_tax then (100 + k.tax_rate) / 100 else 1 end as taxed, u.billed_sixtieths, u.billed_currency,
      u.left_sixtieths, u.currency as left_currency, u.hours_billed, u.hours_left
    from ceiling k left join used u
      on (u.contract = k.contract or (k.scope = 'customer' and u.client = k.client and k.measure = 'amount'))
      and (k.counts_expenses or u.kind <> 'expense')
      and (k.of is null or k.of = case k.scope when 'line' then u.contract_line when 'role' then u.role else k.of end)
      and case k.scope when 'line' then u.contract_line is not null when 'role' then u.role is not null else true end),
  burn as (
    select contract, client, legal_entity, ceiling, scope, of, measure, agreed, unit, coalesce(case
        when is_money and scope not in ('line', 'role')
        then (select d.billed from of_documents d where d.contract = met.contract and d.ceiling = met.ceiling)
        when is_money then bi.money(sum(billed_sixtieths * taxed) filter (where billed_currency = currency), currency)
        else round(bi.converted(sum(hours_billed), 'HUR', unit), 2) end, 0) as billed,
      coalesce(case when is_money
        then bi.money(sum(left_sixtieths * taxed) filter (where left_currency = currency), currency)
        else round(bi.converted(sum(hours_left), 'HUR', unit), 2) end, 0) as unbilled
    from met group by contract, client, legal_entity, ceiling, scope, of, measure, agreed, unit, currency, is_money)
  select contract, client, legal_entity, ceiling, scope, of, measure, unit, agreed, billed, unbilled,
    billed + unbilled as committed, agreed - billed - unbilled as remaining,
    round((billed + unbilled) * 100 / nullif(agreed, 0), 1) as committed_percent,
    case when billed + unbilled > agreed then 'over' when billed + unbilled = agreed then 'reached' else 'within' end
      as status
  from burn;


-- The headline is what its questions are (see 0029).

create or replace view bi.headline as
  with day as materialized (select day from bi.position),
  time as materialized (select * from bi.time),
  expense as materialized (select * from bi.expense),
  work (kind, dated, currency, sixtieths, unbilled, reason) as materialized (
    select 'time', worked_on, currency, left_sixtieths, unbilled, reason from time
    union all select 'expense', incurred_on, currency, left_value * 60, unbilled, reason from expense
    union all select kind, dated, currency, left_sixtieths, unbilled, reason from bi.fee
      where reason is not null or left_sixtieths <> 0),
  posted as materialized (
    select distinct c.to_entity as entity from views.coverage c
    where c.live and c.rel = 'posts' and c.to_kind in ('time', 'expense')),
  approved as (
    select time as id from time where approval = 'approved'
    union all select expense from expense where approval = 'approved'),
  lost as (
    select w.currency, w.sixtieths / 60 as amount from work w, day d where w.unbilled and d.day - w.dated > 60
    union all
    select t.currency, bi.money(t.billed_standard_sixtieths, t.currency) - t.billed_value from time t
    where t.billed_currency = t.currency and bi.money(t.billed_standard_sixtieths, t.currency) > t.billed_value),
  earned as (
    select i.currency, i.net - i.replaced_net as amount from bi.invoice i where i.in_force and not i.superseded
    union all select w.currency, w.sixtieths / 60 from work w where w.unbilled
    union all select t.cost_currency, -t.cost_sixtieths / 60 from time t where t.cost_sixtieths is not null
    union all select x.currency, -x.cost from expense x),
  figure (place, question, words, figure, unit) as (
    select 1, 'unbilled_work', 'approved and not billed', bi.money(sum(w.sixtieths), w.currency), w.currency
    from work w where w.unbilled and w.currency is not null group by w.currency
    union all
    select 2, 'billing_readiness', 'of it may not be billed now', count(*), 'items'
    from work w where w.unbilled and w.reason is not null
    union all
    select 3, 'contract_burn', 'reached or passed', count(*), 'ceilings'
    from bi.contract_burn b where b.status <> 'within'
    union all
    select 4, 'approved_not_posted', 'approved and not in the books', count(*), 'items'
    from approved a where not exists (select from posted p where p.entity = a.id)
    union all
    select 5, 'invoices_not_posted', 'issued and not in the books', count(*), 'documents' from bi.invoices_not_posted
    union all
    select 6, 'amendments_not_synchronised', 'that a copy was never told of', count(*), 'contracts'
    from bi.amendments_not_synchronised
    union all
    select 7, 'receivable_ageing', 'overdue', sum(r.open), r.currency
    from bi.receivable r where r.open <> 0 and r.days_overdue > 0 group by r.currency
    union all
    select 8, 'utilization', 'of recorded hours are billable',
      round(sum(t.hours_to_bill) filter (where t.billable) * 100 / nullif(sum(t.hours_recorded), 0), 1), 'percent'
    from time t
    union all
    select 9, 'realization', 'of the standard value was billed, ' || t.currency,
      round(sum(t.billed_sixtieths) * 100 / nullif(sum(t.billed_standard_sixtieths), 0), 1), 'percent'
    from time t where t.billed_standard_sixtieths is not null and t.billed_currency = t.currency group by t.currency
    union all
    select 10, 'leakage', 'is being lost', round(sum(l.amount), bi.minor_digits(l.currency)), l.currency
    from lost l where l.currency is not null group by l.currency
    union all
    select 11, 'engagement_margin', 'earned less its cost', round(sum(e.amount), bi.minor_digits(e.currency)), e.currency
    from earned e where e.currency is not null group by e.currency)
  select place, question, words, figure, unit from figure;

create function pg_temp.at_once(asked regclass, names text) returns text language sql as $$
  select regexp_replace(regexp_replace(rtrim(pg_get_viewdef(asked), ';'),
    '\mbi\.("?)(' || names || ')("?)(?=\s*[\n,)]|$)', 'whole_\2 as \1\2\3', 'g'),
    '\mbi\."?(' || names || ')"?(?= )', 'whole_\1', 'g')
$$;

do $$
declare
  name text;
  whole text := '';
  names text[] := array['contract', 'project', 'bill', 'time', 'expense', 'subscription_period', 'fee',
    'contract_burn', 'invoice', 'receivable', 'invoices_not_posted'];
  any_name text := array_to_string(names, '|');
begin
  foreach name in array names loop
    whole := whole
      || format('whole_%s as materialized (%s), ', name, pg_temp.at_once(format('bi.%I', name)::regclass, any_name));
  end loop;
  execute 'create or replace view bi.headline as with ' || whole
    || regexp_replace(pg_temp.at_once('bi.headline', any_name), '^\s*with\s', '', 'i');
end
$$;

drop function pg_temp.at_once;

do $$
begin
  if exists (select from pg_roles where rolname = 'ledger_bi') then
    grant select on all tables in schema bi to ledger_bi;
  end if;
end
$$;
