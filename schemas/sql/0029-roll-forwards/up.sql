-- Roll-forwards of work in progress and receivables, and the conservation of hours, by engagement and month: what
-- ledger prove says of the whole firm, in SQL. The proof's definitions are theirs, tests hold the two together.

-- What prices the work of a project, each name looked up once.

create or replace view bi.project_card as
  with name as materialized (select kind, name, entity from bi.name where kind in ('rate_card', 'proposal')),
  contract as materialized (
    select e.id, e.fields -> 'rates' as rates, e.fields -> 'rateCards' as cards,
      views.text_of(e.fields #> '{proposal,value}', e.fields #>> '{proposal,source}') as proposal
    from views.entity e where e.kind = 'contract' and e.live),
  card as materialized (select * from bi.rate_card where live),
  named as materialized (
    select c.id as contract, n.entity as card, a.ordinality - 1 as place, views.date_of(a.value ->> 'from') as begins_on,
      views.date_of(a.value ->> 'to') as ends_on
    from contract c cross join lateral jsonb_array_elements(c.cards -> 'value') with ordinality a
    join name n on n.kind = 'rate_card' and n.name = views.text_of(a.value -> 'card', c.cards ->> 'source')),
  accepted as materialized (
    select p.id, p.fields #>> '{versions,source}' as source, v.value -> 'rateCards' as cards
    from views.entity p cross join lateral jsonb_array_elements(p.fields #> '{versions,value}') v
    where p.kind = 'proposal' and p.live and p.fields #>> '{status,value}' = 'accepted'
      and v.value ->> 'version' = p.fields #>> '{version,value}'),
  offered as materialized (
    select c.id as contract, n.entity as card, a.ordinality - 1 as place
    from contract c join name np on np.kind = 'proposal' and np.name = c.proposal join accepted p on p.id = np.entity
    cross join lateral jsonb_array_elements(p.cards) with ordinality a
    join name n on n.kind = 'rate_card' and n.name = views.text_of(a.value, p.source)),
  project as materialized (select project, client, contract from bi.project where live)
  select p.project, c.id as card, 0 as origin, 0::bigint as place, null::date as begins_on, null::date as ends_on,
    null::date as card_begins_on
  from project p join contract c on c.id = p.contract
  where jsonb_array_length(coalesce(c.rates -> 'value', '[]')) > 0
  union all
  select p.project, k.rate_card, 1, n.place, greatest(k.begins_on, n.begins_on), least(k.ends_on, n.ends_on), k.begins_on
  from project p join named n on n.contract = p.contract join card k on k.rate_card = n.card
  union all
  select p.project, k.rate_card, 2, o.place, k.begins_on, k.ends_on, k.begins_on
  from project p join offered o on o.contract = p.contract join card k on k.rate_card = o.card
  union all
  select p.project, k.rate_card, 3, 0, k.begins_on, k.ends_on, k.begins_on
  from project p join card k on k.client = p.client
  union all
  select p.project, k.rate_card, 4, 0, k.begins_on, k.ends_on, k.begins_on
  from project p cross join card k
  where k.for_anybody and not exists (select from named n where n.card = k.rate_card);

-- Work, with what the balances need of it. An approval's day is that of UTC, whoever asks.

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
      coalesce(o.role, r.role) as role, r.grade
    from entry e left join project p on p.project = e.project left join resource r on r.resource = e.resource
    left join task t on t.project = e.project and t.task = e.task left join roled o on o.id = e.id),
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
      coalesce((e.cost_rate ->> 'amount')::numeric, s.cost_rate) as cost_price,
      case when e.cost_rate is null then s.cost_currency else e.cost_rate ->> 'currency' end as cost_currency,
      case when e.cost_rate is null then s.cost_per else e.cost_rate ->> 'per' end as cost_per
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
      and j.reason is distinct from 'already_billed' and coalesce(j.left_value, 0) > 0 as unbilled,
    greatest(j.incurred_on, case when j.approval = 'approved' then j.approved_on end, '-infinity') as accrued_on,
    case when j.billable is false then 'not_billable' when j.written_off then 'written_off'
      when j.absorbed then 'absorbed' end as never, j.unapproved, coalesce(j.unapproved and j.billable is distinct from
      false and not j.written_off and not j.absorbed and j.counts_as_billed, false) as counts_as_billed,
    j.written_off_on
  from judged j left join views.entity_member l on l.stream = j.legal_entity;

-- What clients owe.

create view bi.issued_document as
  with document as materialized (
    select e.id, e.legal_entity, e.fields, e.fields #>> '{currency,value}' as currency,
      coalesce(e.fields #>> '{documentType,value}', 'invoice') = 'credit_note' as is_note,
      coalesce(views.date_of(e.fields #>> '{issuedOn,value}'), '-infinity') as issued_on,
      case when e.fields #>> '{status,value}' <> 'issued' then greatest(views.date_of(e.fields #>> '{endedOn,value}'),
        coalesce(views.date_of(e.fields #>> '{issuedOn,value}'), '-infinity')) end as ended_on,
      coalesce((e.fields #>> '{totals,value,payable}')::numeric, (e.fields #>> '{totals,value,gross}')::numeric,
        (e.fields #>> '{totals,value,net}')::numeric, (
          select case when count(*) = count(l ->> 'net') then sum((l ->> 'net')::numeric) end
          from jsonb_array_elements(e.fields #> '{lines,value}') l)) as asked
    from views.entity e where e.kind = 'invoice' and e.live and (e.fields #>> '{status,value}' = 'issued'
      or (e.fields #>> '{status,value}' in ('cancelled', 'voided') and e.fields #>> '{issuedOn,value}' is not null))),
  name as materialized (select kind, name, entity from bi.name where kind in ('contract', 'project')),
  contract as materialized (select contract, legal_entity from bi.contract where live),
  project as materialized (
    select project, contract, coalesce(contract, project) as engagement, legal_entity from bi.project where live),
  said as materialized (
    select d.id, 'contract' as kind, views.text_of(r.value, d.fields #>> '{contracts,source}') as name,
      r.ordinality as place, 1 as rank
    from document d cross join lateral jsonb_array_elements(d.fields #> '{contracts,value}') with ordinality r
    union all
    select d.id, 'project', views.text_of(r.value, d.fields #>> '{projects,source}'), r.ordinality, 2
    from document d cross join lateral jsonb_array_elements(d.fields #> '{projects,value}') with ordinality r),
  named as materialized (
    select s.id, coalesce(c.contract, p.engagement) as engagement, s.rank + (s.rank = 2 and p.contract is null)::int
      as rank, s.place
    from said s join name n on n.kind = s.kind and n.name = s.name
    left join contract c on c.contract = n.entity left join project p on p.project = n.entity
    where c.contract is not null or p.project is not null),
  working as materialized (
    select c.from_entity as id, c.ordinal, views.text_of(w.fields #> '{project,value}', w.fields #>> '{project,source}')
      as name
    from views.coverage c join views.entity w on w.id = c.to_entity
    where c.rel = 'bills' and c.to_kind in ('time', 'expense') and c.from_entity in (select id from document)
      and c.from_entity not in (select id from named)),
  worked as (
    select w.id, p.engagement, case when p.contract is null then 5 else 4 end as rank, w.ordinal::bigint as place
    from working w join name n on n.kind = 'project' and n.name = w.name join project p on p.project = n.entity),
  under as (
    select distinct on (u.id) u.id, u.engagement
    from (select id, engagement, rank, place from named union all select * from worked) u
    order by u.id, u.rank, u.place),
  owner (engagement, legal_entity) as materialized (
    select contract, legal_entity from contract union all select project, legal_entity from project where contract is null),
  told as materialized (
    select d.id, d.fields, d.is_note, d.currency, d.issued_on, d.ended_on, u.engagement,
      coalesce(m.entity, d.legal_entity, o.legal_entity) as legal_entity,
      case when d.is_note then -abs(coalesce(d.asked, 0)) else d.asked end as owed
    from document d left join under u on u.id = d.id left join owner o on o.engagement = u.engagement
    left join views.entity_member m on m.stream = d.legal_entity),
  credited as (
    select distinct on (n.id) n.id, t.engagement, t.legal_entity
    from told n join views.coverage c on c.from_entity = n.id and c.rel = 'credits'
      and c.stated_by = n.fields #>> array[case when c.from_part is null then 'preceding' else 'lines' end, 'stream']
    join told t on t.id = c.to_entity and t.id <> n.id
    where n.is_note and n.engagement is null order by n.id, c.ordinal)
  select t.id as invoice, t.fields #>> '{number,value}' as number, t.is_note as is_credit_note,
    coalesce(t.engagement, c.engagement) as engagement, coalesce(t.legal_entity, c.legal_entity) as legal_entity,
    t.currency, t.issued_on, t.ended_on, t.owed
  from told t left join credited c on c.id = t.id;

create view bi.document_end as
  with replacing as materialized (
    select distinct c.to_entity as invoice, c.to_part as line, c.from_entity as by
    from views.coverage c left join views.by_source s on s.stream = c.stated_by
    left join views.entity f on f.id = c.from_entity
    where c.rel in ('replaces', 'corrects') and c.to_kind = 'invoice' and c.from_entity <> c.to_entity and (c.live
      or (s.deleted_by is null and case when s.kind = 'coverage' then (s.state ->> 'withdrawn')::boolean is not true
        else c.stated_by = f.fields #>> array[case when c.from_part is null then 'preceding' else 'lines' end, 'stream']
        end))),
  document as materialized (select * from bi.issued_document),
  ending as (select invoice from document where ended_on is not null union select invoice from replacing),
  part as materialized (
    select invoice, null::text as line from ending
    union select invoice, line from replacing where line is not null
    union select c.from_entity, c.from_part from views.coverage c join ending e on e.invoice = c.from_entity
      where c.rel = 'bills' and c.from_part is not null),
  replaced as materialized (
    select distinct p.invoice, p.line, r.by from part p join replacing r on r.invoice = p.invoice
      and (r.line is null or r.line = p.line)),
  turn as (
    select r.invoice, r.line, greatest(o.issued_on, d.issued_on) as day, 1 as change
    from replaced r join document d on d.invoice = r.invoice join document o on o.invoice = r.by
    union all
    select r.invoice, r.line, greatest(o.ended_on, d.issued_on), -1
    from replaced r join document d on d.invoice = r.invoice join document o on o.invoice = r.by
    where o.ended_on is not null
    union all
    select p.invoice, p.line, d.ended_on, 1 from part p join document d on d.invoice = p.invoice
    where d.ended_on is not null),
  run as (
    select invoice, line, day, sum(change) as change, sum(sum(change)) over (partition by invoice, line order by day)
      as after from turn group by invoice, line, day)
  select invoice, line, day, after > 0 as ends from run where (after > 0) <> (after - change > 0);

create view bi.credit_share as
  with document as materialized (select * from bi.issued_document),
  said as materialized (
    select d.invoice as note, c.to_entity as invoice, c.from_part is null as whole, abs(coalesce(c.amount, 0)) as amount,
      c.ordinal, -d.owed as given, d.currency, bool_or(c.from_part is null) over (partition by d.invoice) as is_stated
    from document d join views.entity e on e.id = d.invoice
    join views.coverage c on c.from_entity = d.invoice and c.rel = 'credits'
      and c.stated_by = e.fields #>> array[case when c.from_part is null then 'preceding' else 'lines' end, 'stream']
    where d.is_credit_note and d.owed < 0 and d.currency is not null),
  weighed as (
    select s.note, s.invoice, s.given, s.currency, s.is_stated, sum(s.amount) as weight, min(s.ordinal) as place
    from said s join document d on d.invoice = s.invoice and d.currency = s.currency
    where s.whole = s.is_stated and s.invoice <> s.note
    group by s.note, s.invoice, s.given, s.currency, s.is_stated),
  summed as (
    select w.*, sum(weight) over n as total, count(*) over n as documents, bi.minor_digits(w.currency) as digits
    from weighed w window n as (partition by note)),
  limited as (
    select s.*, case when not s.is_stated and s.total = abs(coalesce((e.fields #>> '{totals,value,net}')::numeric,
        coalesce((e.fields #>> '{totals,value,gross}')::numeric, (e.fields #>> '{totals,value,payable}')::numeric)
          - coalesce((e.fields #>> '{totals,value,tax}')::numeric, 0), (
          select coalesce(sum((l ->> 'net')::numeric), 0) from jsonb_array_elements(e.fields #> '{lines,value}') l)))
      then s.given else least(s.given, s.total) end as given_here
    from summed s join views.entity e on e.id = s.note where s.documents = 1 or s.total > 0),
  cut as (
    select l.*, case when documents > 1 then trunc(given_here * weight / total, digits) else given end as base
    from limited l),
  ranked as (
    select c.*, row_number() over (partition by note order by
        case when documents > 1 then given_here * weight / total - base else 0 end desc, place) as turn,
      case when documents > 1 then given_here - sum(base) over (partition by note) else 0 end as rest
    from cut c)
  select note, invoice, currency, base
    + case when turn <= trunc(rest * 10::numeric ^ digits) then round(10::numeric ^ -digits, digits) else 0 end
    + case when turn = 1 then rest - trunc(rest, digits) else 0 end as amount
  from ranked;

create function bi.written_off(owed_on date[], owed numeric[], off_on date[], off numeric[])
returns table (day date, amount numeric) immutable parallel safe language plpgsql as $$
declare
  due numeric;
  open numeric;
  said numeric;
  rest numeric := 0;
  given numeric := 0;
  beyond numeric := 0;
  back numeric := 0;
begin
  for day in select distinct x from unnest(owed_on || off_on) x order by x loop
    rest := rest + coalesce((select sum(o.a) from unnest(owed_on, owed) o (x, a) where o.x = day), 0);
    for pass in 1 .. 2 loop
      for i in 1 .. cardinality(off_on) loop
        continue when pass = 1 or off_on[i] <> day;
        open := greatest(0, rest + back);
        said := coalesce(off[i], open);
        beyond := beyond + greatest(0, said - open);
        rest := rest - said;
        given := given + said;
        amount := -said;
        if said <> 0 then return next; end if;
      end loop;
      due := greatest(0, least(given, -rest) - beyond);
      amount := due - back;
      back := due;
      if amount <> 0 then return next; end if;
    end loop;
  end loop;
end
$$;

create view bi.receivable_movement as
  with document as materialized (select * from bi.issued_document),
  share as materialized (select * from bi.credit_share),
  name as materialized (select name, entity from bi.name where kind = 'invoice'),
  payment as materialized (
    select e.id, e.legal_entity, e.fields, e.fields #>> '{currency,value}' as currency,
      views.date_of(e.fields #>> '{receivedOn,value}') as received_on,
      case when e.fields #>> '{status,value}' = 'reversed' then views.date_of(e.fields #>> '{reversedOn,value}') end
        as reversed_on
    from views.entity e where e.kind = 'payment' and e.live
      and (e.fields #>> '{status,value}' is distinct from 'reversed' or e.fields #> '{reversedOn,value}' is not null)),
  applied as materialized (
    select p.id, p.legal_entity, p.currency, p.received_on, p.reversed_on, a.value ->> 'id' as part,
      a.value ->> 'kind' = 'credit' as of_credit, (a.value ->> 'amount')::numeric as amount,
      (a.value ->> 'targetAmount')::numeric as target_amount, coalesce((a.value ->> 'discount')::numeric, 0) as discount,
      a.value -> 'fx' as fx, views.date_of(a.value ->> 'appliedOn') as applied_on,
      case when (a.value ->> 'withdrawn')::boolean then views.date_of(a.value ->> 'withdrawnOn') end as withdrawn_on,
      views.text_of(a.value -> 'credit', p.fields #>> '{applications,source}') as credit, c.to_entity as target
    from payment p cross join lateral jsonb_array_elements(p.fields #> '{applications,value}') a
    left join lateral (
      select c.to_entity from views.coverage c where c.stated_by = p.fields #>> '{applications,stream}'
        and c.rel = 'settles' and c.from_part = a.value ->> 'id' limit 1) c on true
    where (a.value ->> 'withdrawn')::boolean is not true or a.value ? 'withdrawnOn'),
  settling as (
    select a.*, d.invoice, d.engagement, d.currency as owed_in, coalesce(d.legal_entity, m.entity, a.legal_entity)
        as owed_to, greatest(a.applied_on, case when a.applied_on is null then a.received_on end, d.issued_on,
        '-infinity') as moved_on, least(a.withdrawn_on, a.reversed_on) as until,
      case when a.target_amount is null then a.currency else d.currency end as settled_in,
      coalesce(a.target_amount, a.amount) + a.discount as settled
    from applied a left join document d on d.invoice = a.target
    left join views.entity_member m on m.stream = a.legal_entity where a.of_credit is not true),
  paid as (
    select s.*, coalesce(s.discount + case
        when s.target_amount is null or s.fx is null then null
        when s.fx ->> 'currency' = s.owed_in then (s.fx ->> 'amount')::numeric
        else round(s.amount * (s.fx ->> 'rate')::numeric, bi.minor_digits(s.owed_in)) end, s.settled) as came,
      s.invoice is not null and coalesce(s.settled_in, s.owed_in) is not distinct from s.owed_in as fits
    from settling s),
  used as (
    select a.part, n.invoice as note, t.invoice, a.amount, least(a.withdrawn_on, a.reversed_on) as until,
      greatest(a.applied_on, case when a.applied_on is null then a.received_on end, t.issued_on, n.issued_on, '-infinity')
        as moved_on
    from applied a join document t on t.invoice = a.target
    join name k on k.name = a.credit join document n on n.invoice = k.entity
    where a.of_credit and not exists (select from share s where s.note = n.invoice and s.invoice = t.invoice)),
  confirmed as (
    select d.invoice, c.amount, greatest(views.date_of(p.state ->> 'receivedOn'), d.issued_on) as moved_on,
      case when not c.live then views.date_of(p.state ->> 'reversedOn') end as until
    from views.coverage c join document d on d.invoice = c.to_entity
    join views.by_source s on s.stream = c.stated_by and s.kind = 'coverage' and s.deleted_by is null
    join views.by_source p on p.stream = c.from_stream and p.kind = 'payment' and p.deleted_by is null
    where c.rel = 'settles' and c.amount is not null and (s.state ->> 'withdrawn')::boolean is not true
      and coalesce(c.currency, d.currency) is not distinct from d.currency
      and (c.live or views.date_of(p.state ->> 'reversedOn') is not null)),
  ended as materialized (select * from bi.document_end),
  line as materialized (
    select d.invoice, l.line, sum(l.share) as share, count(*) as lines, sum(count(*)) over (partition by d.invoice)
      as of_lines
    from document d join views.entity e on e.id = d.invoice
    cross join lateral bi.line_shares(e.fields #> '{lines,value}', (e.fields #>> '{totals,value,tax}')::numeric, d.owed,
      coalesce(bi.minor_digits(d.currency), 2)) l
    where d.invoice in (select x.invoice from ended x where x.line is not null) group by d.invoice, l.line),
  less as (
    select x.invoice, x.day, d.owed, sum(sum(case when x.line is null then x.sign else 0 end)) over past > 0 as whole,
      sum(sum(x.sign * l.lines)) over past = max(max(l.of_lines)) over (partition by x.invoice) as every_line,
      coalesce(sum(sum(x.sign * l.share)) over past, 0) as share
    from (select *, case when ends then 1 else -1 end as sign from ended) x
    join document d on d.invoice = x.invoice left join line l on l.invoice = x.invoice and l.line = x.line
    where not d.is_credit_note group by x.invoice, x.day, d.owed
    window past as (partition by x.invoice order by x.day)),
  cancelled as (
    select invoice, day, bi.taken(whole or coalesce(every_line, false), share, owed) as less from less),
  moved as materialized (
    select d.invoice, 'invoiced' as movement, d.issued_on as moved_on, d.owed as amount from document d
    where not d.is_credit_note
    union all
    select invoice, 'cancelled', day, coalesce(lag(less) over (partition by invoice order by day), 0) - less from cancelled
    union all
    select s.invoice, 'credited', t.day, t.sign * s.amount
    from (select note, invoice, amount from share
      union all select n.invoice, n.invoice, -n.owed - coalesce((select sum(h.amount) from share h where h.note = n.invoice), 0)
        from document n where n.is_credit_note) s
    join document n on n.invoice = s.note
    cross join lateral (values (n.issued_on, -1), (n.ended_on, 1)) t (day, sign) where t.day is not null
    union all
    select p.invoice, w.movement, t.day, t.sign * w.amount
    from paid p cross join lateral (values ('paid', p.came - p.discount), ('discounted', p.discount),
      ('exchanged', p.settled - p.came)) w (movement, amount)
    cross join lateral (values (p.moved_on, -1), (greatest(p.until, p.moved_on), 1)) t (day, sign)
    where p.fits and (t.sign = -1 or p.until is not null)
    union all
    select i.invoice, 'credited', t.day, t.sign * u.amount
    from used u cross join lateral (values (u.invoice, 1), (u.note, -1)) i (invoice, side)
    cross join lateral (values (u.moved_on, -i.side), (greatest(u.until, u.moved_on), i.side)) t (day, sign)
    where t.sign = -i.side or u.until is not null
    union all
    select d.invoice, 'refunded', greatest(views.date_of(r.value ->> 'on'), d.issued_on), (r.value ->> 'amount')::numeric
    from payment p cross join lateral jsonb_array_elements(p.fields #> '{creditsPaidOut,value}') r
    join name k on k.name = views.text_of(r.value -> 'credit', p.fields #>> '{creditsPaidOut,source}')
    join document d on d.invoice = k.entity and d.currency = r.value ->> 'currency'
    union all
    select c.invoice, 'paid', t.day, t.sign * c.amount
    from confirmed c cross join lateral (values (c.moved_on, -1), (greatest(c.until, c.moved_on), 1)) t (day, sign)
    where t.sign = -1 or c.until is not null),
  off as (
    select d.invoice, array_agg(greatest(views.date_of(w.value ->> 'on'), d.issued_on)
        order by views.date_of(w.value ->> 'on'), w.ordinality) as days,
      array_agg((w.value ->> 'amount')::numeric order by views.date_of(w.value ->> 'on'), w.ordinality) as amounts
    from document d join views.entity e on e.id = d.invoice
    cross join lateral jsonb_array_elements(e.fields #> '{writeOffs,value}') with ordinality w group by d.invoice),
  given_up as (
    select o.invoice, 'written_off', w.day, w.amount
    from off o cross join lateral (
      select array_agg(m.moved_on) as days, array_agg(m.amount) as amounts from moved m where m.invoice = o.invoice) m
    cross join lateral bi.written_off(coalesce(m.days, '{}'), coalesce(m.amounts, '{}'), o.days, o.amounts) w)
  select d.invoice, d.engagement, d.legal_entity, d.currency, m.moved_on, m.movement, m.amount, d.owed
  from (select * from moved union all select * from given_up) m join document d on d.invoice = m.invoice
  where m.amount <> 0
  union all
  select p.id || '#' || p.part, p.engagement, p.owed_to, p.settled_in, t.day, w.movement, t.sign * w.amount, null
  from paid p cross join lateral (values ('paid', p.came - p.discount), ('discounted', p.discount),
      ('exchanged', p.settled - p.came)) w (movement, amount)
  cross join lateral (values (p.moved_on, -1), (greatest(p.until, p.moved_on), 1)) t (day, sign)
  where not p.fits and (t.sign = -1 or p.until is not null) and w.amount <> 0;

create view bi.ar_roll_forward as
  with moved as materialized (
    select m.*, date_trunc('month', m.moved_on)::date as month from bi.receivable_movement m),
  item as (
    select invoice, engagement, legal_entity, currency, owed, month, sum(amount) as amount,
      sum(amount) filter (where movement = 'invoiced') as invoiced,
      sum(amount) filter (where movement = 'cancelled') as cancelled,
      sum(amount) filter (where movement = 'credited') as credited,
      sum(amount) filter (where movement = 'paid') as paid,
      sum(amount) filter (where movement = 'discounted') as discounted,
      sum(amount) filter (where movement = 'refunded') as refunded,
      sum(amount) filter (where movement = 'written_off') as written_off,
      sum(amount) filter (where movement = 'exchanged') as exchanged
    from moved group by invoice, engagement, legal_entity, currency, owed, month),
  kept as (
    select i.*, owed + coalesce(sum(cancelled) over past, 0) as asked, sum(amount) over past as rest
    from item i window past as (partition by invoice order by month)),
  open as (
    select k.*, case when owed is null then 0 when asked < 0 then greatest(least(rest, 0), asked)
      else least(greatest(rest, 0), asked) end as open from kept k),
  changed as (
    select o.*, open - coalesce(lag(open) over (partition by invoice order by month), 0) as change from open o),
  account as materialized (
    select engagement, legal_entity, currency, month, count(*) as items, sum(change) as change, sum(invoiced) as invoiced,
      sum(cancelled) as cancelled, sum(credited) as credited, sum(paid) as paid, sum(discounted) as discounted,
      sum(refunded) as refunded, sum(written_off) as written_off, sum(exchanged) as exchanged, sum(change - amount) as difference,
      bool_and(change = amount) as foots
    from changed group by engagement, legal_entity, currency, month),
  month as (
    select engagement, legal_entity, currency, month from account
    union
    select engagement, legal_entity, currency, generate_series(min(month) filter (where month > '-infinity'),
      (select day from bi.position), '1 month')::date
    from account group by engagement, legal_entity, currency),
  rolled as (
    select m.*, a.items, a.change, a.invoiced, a.cancelled, a.credited, a.paid, a.discounted, a.refunded, a.written_off,
      a.exchanged, a.difference, a.foots, coalesce(sum(a.change) over (partition by m.engagement, m.legal_entity, m.currency
        order by m.month), 0) as closing
    from month m left join account a on a.month = m.month and coalesce(a.engagement, '') = coalesce(m.engagement, '')
      and coalesce(a.legal_entity, '') = coalesce(m.legal_entity, '')
      and coalesce(a.currency, '') = coalesce(m.currency, ''))
  select engagement, legal_entity, currency, to_char(month, 'YYYY-MM') as period,
    closing - coalesce(change, 0) as opening, coalesce(invoiced, 0) as invoiced, coalesce(cancelled, 0) as cancelled,
    coalesce(credited, 0) as credited, coalesce(paid, 0) as paid, coalesce(refunded, 0) as refunded,
    coalesce(written_off, 0) as written_off, coalesce(exchanged, 0) as exchanged, closing,
    coalesce(difference, 0) as difference, coalesce(foots, true) as foots,
    coalesce(discounted, 0) as discounted
  from rolled where items is not null or closing <> 0;

-- What waits to be billed.

create type bi.work_step as (day date, turn int, document text, movement text, bill int, size numeric, fixed numeric,
  sixtieths numeric, fits boolean, stays numeric, briefly boolean, minutes numeric, money numeric);

create function bi.work_moves(is_time boolean, size numeric, sixtieths numeric, digits int, counts_as_billed boolean,
  waits boolean, steps bi.work_step[])
returns table (ordinal int, day date, movement text, minutes numeric, amount numeric, left_minutes numeric,
  left_amount numeric) immutable parallel safe language plpgsql as $$
declare
  s bi.work_step;
  tolerance numeric := case when is_time then 0.6 else 0 end;
  taken numeric[] := '{}';
  rest numeric := 0;    -- minutes or money that wait, below 0 where more was billed than there is
  down numeric := 0;
  accrued numeric := 0;
  was numeric;          -- before the step, and what that was worth
  worth numeric;
  now_worth numeric := 0;
  asked numeric;
  whole numeric;
  more numeric;
begin
  ordinal := 0;
  foreach s in array steps loop
    day := s.day;
    if s.movement = 'billed' then
      asked := coalesce(s.size, case when rest > 0 then rest else work_moves.size end);
      if abs(asked - rest) <= tolerance and not counts_as_billed then asked := rest; end if;
    end if;
    if counts_as_billed and s.movement = 'billed' then
      more := least(asked - rest, work_moves.size - accrued);
      if more > 0 then
        was := rest; worth := now_worth;
        rest := rest + more;
        accrued := accrued + more;
        now_worth := case when not is_time then rest else coalesce(round(rest * work_moves.sixtieths / 60, digits), 0) end;
        if rest > 0 then now_worth := greatest(0, now_worth - down); end if;
        ordinal := ordinal + 1; movement := 'accrued';
        minutes := case when is_time then more else 0 end; amount := now_worth - worth;
        return next;
      end if;
      asked := coalesce(s.size, case when rest > 0 then rest else work_moves.size end);
      if abs(asked - rest) <= tolerance then asked := rest; end if;
    end if;
    was := rest; worth := now_worth;
    case s.movement
      when 'accrued' then rest := rest + work_moves.size;
      when 'written_down' then
        if s.minutes is not null then rest := greatest(0, rest - s.minutes); else down := down + s.money; end if;
      when 'written_off' then rest := least(0, rest);
      when 'released' then
        rest := rest + coalesce(taken[s.bill], 0)
          - least(coalesce(taken[s.bill], 0), case when s.briefly then 0 else coalesce(s.stays, 0) end);
      when 'billed' then
        taken[s.bill] := asked;
        rest := rest - asked;
    end case;
    now_worth := case when not is_time then rest else coalesce(round(rest * work_moves.sixtieths / 60, digits), 0) end;
    if rest > 0 then now_worth := greatest(0, now_worth - down); end if;
    movement := s.movement;
    minutes := case when is_time then rest - was else 0 end;
    amount := now_worth - worth;
    asked := amount;
    if s.bill is not null and s.fits and coalesce(taken[s.bill], 0) <> 0 then
      whole := coalesce(s.fixed, case when is_time then coalesce(round(taken[s.bill] * s.sixtieths / 60, digits),
        round(taken[s.bill] * work_moves.sixtieths / 60, digits)) else taken[s.bill] end);
      asked := coalesce(round(whole * (rest - was) / taken[s.bill], digits), amount);
    end if;
    more := case when waits and rest > tolerance then rest else 0 end;
    left_minutes := case when is_time then more else 0 end;
    left_amount := case when more = 0 then 0 else now_worth end;
    ordinal := ordinal + 1;
    more := amount - asked;
    amount := asked;
    return next;
    if more <> 0 then
      ordinal := ordinal + 1; movement := 're_rated'; minutes := 0; amount := more;
      return next;
    end if;
    if counts_as_billed and rest > 0 then
      worth := now_worth; more := rest;
      rest := 0;
      accrued := accrued - more;
      now_worth := 0;
      ordinal := ordinal + 1; movement := 'accrued';
      minutes := case when is_time then -more else 0 end; amount := -worth;
      return next;
    end if;
  end loop;
end
$$;

create view bi.work_piece as
  with owner (engagement, legal_entity, currency) as materialized (
    select c.contract, c.legal_entity, coalesce(c.currency, p.currency) from bi.contract c left join (
      select contract, case when count(distinct currency) = 1 then min(currency) end as currency
      from bi.project where live group by contract) p on p.contract = c.contract
    union all select project, legal_entity, currency from bi.project where contract is null),
  document as materialized (select invoice, currency, issued_on from bi.issued_document where not is_credit_note),
  billed as materialized (
    select distinct on (c.to_entity) c.to_entity as work, d.currency
    from views.coverage c join document d on d.invoice = c.from_entity
    where c.rel = 'bills' and c.to_kind in ('time', 'expense') and c.to_part is null
    order by c.to_entity, d.issued_on, d.invoice, c.ordinal),
  work as (
    select t.time as work, 'time' as kind, coalesce(t.contract, t.project) as engagement, t.legal_entity, t.minutes,
      t.minutes_approved, bi.sixtieths(1, 'MIN', t.price, t.per) as sixtieths, null::numeric as worth,
      case when bi.sixtieths(1, 'MIN', t.price, t.per) is not null then t.currency end as price_currency, t.accrued_on,
      t.never, not t.unapproved as is_approved, t.counts_as_billed, t.write_downs, null::date as off_on
    from bi.time t where t.minutes is not null
    union all
    select x.expense, 'expense', coalesce(x.contract, x.project), x.legal_entity, null, null, null, x.to_bill,
      x.currency, x.accrued_on, x.never, not x.unapproved, x.counts_as_billed, null, x.written_off_on
    from bi.expense x where x.to_bill is not null and x.currency is not null)
  select w.work, w.kind, w.engagement, coalesce(o.legal_entity, w.legal_entity) as legal_entity,
    coalesce(w.price_currency, o.currency, b.currency) as currency, w.minutes, w.minutes_approved, w.sixtieths, w.worth,
    w.price_currency, w.accrued_on, w.never, w.is_approved, w.counts_as_billed,
    w.is_approved and coalesce(w.never, 'written_off') = 'written_off' as accrues, w.write_downs, w.off_on
  from work w left join owner o on o.engagement = w.engagement left join billed b on b.work = w.work;

create view bi.work_movement as
  with document as materialized (
    select d.*, e.fields #>> '{lines,stream}' as lines_by, e.fields #> '{lines,value}' as lines
    from bi.issued_document d join views.entity e on e.id = d.invoice),
  line as materialized (
    select distinct on (d.invoice, l.value ->> 'line') d.invoice, l.value ->> 'line' as line,
      (l.value ->> 'net')::numeric as net, jsonb_array_length(coalesce(l.value -> 'bills', '[]')) as bills,
      case when l.value #>> '{price,currency}' = d.currency then bi.sixtieths(1, 'MIN',
        (l.value #>> '{price,amount}')::numeric, l.value #>> '{price,per}') end as sixtieths,
      bi.converted((l.value #>> '{quantity,value}')::numeric, l.value #>> '{quantity,unit}', 'MIN') as minutes
    from document d cross join lateral jsonb_array_elements(d.lines) with ordinality l
    order by d.invoice, l.value ->> 'line', l.ordinality),
  billed as materialized (
    select coalesce(c.to_entity, c.to_stream, c.to_number) as work, d.invoice, coalesce(c.from_part, '') as line,
      bi.converted(c.quantity, c.unit, 'MIN') as minutes, c.amount, d.currency, d.engagement, d.legal_entity,
      d.issued_on, d.ended_on, coalesce(c.amount, case when l.bills = 1 then l.net end) as fixed, l.sixtieths,
      case when c.quantity is null and l.bills = 1 then l.minutes end as line_minutes, row_number() over (
        partition by coalesce(c.to_entity, c.to_stream, c.to_number) order by d.issued_on, d.invoice, c.ordinal)::int
        as bill
    from views.coverage c join document d on d.invoice = c.from_entity and not d.is_credit_note
    left join line l on l.invoice = d.invoice and l.line = c.from_part and c.stated_by = d.lines_by
    left join views.by_source s on s.stream = c.stated_by and s.kind = 'coverage'
    where c.rel = 'bills' and c.to_kind in ('time', 'expense') and c.to_part is null
      and (c.stated_by = d.lines_by or (s.deleted_by is null and (s.state ->> 'withdrawn')::boolean is false))
      and not coalesce(l.net < 0 or c.amount < 0 or c.quantity < 0, false)),
  ended as materialized (
    select e.*, lead(day) over l is not null as briefly, lag(day) over l as since
    from bi.document_end e window l as (partition by invoice, line order by day)),
  undone as (
    select d.invoice, max(greatest(o.issued_on, d.issued_on)) as day
    from views.coverage c join document d on d.invoice = c.to_entity and d.ended_on is null
    join document o on o.invoice = c.from_entity and o.invoice <> d.invoice
    where c.live and c.rel in ('replaces', 'corrects', 'credits') and c.to_kind = 'invoice' group by d.invoice),
  given_back as (
    select c.to_entity as work, max(o.issued_on) as day
    from views.coverage c join document o on o.invoice = c.from_entity and o.is_credit_note
    where c.live and c.rel = 'bills' and c.to_part is null and c.to_kind in ('time', 'expense') group by c.to_entity),
  stands as (
    select s.entity as work, s.from_entity as invoice, coalesce(s.from_part, '') as line,
      sum(case when s.entity ^@ 'time/' then coalesce(bi.converted(s.quantity, s.unit, 'MIN'), 'infinity')
        else coalesce(s.amount, 'infinity') end) filter (where s.share > 0) as stays
    from views.standing_bill s where s.part is null group by 1, 2, 3),
  given as (select distinct work from stands),
  piece as materialized (
    select w.*, coalesce(w.minutes, w.worth) as size from bi.work_piece w where w.never is distinct from 'paid_by_fee'),
  bill as materialized (
    select b.*, p.kind, case when p.kind = 'time' then b.minutes when b.currency = p.currency then b.amount end as size,
      b.currency is not distinct from p.currency as fits,
      case when g.work is null then 'infinity' else s.stays end as stays
    from billed b join piece p on p.work = b.work left join given g on g.work = b.work
    left join stands s on s.work = b.work and s.invoice = b.invoice and s.line = b.line),
  step as (
    select b.work, b.issued_on as day, 3 as turn, b.invoice, 'billed' as movement, b.bill, b.size, b.fixed, b.sixtieths,
      b.fits, b.stays, false as briefly, null::numeric as minutes, null::numeric as money
    from bill b
    union all
    select b.work, e.day, case when not e.ends then 3 when e.day > coalesce(e.since, b.issued_on) then 2 else 4 end,
      b.invoice, case when e.ends then 'released' else 'billed' end, b.bill, b.size, b.fixed, b.sixtieths, b.fits,
      case when e.briefly then 0 end, e.briefly, null, null
    from bill b join ended e on e.invoice = b.invoice and e.line is not distinct from nullif(b.line, '')
    union all
    select b.work, u.day, case when u.day > u.since then 2 else 4 end, b.invoice, 'released', b.bill, b.size, b.fixed,
      b.sixtieths, b.fits, b.stays, false, null, null
    from bill b left join undone n on n.invoice = b.invoice left join given_back g on g.work = b.work
    left join lateral (
      select e.day, e.ends from ended e where e.invoice = b.invoice and e.line is not distinct from nullif(b.line, '')
      order by e.day desc limit 1) l
      on true
    cross join lateral (
      select greatest(n.day, g.day, l.day, b.issued_on), coalesce(l.day, b.issued_on)) u (day, since)
    where b.ended_on is null and l.ends is not true and (n.day is not null or g.day is not null)
    union all
    select p.work, p.accrued_on, 0, null, 'accrued', null, null, null, null, null, null, null, null, null
    from piece p where p.accrues
    union all
    select p.work, greatest(views.date_of(d.value ->> 'on'), p.accrued_on), 1, null, 'written_down', null, null, null,
      null, null, null, null, case when d.value ? 'quantity' then coalesce(bi.converted(
        (d.value #>> '{quantity,value}')::numeric, d.value #>> '{quantity,unit}', 'MIN'), 0) end,
      case when p.sixtieths is null then 0 else coalesce((d.value ->> 'amount')::numeric, 0) end
    from piece p cross join lateral jsonb_array_elements(p.write_downs) d
    where p.accrues and (d.value ->> 'off')::boolean is not true
      and (d.value ? 'quantity'
        or coalesce(d.value ->> 'currency', p.price_currency) is not distinct from p.price_currency)
    union all
    select p.work, greatest(coalesce(p.off_on, (
        select views.date_of(d.value ->> 'on') from jsonb_array_elements(p.write_downs) with ordinality d
        where (d.value ->> 'off')::boolean order by d.ordinality limit 1)), p.accrued_on), 5, null, 'written_off',
      null, null, null, null, null, null, null, null, null
    from piece p where p.is_approved and p.never = 'written_off'),
  steps as (
    select s.work, array_agg((s.day, s.turn, s.invoice, s.movement, s.bill, s.size, s.fixed, s.sixtieths, s.fits, s.stays,
      s.briefly, s.minutes, s.money)::bi.work_step order by s.day, s.turn, s.invoice nulls first, s.bill) as steps
    from step s group by s.work)
  select p.work, p.kind, p.engagement, p.legal_entity, p.currency, m.ordinal, m.day as moved_on, m.movement, m.minutes,
    m.amount, m.left_minutes, m.left_amount
  from steps s join piece p on p.work = s.work
  cross join lateral bi.work_moves(p.kind = 'time', p.size, p.sixtieths, bi.minor_digits(p.currency), p.counts_as_billed,
    p.is_approved and p.never is null, s.steps) m
  union all
  select b.work, split_part(b.work, '/', 1), b.engagement, b.legal_entity, b.currency, b.bill, t.day, t.movement,
    t.sign * w.minutes, t.sign * w.amount, 0, 0
  from billed b
  cross join lateral (select coalesce(b.minutes, b.line_minutes, 0)) q (minutes)
  cross join lateral (
    select q.minutes, coalesce(b.fixed, round(q.minutes * b.sixtieths / 60, bi.minor_digits(b.currency)), 0)) w
    (minutes, amount)
  cross join lateral (values (b.issued_on, 'billed', -1), (b.ended_on, 'released', 1)) t (day, movement, sign)
  where t.day is not null and (w.minutes <> 0 or w.amount <> 0)
    and not exists (select from views.entity e where e.id = b.work and e.live);

create view bi.wip_roll_forward as
  with moved as materialized (
    select m.*, date_trunc('month', m.moved_on)::date as month from bi.work_movement m),
  item as (
    select work, engagement, legal_entity, currency, month, sum(minutes) as minutes, sum(amount) as amount,
      sum(minutes) filter (where movement = 'accrued') as accrued_minutes,
      sum(minutes) filter (where movement = 'written_down') as written_down_minutes,
      sum(minutes) filter (where movement = 'written_off') as written_off_minutes,
      sum(minutes) filter (where movement = 'billed') as billed_minutes,
      sum(minutes) filter (where movement = 'released') as released_minutes,
      sum(amount) filter (where movement = 'accrued') as accrued,
      sum(amount) filter (where movement = 're_rated') as re_rated,
      sum(amount) filter (where movement = 'written_down') as written_down,
      sum(amount) filter (where movement = 'written_off') as written_off,
      sum(amount) filter (where movement = 'billed') as billed,
      sum(amount) filter (where movement = 'released') as released,
      (array_agg(left_minutes order by ordinal desc))[1] as left_minutes,
      (array_agg(left_amount order by ordinal desc))[1] as left_amount
    from moved group by work, engagement, legal_entity, currency, month),
  changed as (
    select i.*, left_minutes - coalesce(lag(left_minutes) over past, 0) as change_minutes,
      left_amount - coalesce(lag(left_amount) over past, 0) as change
    from item i window past as (partition by work, engagement, legal_entity, currency order by month)),
  account as materialized (
    select engagement, legal_entity, currency, month, count(*) as items, sum(change_minutes) as change_minutes,
      sum(change) as change, sum(accrued_minutes) as accrued_minutes, sum(written_down_minutes) as written_down_minutes,
      sum(written_off_minutes) as written_off_minutes, sum(billed_minutes) as billed_minutes,
      sum(released_minutes) as released_minutes, sum(accrued) as accrued, sum(re_rated) as re_rated,
      sum(written_down) as written_down, sum(written_off) as written_off, sum(billed) as billed,
      sum(released) as released, sum(change_minutes - minutes) as difference_minutes,
      sum(change - amount) as difference, bool_and(change_minutes = minutes and change = amount) as foots
    from changed group by engagement, legal_entity, currency, month),
  month as (
    select engagement, legal_entity, currency, month from account
    union
    select engagement, legal_entity, currency, generate_series(min(month) filter (where month > '-infinity'),
      (select day from bi.position), '1 month')::date
    from account group by engagement, legal_entity, currency),
  rolled as (
    select m.*, a.items, coalesce(a.change_minutes, 0) as change_minutes, coalesce(a.change, 0) as change,
      a.accrued_minutes, a.written_down_minutes, a.written_off_minutes, a.billed_minutes, a.released_minutes, a.accrued,
      a.re_rated, a.written_down, a.written_off, a.billed, a.released, a.difference_minutes, a.difference, a.foots,
      coalesce(sum(a.change_minutes) over past, 0) as closing_minutes, coalesce(sum(a.change) over past, 0) as closing
    from month m left join account a on a.month = m.month and coalesce(a.engagement, '') = coalesce(m.engagement, '')
      and coalesce(a.legal_entity, '') = coalesce(m.legal_entity, '')
      and coalesce(a.currency, '') = coalesce(m.currency, '')
    window past as (partition by m.engagement, m.legal_entity, m.currency order by m.month))
  select engagement, legal_entity, currency, to_char(month, 'YYYY-MM') as period,
    closing_minutes - change_minutes as opening_minutes, coalesce(accrued_minutes, 0) as accrued_minutes,
    coalesce(written_down_minutes, 0) as written_down_minutes, coalesce(written_off_minutes, 0) as written_off_minutes,
    coalesce(billed_minutes, 0) as billed_minutes, coalesce(released_minutes, 0) as released_minutes, closing_minutes,
    coalesce(difference_minutes, 0) as difference_minutes,
    closing - change as opening, coalesce(accrued, 0) as accrued, coalesce(re_rated, 0) as re_rated,
    coalesce(written_down, 0) as written_down, coalesce(written_off, 0) as written_off, coalesce(billed, 0) as billed,
    coalesce(released, 0) as released, closing, coalesce(difference, 0) as difference, coalesce(foots, true) as foots
  from rolled where items is not null or closing <> 0 or closing_minutes <> 0;

create view bi.hours_conserved as
  with moved as materialized (
    select work, sum(minutes) filter (where movement = 'accrued') as accrued,
      -coalesce(sum(minutes) filter (where movement = 'written_down'), 0) as written_down,
      -coalesce(sum(minutes) filter (where movement = 'written_off'), 0) as written_off,
      -coalesce(sum(minutes) filter (where movement in ('billed', 'released')), 0) as billed,
      (array_agg(left_minutes order by moved_on desc, ordinal desc))[1] as waiting
    from bi.work_movement where kind = 'time' group by work),
  kept as (
    select p.engagement, p.legal_entity, p.currency, p.never, p.accrues, p.is_approved, p.minutes, m.written_down,
      m.written_off, m.billed, m.waiting,
      case when p.is_approved then p.minutes_approved when p.counts_as_billed then coalesce(m.accrued, 0) else 0 end
        as approved
    from bi.work_piece p left join moved m on m.work = p.work where p.kind = 'time'),
  summed as (
    select engagement, legal_entity, currency, sum(approved) as approved,
      coalesce(sum(case when accrues then approved - minutes else approved end)
        filter (where is_approved and never is distinct from 'paid_by_fee'), 0) as not_billable,
      coalesce(sum(approved) filter (where never = 'paid_by_fee'), 0) as paid_by_fee,
      coalesce(sum(written_down), 0) as written_down, coalesce(sum(written_off), 0) as written_off,
      coalesce(sum(billed), 0) as billed, coalesce(sum(waiting), 0) as waiting
    from kept group by engagement, legal_entity, currency)
  select engagement, legal_entity, currency, approved as approved_minutes, waiting as waiting_minutes,
    billed as billed_minutes, written_down as written_down_minutes, written_off as written_off_minutes,
    not_billable as not_billable_minutes, paid_by_fee as paid_by_fee_minutes,
    approved - waiting - billed - written_down - written_off - not_billable - paid_by_fee as difference_minutes
  from summed;

-- More questions, each from what is told: none of them guesses what nobody states.

create view bi.dso as
  with month as materialized (
    select legal_entity, currency, period, sum(closing) as closing, sum(invoiced + cancelled + credited) as invoiced
    from bi.ar_roll_forward where period is not null group by legal_entity, currency, period),
  span as (
    select m.*, sum(m.invoiced) over past as invoiced_in_three, count(*) over past as months,
      to_date(m.period, 'YYYY-MM') as first_day
    from month m window past as (partition by m.legal_entity, m.currency order by to_date(m.period, 'YYYY-MM')
      range between '2 months' preceding and current row))
  select legal_entity, currency, period, closing, invoiced_in_three,
    ((first_day + interval '1 month')::date - (first_day - interval '2 months')::date) as days,
    round(closing * ((first_day + interval '1 month')::date - (first_day - interval '2 months')::date)
      / nullif(greatest(invoiced_in_three, 0), 0), 1) as days_outstanding
  from span;

create view bi.collection as
  with document as materialized (select * from bi.issued_document where not is_credit_note),
  moved as (
    select m.invoice, sum(m.amount) filter (where m.movement = 'invoiced') as invoiced,
      sum(m.amount) filter (where m.movement in ('cancelled', 'credited')) as taken_back,
      -coalesce(sum(m.amount) filter (where m.movement in ('paid', 'exchanged')), 0) as collected,
      sum(-m.amount * (m.moved_on - d.issued_on)) filter (where m.movement in ('paid', 'exchanged')
        and d.issued_on > '-infinity') as weighed, sum(m.amount) as open
    from bi.receivable_movement m join document d on d.invoice = m.invoice group by m.invoice)
  select d.engagement, d.legal_entity, d.currency, to_char(d.issued_on, 'YYYY-MM') as period, count(*) as documents,
    coalesce(sum(m.invoiced), 0) as invoiced, coalesce(sum(m.taken_back), 0) as taken_back,
    sum(m.collected) as collected, sum(m.open) as open,
    round(sum(m.collected) * 100 / nullif(coalesce(sum(m.invoiced), 0) + coalesce(sum(m.taken_back), 0), 0), 1)
      as collected_percent,
    round(sum(m.weighed) / nullif(sum(m.collected), 0), 1) as days_to_pay
  from moved m join document d on d.invoice = m.invoice group by d.engagement, d.legal_entity, d.currency, 4;

create view bi.retainer_balance as
  with moved as materialized (
    select c.to_entity as invoice, sum(c.amount) filter (where c.rel = 'settles' and c.from_stream ^@ 'payment/') as paid,
      sum(c.amount) filter (where c.from_stream ^@ 'invoice/') as drawn
    from views.coverage c where c.live and c.rel in ('settles', 'prepays') and c.to_kind = 'invoice' group by c.to_entity)
  select i.invoice, i.number, i.client, i.contract, i.legal_entity, i.issued_on, i.currency, i.gross as asked,
    greatest(coalesce(m.paid, 0), coalesce(i.said_settled, 0)) as paid, coalesce(m.drawn, 0) as drawn,
    greatest(coalesce(m.paid, 0), coalesce(i.said_settled, 0)) - coalesce(m.drawn, 0) as balance
  from bi.invoice i left join moved m on m.invoice = i.invoice
  where i.in_force and i.document_type = 'prepayment';

create view bi.obligation as
  select e.id as obligation, e.fields #>> '{obligation,value}' as name, coalesce(n.entity, p.contract) as contract,
    e.fields #>> '{contractLine,value}' as contract_line, coalesce(l.entity, c.legal_entity) as legal_entity,
    coalesce(e.fields #>> '{currency,value}', c.currency) as currency, e.fields #>> '{status,value}' as status,
    (e.fields #>> '{amount,value}')::numeric as allocated, coalesce((e.fields #>> '{recognized,value}')::numeric, 0)
      as recognised
  from views.entity e
  left join bi.name n on n.kind = 'contract'
    and n.name = views.text_of(e.fields #> '{contract,value}', e.fields #>> '{contract,source}')
  left join bi.name np on np.kind = 'project'
    and np.name = views.text_of(e.fields #> '{project,value}', e.fields #>> '{project,source}')
  left join bi.project p on p.project = np.entity
  left join bi.contract c on c.contract = coalesce(n.entity, p.contract)
  left join views.entity_member l on l.stream = e.legal_entity
  where e.kind = 'revenue' and e.live and e.fields <> '{}';

create view bi.revenue_schedule as
  with part as (
    select e.id, views.date_of(s.value ->> 'on') as on, (s.value ->> 'amount')::numeric as planned, null::numeric as earned
    from views.entity e cross join lateral jsonb_array_elements(e.fields #> '{schedule,value}') s
    where e.kind = 'revenue' and e.live
    union all
    select e.id, views.date_of(r.value ->> 'on'), null, (r.value ->> 'amount')::numeric
    from views.entity e cross join lateral jsonb_array_elements(e.fields #> '{recognitions,value}') r
    where e.kind = 'revenue' and e.live
    union all
    select e.id, views.date_of(b.value ->> 'on'), null, -(b.value ->> 'amount')::numeric
    from views.entity e cross join lateral jsonb_array_elements(e.fields #> '{recognitions,value}') r
    cross join lateral jsonb_array_elements(r.value -> 'reversals') b where e.kind = 'revenue' and e.live)
  select o.obligation, o.name, o.contract, o.contract_line, o.legal_entity, o.currency, to_char(p.on, 'YYYY-MM') as period,
    coalesce(sum(p.planned), 0) as planned, coalesce(sum(p.earned), 0) as recognised
  from part p join bi.obligation o on o.obligation = p.id
  group by o.obligation, o.name, o.contract, o.contract_line, o.legal_entity, o.currency, 7;

create view bi.deferred_revenue as
  with earned as materialized (
    select contract, currency, sum(recognised) as recognised, count(*) as obligations from bi.obligation
    where contract is not null group by contract, currency),
  billed as (
    select i.contract, i.currency, sum(i.net - i.replaced_net) as billed from bi.invoice i
    where i.in_force and not i.superseded and i.document_type <> 'prepayment' group by i.contract, i.currency)
  select e.contract, c.number, c.client, c.legal_entity, e.currency, e.obligations, coalesce(b.billed, 0) as billed,
    e.recognised, greatest(coalesce(b.billed, 0) - e.recognised, 0) as deferred,
    greatest(e.recognised - coalesce(b.billed, 0), 0) as ahead_of_billing
  from earned e join bi.contract c on c.contract = e.contract
  left join billed b on b.contract = e.contract and b.currency = e.currency;

create view bi.activation as
  with worked as materialized (
    select views.text_of(e.fields #> '{project,value}', e.fields #>> '{project,source}') as name,
      min(views.date_of(e.fields #>> '{workedOn,value}')) as first_on
    from views.entity e where e.kind = 'time' and e.live group by 1),
  first as (
    select p.contract, min(w.first_on) as first_on from worked w join bi.name n on n.kind = 'project' and n.name = w.name
    join bi.project p on p.project = n.entity group by p.contract),
  won as (
    select n.entity as contract, min(views.date_of(o.fields #>> '{closedOn,value}')) as won_on
    from views.entity o join bi.name n on n.kind = 'contract'
      and n.name = views.text_of(o.fields #> '{contract,value}', o.fields #>> '{contract,source}')
    where o.kind = 'opportunity' and o.live and o.fields #>> '{status,value}' = 'won' group by n.entity)
  select c.contract, c.number, c.client, c.legal_entity, w.won_on, c.signed_on, c.begins_on, f.first_on as first_worked_on,
    c.signed_on - w.won_on as days_to_sign, f.first_on - c.signed_on as days_to_work
  from bi.contract c left join first f on f.contract = c.contract left join won w on w.contract = c.contract
  where c.live;

-- The headline asks several questions of the same facts. Each view it reads is written into it, so that a fact is read
-- once for all of them. Whoever changes one of these views makes the headline again the same way: what it says must stay
-- what the questions say.

create or replace view bi.headline as
  with day as materialized (select day from bi.position),
  time as materialized (select * from bi.time),
  expense as materialized (select * from bi.expense),
  work (kind, dated, currency, sixtieths, unbilled, reason) as materialized (
    select 'time', worked_on, currency, left_sixtieths, unbilled, reason from time
    union all select 'expense', incurred_on, currency, left_value * 60, unbilled, reason from expense
    union all select 'milestone', coalesce(accepted_on, due_on), currency, left_value * 60, unbilled, reason
      from bi.milestone
    union all select 'instalment', coalesce(released_on, due_on), currency, left_value * 60, coalesce(unbilled, false),
      reason from bi.instalment),
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
  names text[] := array['contract', 'project', 'bill', 'time', 'expense', 'milestone', 'instalment', 'contract_burn',
    'invoice', 'receivable', 'invoices_not_posted'];
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

-- What every view and column means.

do $$
declare
  c record;
begin
  create temporary table said (view text, name text, meaning text, primary key (view, name)) on commit drop;
  insert into said values
    ('*', 'engagement', 'The contract, else the project: the id of its entity; null = none is known.'),
    ('*', 'legal_entity', 'The legal entity it belongs to: the id of its entity.'),
    ('*', 'currency', 'Currency of the amounts, ISO 4217; null = nothing tells one.'),
    ('*', 'period', 'Calendar month, YYYY-MM; null = before all, of what bears no date.'),
    ('*', 'invoice', 'The document: the id of its entity.'),
    ('*', 'issued_on', 'Its date; -infinity = it bears none.'),
    ('*', 'owed', 'What the client owes by it, tax and all: payable, else gross, else net, else the sum of its lines; '
      'negative where it gives money back. Null = it states no amount.'),
    ('*', 'moved_on', 'The day of it, by the date that the record bears; -infinity = none.'),
    ('*', 'amount', 'Signed as it adds to the balance.'),
    ('*', 'minutes', 'Minutes of work, signed as they add to the balance; exact, 60 to the hour.'),
    ('*', 'opening', 'The closing of the month before.'),
    ('*', 'difference', 'closing - (opening + all movements): above what there is too much was taken.'),
    ('*', 'foots', 'Whether nothing is left over of any piece of work, or any document, that moved in the month.'),
    ('*', 'work', 'The piece of work: the id of its entity.'),
    ('*', 'kind', 'time or expense.'),
    ('*', 'never', 'Why it is never billed for itself: not_billable, written_off, paid_by_fee or absorbed; null = it is '
      'to be billed once it is approved.'),
    ('*', 'accrued_on', 'When it became work to bill: worked or spent, and approved where it is said when.'),
    ('*', 'counts_as_billed', 'Whether it counts as approved as far as it is billed: nobody approved it, and neither '
      'contract nor project nor system asks for that.'),
    ('*', 'minutes_approved', 'Minutes that were approved, billable or not, else recorded.'),
    ('*', 'write_downs', 'What it was written down by, or off, as JSON.'),
    ('time', 'minutes', 'Minutes to bill before anything is written down; null = told in another unit.'),
    ('time', 'unapproved', 'Whether it has to be approved, and is not.'),
    ('expense', 'unapproved', 'Whether it has to be approved, and is not.'),
    ('expense', 'written_off_on', 'When it was written off; null = not said.'),
    ('issued_document', '', 'Fact: every document that was ever issued, also one that is cancelled or replaced since, '
      'under the first contract that it names, else its projects'', else that of the work it bills.'),
    ('issued_document', 'number', 'Its number as printed.'),
    ('issued_document', 'is_credit_note', 'Whether it gives back.'),
    ('issued_document', 'ended_on', 'Since when it asks for nothing: cancelled or voided; null = it stands.'),
    ('document_end', '', 'When documents, and lines of them, stop asking for anything, and when they ask again: cancelled '
      'or voided themselves, or as long as a document stands that replaces or corrects them.'),
    ('document_end', 'line', 'The line; null = the document as a whole.'),
    ('document_end', 'day', 'Since when.'),
    ('document_end', 'ends', 'Whether it asks for nothing since then; false = it asks again.'),
    ('credit_share', '', 'What a credit note gives back of each document it names: all of it of a single one, else in '
      'parts by what it says of each, to the cent. What it gives back of none stays its own.'),
    ('credit_share', 'note', 'The credit note: the id of its entity.'),
    ('credit_share', 'amount', 'How much of that document; positive.'),
    ('receivable_movement', '', 'Fact: what moves what clients owe, document by document, as ledger prove has it. What a '
      'source only states to be settled moves nothing here; bi.receivable believes it.'),
    ('receivable_movement', 'invoice', 'The document: the id of its entity; of money applied to what is no document of '
      'that currency, the application.'),
    ('receivable_movement', 'movement', 'invoiced, cancelled (also replaced), credited, paid (negative, taken back '
      'positive), discounted (kept as a discount, alike), refunded, written_off, exchanged (settled other than the money '
      'was worth when it came).'),
    ('ar_roll_forward', '', 'Receivables by month, as ledger prove proves them: opening + invoiced + cancelled + credited '
      '+ paid + discounted + refunded + written off + exchanged = closing, where closing is what each document leaves '
      'open after what moved it, never less than nothing. With tax. What a source only states to be settled is not '
      'believed here; bi.receivable believes it.'),
    ('ar_roll_forward', 'invoiced', 'What documents ask for.'),
    ('ar_roll_forward', 'cancelled', 'What documents ask for no more: cancelled, voided or replaced; negative.'),
    ('ar_roll_forward', 'credited', 'What credit notes give back; negative.'),
    ('ar_roll_forward', 'paid', 'Money applied; negative.'),
    ('ar_roll_forward', 'discounted', 'Discounts taken; negative.'),
    ('ar_roll_forward', 'refunded', 'Credit notes'' money paid out.'),
    ('ar_roll_forward', 'written_off', 'What clients will never pay; negative.'),
    ('ar_roll_forward', 'exchanged', 'What was settled in the document''s currency less what the money was worth.'),
    ('ar_roll_forward', 'closing', 'What documents leave open at the end of the month.'),
    ('work_piece', '', 'Fact: each piece of time or money spent that may be billed, as the balances carry it.'),
    ('work_piece', 'minutes', 'Of time, minutes to bill before anything is written down.'),
    ('work_piece', 'sixtieths', 'Price of a minute in sixtieths of the currency: minutes x this / 60; null = none known.'),
    ('work_piece', 'worth', 'Of money spent, what the client pays of it in all.'),
    ('work_piece', 'price_currency', 'Currency of its price; null = none is known.'),
    ('work_piece', 'is_approved', 'Whether it is approved, or nobody has to approve it.'),
    ('work_piece', 'accrues', 'Whether it waits to be billed from accrued_on, or did before it was written off.'),
    ('work_piece', 'off_on', 'When money spent was written off; null = not said.'),
    ('work_movement', '', 'Fact: what moves work that waits to be billed, piece by piece, as ledger prove has it.'),
    ('work_movement', 'ordinal', 'Its place among those of the piece, from 1.'),
    ('work_movement', 'movement', 'accrued, re_rated (billed otherwise than at the price it was carried at), written_down, '
      'written_off, billed, released (its document was cancelled, replaced or credited).'),
    ('work_movement', 'left_minutes', 'What waits of the piece after it, never less than nothing: minutes.'),
    ('work_movement', 'left_amount', 'The same in money.'),
    ('wip_roll_forward', '', 'Work in progress by month, as ledger prove proves it: opening + accrued + re-rated + written '
      'down + written off + billed + released = closing, where closing is what waits of each piece, never less than '
      'nothing; in exact minutes and in money before tax.'),
    ('wip_roll_forward', 'accrued', 'Work that became billable, at its price.'),
    ('wip_roll_forward', 're_rated', 'What it was billed at less the price it was carried at, with the other sign.'),
    ('wip_roll_forward', 'written_down', 'What it is worth less, before it is billed; negative.'),
    ('wip_roll_forward', 'written_off', 'Given up for good; negative.'),
    ('wip_roll_forward', 'billed', 'What documents ask for it; negative.'),
    ('wip_roll_forward', 'released', 'What waits again: its document was cancelled, replaced or credited.'),
    ('wip_roll_forward', 'closing', 'What waits at the end of the month, at its price.'),
    ('wip_roll_forward', 'opening_minutes', 'The closing of the month before, in minutes.'),
    ('wip_roll_forward', 'accrued_minutes', 'Minutes that became billable.'),
    ('wip_roll_forward', 'written_down_minutes', 'Minutes written down; negative.'),
    ('wip_roll_forward', 'written_off_minutes', 'Minutes given up; negative.'),
    ('wip_roll_forward', 'billed_minutes', 'Minutes that documents bill; negative.'),
    ('wip_roll_forward', 'released_minutes', 'Minutes that wait again.'),
    ('wip_roll_forward', 'closing_minutes', 'Minutes that wait at the end of the month.'),
    ('wip_roll_forward', 'difference_minutes', 'closing - (opening + all movements), in minutes.'),
    ('hours_conserved', '', 'Where every approved minute is now: approved = waiting + billed + written down + written off '
      '+ not billable + paid by a fee, as ledger prove has it. What is told in neither minutes nor hours is not here.'),
    ('hours_conserved', 'approved_minutes', 'Minutes approved, or billed where nobody asks for approval.'),
    ('hours_conserved', 'waiting_minutes', 'Work in progress.'),
    ('hours_conserved', 'billed_minutes', 'Billed, and not given back.'),
    ('hours_conserved', 'written_down_minutes', 'Written down before it was billed.'),
    ('hours_conserved', 'written_off_minutes', 'Given up for good.'),
    ('hours_conserved', 'not_billable_minutes', 'Not billable by the word of who recorded it, or borne by the firm; '
      'negative where more is billable than was approved.'),
    ('hours_conserved', 'paid_by_fee_minutes', 'A fee agreed beforehand pays for it.'),
    ('hours_conserved', 'difference_minutes', 'Minutes that are nowhere; negative: somewhere twice. 0 = conserved.'),
    ('*', 'client', 'The client: the id of its entity.'),
    ('*', 'contract', 'The contract: the id of its entity; null = none is known.'),
    ('*', 'contract_line', 'The line of the contract it is under.'),
    ('*', 'number', 'Its business number as printed.'),
    ('*', 'obligation', 'What is promised: the id of the entity of its revenue.'),
    ('*', 'name', 'What the client is to get.'),
    ('*', 'recognised', 'What was recognised, less what was taken back.'),
    ('dso', '', 'Days sales outstanding at the end of each month: what is open x days / what was asked for, over three '
      'months: the month and the two before. With tax, as ar_roll_forward has it.'),
    ('dso', 'closing', 'What is open at the end of the month.'),
    ('dso', 'invoiced_in_three', 'What documents asked for in the three months, less what was cancelled and credited.'),
    ('dso', 'days', 'Days of the three months.'),
    ('dso', 'days_outstanding', 'closing x days / invoiced_in_three; null = nothing was asked for.'),
    ('collection', '', 'What became of the documents of each month: collected_percent = collected / (invoiced + taken '
      'back). With tax, as ar_roll_forward has it.'),
    ('collection', 'period', 'Month of the documents, YYYY-MM; null = they bear no date.'),
    ('collection', 'documents', 'How many.'), ('collection', 'invoiced', 'What they ask for.'),
    ('collection', 'taken_back', 'Cancelled, replaced and credited; negative.'),
    ('collection', 'collected', 'What payments settle of them, by now.'),
    ('collection', 'open', 'What is open by what moved them; negative = too much was paid.'),
    ('collection', 'collected_percent', 'collected / (invoiced + taken_back), in percent.'),
    ('collection', 'days_to_pay', 'Days from the document''s date to its payments, each weighed by its amount.'),
    ('retainer_balance', '', 'Prepayments in force: balance = paid - drawn. Where its source says it is paid and payments '
      'come to less, that is believed, as a proposal does.'),
    ('retainer_balance', 'asked', 'What was asked for ahead, with tax.'),
    ('retainer_balance', 'paid', 'What was paid of it: by payments, or by its source''s word, whichever is more.'),
    ('retainer_balance', 'drawn', 'What later documents draw on it.'),
    ('retainer_balance', 'balance', 'What is left to draw on; negative = more was drawn than paid.'),
    ('obligation', '', 'Fact: what was promised, and the revenue recognised of it.'),
    ('obligation', 'status', 'open or closed.'),
    ('obligation', 'allocated', 'The price allocated to it, before tax; null = not said.'),
    ('revenue_schedule', '', 'Revenue by month: as it was planned and as it was recognised, by the days they bear.'),
    ('revenue_schedule', 'period', 'Month of the plan or the recognition, YYYY-MM.'),
    ('revenue_schedule', 'planned', 'What is to be recognised by the schedule; 0 = none is set for the month.'),
    ('deferred_revenue', '', 'By contract of which revenue is told: billed - recognised. Above nothing it is deferred, '
      'below it was recognised ahead of the bill: a contract asset, no receivable. Before tax; prepayments are left out, '
      'they are in retainer_balance.'),
    ('deferred_revenue', 'obligations', 'How many are told.'),
    ('deferred_revenue', 'billed', 'Net of documents in force, credit notes taken off.'),
    ('deferred_revenue', 'deferred', 'billed - recognised where that is above nothing, else 0.'),
    ('deferred_revenue', 'ahead_of_billing', 'recognised - billed where that is above nothing, else 0.'),
    ('activation', '', 'Lead time from winning to work: days_to_sign = signed_on - won_on, days_to_work = first_worked_on - '
      'signed_on. No source keeps the day a project was activated; its first hour of work counts.'),
    ('activation', 'won_on', 'When the opportunity was won that names the contract; null = none does.'),
    ('activation', 'signed_on', 'When the contract was signed.'), ('activation', 'begins_on', 'Its first day.'),
    ('activation', 'first_worked_on', 'The first day of work on its projects.'),
    ('activation', 'days_to_sign', 'signed_on - won_on.'),
    ('activation', 'days_to_work', 'first_worked_on - signed_on; negative = work began before the signature.');

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
