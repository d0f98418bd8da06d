-- Schema bi is what people ask of the views, as views: dimensions, facts, and questions with their formulas in their
-- comments. It holds no rows of its own, so that it never tells anything else than the views do.

-- What the projector adds for it: of a bill that was given back in part or as a whole, how much stands.

create table views.standing_bill (
  entity text collate "C" not null,
  ordinal int not null,
  part text collate "C",
  from_entity text collate "C" not null,
  from_part text collate "C",
  share numeric not null,
  quantity numeric,
  unit text collate "C",
  amount numeric,
  currency text collate "C",
  primary key (entity, ordinal)
);
comment on table views.standing_bill is 'How much stands of what bills a thing, where some of it was given back by a '
  'credit, a correction or a replacement. Of what is not here, all that coverage says stands.';
comment on column views.standing_bill.entity is 'The entity billed.';
comment on column views.standing_bill.ordinal is 'Its place among that entity''s, from 0.';
comment on column views.standing_bill.part is 'The part of it that is billed; null = the record as a whole.';
comment on column views.standing_bill.from_entity is 'The document.';
comment on column views.standing_bill.from_part is 'Its line.';
comment on column views.standing_bill.share is
  'How much of what the line bills stands, from 0 to 1; 0 too of a line that gives back.';
comment on column views.standing_bill.quantity is 'What stands, in the unit of the work; null = not told so.';
comment on column views.standing_bill.unit is 'Unit of quantity.';
comment on column views.standing_bill.amount is 'What stands, where all that bill it say money.';
comment on column views.standing_bill.currency is 'Currency of amount, ISO 4217; null = the document''s.';

create schema bi;
comment on schema bi is 'Questions people ask, with what they are asked of: dimensions, facts, and answers. Every '
  'figure''s formula is in its comment. One thing counts once, each field by its owner''s word; hours are hours, and '
  'amounts of different currencies never meet in one row.';

create function bi.minor_digits(currency text) returns int immutable parallel safe language sql as $$
  select case
    when currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV',
      'XAF', 'XOF', 'XPF', 'XAG', 'XAU', 'XBA', 'XBB', 'XBC', 'XBD', 'XDR', 'XPD', 'XPT', 'XSU', 'XTS', 'XUA', 'XXX')
      then 0
    when currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
    when currency in ('CLF', 'UYW') then 4
    else 2 end
$$;
comment on function bi.minor_digits(text) is 'Digits behind the point of a currency''s amounts, ISO 4217: JPY 0, GBP 2.';

create function bi.money(sixtieths numeric, currency text) returns numeric immutable parallel safe language sql as $$
  select round(sixtieths / 60, bi.minor_digits(currency))
$$;
comment on function bi.money(numeric, text) is 'An exact amount, kept as its sixtieths, as money: divided once and '
  'rounded half away from zero.';

create function bi.sixtieths(quantity numeric, unit text, price numeric, per text) returns numeric
immutable parallel safe language sql as $$
  select quantity * price * case
    when unit = per then 60 when unit = 'MIN' and per = 'HUR' then 1 when unit = 'HUR' and per = 'MIN' then 3600 end
$$;
comment on function bi.sixtieths(numeric, text, numeric, text) is
  'Quantity x price, exact, as sixtieths: minutes at an hourly price have no finite decimals. Null where the units do '
  'not convert: a day''s hours are a policy, not a fact.';

create function bi.converted(quantity numeric, unit text, wanted text) returns numeric
immutable parallel safe language sql as $$
  select case when unit = wanted then quantity when unit = 'MIN' and wanted = 'HUR' then quantity / 60
    when unit = 'HUR' and wanted = 'MIN' then quantity * 60 end
$$;
comment on function bi.converted(numeric, text, text) is
  'A quantity in another unit: minutes and hours only; null where they do not convert.';

create view bi.position as
  select position, day, fold_version, certified from views.position;

create view bi.name as
  select split_part(m.stream, '/', 1) as kind, m.stream as name, m.entity from views.entity_member m
  union all
  select s.kind, s.number, min(m.entity) from views.by_source s join views.entity_member m on m.stream = s.stream
  where s.number is not null and s.state is not null and s.deleted_by is null
  group by s.kind, s.number having count(distinct m.entity) = 1;

-- Dimensions.

create view bi.date as
  select d::date as date, extract(year from d)::int as year, extract(quarter from d)::int as quarter,
    extract(month from d)::int as month, to_char(d, 'YYYY-MM') as period, to_char(d, 'IYYY-"W"IW') as week,
    extract(isodow from d)::int as weekday, extract(isodow from d) < 6 as is_weekday
  from generate_series('2000-01-01'::timestamp, '2059-12-31'::timestamp, '1 day') d;

create view bi.source as
  select s.record_id as source, s.state ->> 'name' as name,
    array(select jsonb_array_elements_text(coalesce(s.state -> 'roles', '[]'))) as roles,
    array(select jsonb_array_elements_text(coalesce(s.state -> 'kinds', '[]'))) as kinds,
    views.date_of(s.state ->> 'from') as begins_on, views.date_of(s.state ->> 'to') as ends_on,
    (s.state ->> 'lagDays')::int as lag_days
  from views.by_source s where s.kind = 'source' and s.state is not null and s.deleted_by is null;

create view bi.client as
  select c.id as client, c.number, c.name, c.currency, c.active, c.blocked, n.entity as parent, c.live
  from views.client c left join bi.name n on n.kind = 'client' and n.name = c.parent;

create view bi.legal_entity as
  select l.id as legal_entity, l.number, l.name, l.country, l.currency, l.zone, n.entity as parent, l.live
  from views.legal_entity l left join bi.name n on n.kind = 'legal_entity' and n.name = l.parent;

create view bi.contract as
  select c.id as contract, c.number, n.entity as client, l.entity as legal_entity, c.currency, c.model, c.status,
    c.signed_on, c.begins_on, c.ends_on, c.live
  from views.contract c join views.entity e on e.id = c.id
  left join bi.name n on n.kind = 'client' and n.name = c.client
  left join views.entity_member l on l.stream = e.legal_entity;

create view bi.project as
  with project as materialized (
    select e.id, e.fields, e.live, e.legal_entity,
      array(select distinct substring(m from position(':' in m) + 1) from unnest(e.members) m)
        || coalesce(array(select s.number from views.by_source s
          where s.stream = any (e.members) and s.number is not null), '{}') as names
    from views.entity e where e.kind = 'project' and e.fields <> '{}'),
  line as materialized (
    select c.id as contract, l.ordinality as place, l.value ->> 'line' as line, l.value ->> 'project' as project,
      l.value ->> 'model' as model
    from views.entity c cross join lateral
      jsonb_array_elements(coalesce(c.fields #> '{lines,value}', '[]')) with ordinality l
    where c.kind = 'contract' and c.live and l.value ? 'project'),
  called as materialized (select p.id, n.name from project p cross join lateral unnest(p.names) n (name)),
  naming as materialized (
    select a.id, min(l.contract) as contract from called a join line l on l.project = a.name
    group by a.id having count(distinct l.contract) = 1),
  placed as materialized (
    select p.*, coalesce(nc.entity, g.contract) as contract
    from project p left join naming g on g.id = p.id
    left join bi.name nc on nc.kind = 'contract'
      and nc.name = views.text_of(p.fields #> '{contract,value}', p.fields #>> '{contract,source}')),
  lined as materialized (
    select distinct on (p.id) p.id, l.line, l.model from placed p join called a on a.id = p.id
    join line l on l.contract = p.contract and l.project = a.name order by p.id, l.place)
  select p.id as project, p.fields #>> '{number,value}' as number, p.fields #>> '{name,value}' as name,
    coalesce(c.client, np.entity) as client, p.contract, lined.line as contract_line,
    coalesce(lp.entity, c.legal_entity) as legal_entity,
    coalesce(p.fields #>> '{currency,value}', c.currency) as currency,
    coalesce(lined.model, p.fields #>> '{model,value}', c.model, 'time_and_materials') as billing_model,
    p.fields #>> '{status,value}' as status, (p.fields #>> '{budget,value}')::numeric as budget,
    views.date_of(p.fields #>> '{start,value}') as starts_on, views.date_of(p.fields #>> '{end,value}') as ends_on,
    (p.fields #>> '{approval,value}')::boolean as approval, p.names, p.live
  from placed p left join lined on lined.id = p.id
  left join bi.contract c on c.contract = p.contract
  left join bi.name np on np.kind = 'client'
    and np.name = views.text_of(p.fields #> '{client,value}', p.fields #>> '{client,source}')
  left join views.entity_member lp on lp.stream = p.legal_entity;

create view bi.resource as
  select r.id as resource, r.number, r.name, r.role, r.grade, r.employee_no, coalesce(r.subcontractor, false)
      as subcontractor, r.cost_rate, r.cost_rate_currency as cost_currency, r.cost_rate_per as cost_per, r.begins_on,
    r.ends_on, array(select distinct substring(m from position(':' in m) + 1) from unnest(r.members) m)
      || r.members || array_remove(array[r.number, r.employee_no], null) as names, r.live
  from views.resource r;

create view bi.rate_card as
  select c.id as rate_card, c.number, c.name, c.currency, n.entity as client, c.client is null as for_anybody,
    c.begins_on, c.ends_on, c.live
  from views.rate_card c left join bi.name n on n.kind = 'client' and n.name = c.client;

create view bi.rate as
  select e.id as card, e.kind, r.value ->> 'rate' as rate, r.ordinality as place, r.value ->> 'use' as use,
    r.value #>> '{match,task}' as task, r.value #>> '{match,resource}' as resource,
    r.value #>> '{match,role}' as role, r.value #>> '{match,grade}' as grade,
    r.value #>> '{match,project}' as project, (r.value #>> '{price,amount}')::numeric as price,
    r.value #>> '{price,currency}' as currency, r.value #>> '{price,per}' as per,
    views.date_of(r.value ->> 'from') as begins_on, views.date_of(r.value ->> 'to') as ends_on,
    (r.value ->> 'position')::bigint as position
  from views.entity e cross join lateral
    jsonb_array_elements(coalesce(e.fields #> '{rates,value}', '[]')) with ordinality r
  where e.kind in ('rate_card', 'contract') and e.live;

create view bi.project_card as
  with contract as materialized (select e.id, e.fields from views.entity e where e.kind = 'contract' and e.live),
  card as materialized (select * from bi.rate_card where live),
  named as materialized (
    select c.id as contract, n.entity as card, a.ordinality - 1 as place, views.date_of(a.value ->> 'from') as begins_on,
      views.date_of(a.value ->> 'to') as ends_on
    from contract c cross join lateral
      jsonb_array_elements(coalesce(c.fields #> '{rateCards,value}', '[]')) with ordinality a
    join bi.name n on n.kind = 'rate_card'
      and n.name = views.text_of(a.value -> 'card', c.fields #>> '{rateCards,source}')),
  offered as materialized (
    select c.id as contract, n.entity as card, a.ordinality - 1 as place
    from contract c join bi.name np on np.kind = 'proposal'
      and np.name = views.text_of(c.fields #> '{proposal,value}', c.fields #>> '{proposal,source}')
    join views.entity p on p.id = np.entity and p.live and p.fields #>> '{status,value}' = 'accepted'
    cross join lateral jsonb_array_elements(coalesce(p.fields #> '{versions,value}', '[]')) v
    cross join lateral jsonb_array_elements(coalesce(v.value -> 'rateCards', '[]')) with ordinality a
    join bi.name n on n.kind = 'rate_card' and n.name = views.text_of(a.value, p.fields #>> '{versions,source}')
    where v.value ->> 'version' = p.fields #>> '{version,value}'),
  project as materialized (select project, client, contract from bi.project where live)
  select p.project, c.id as card, 0 as origin, 0::bigint as place, null::date as begins_on, null::date as ends_on,
    null::date as card_begins_on
  from project p join contract c on c.id = p.contract
  where jsonb_array_length(coalesce(c.fields #> '{rates,value}', '[]')) > 0
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

-- Facts: what documents ask for.

create view bi.invoice_line as
  select i.id as invoice, l.value ->> 'line' as line, l.value ->> 'kind' as kind, l.value ->> 'description' as description,
    (l.value #>> '{quantity,value}')::numeric as quantity, l.value #>> '{quantity,unit}' as unit,
    (l.value #>> '{price,amount}')::numeric as price, l.value #>> '{price,per}' as per,
    l.value #>> '{price,currency}' as price_currency, (l.value ->> 'net')::numeric as net,
    i.fields #>> '{currency,value}' as currency,
    case i.fields #>> '{documentType,value}' when 'credit_note' then -1 else 1 end as sign,
    jsonb_array_length(coalesce(l.value -> 'bills', '[]')) as bills
  from views.entity i cross join lateral jsonb_array_elements(coalesce(i.fields #> '{lines,value}', '[]')) l
  where i.kind = 'invoice' and i.live and i.fields #>> '{status,value}' = 'issued';

create view bi.bill as
  with bill as (
    select c.to_entity as entity, c.to_part as part, c.from_entity as invoice, c.from_part as line, 1::numeric as share,
      coalesce(c.quantity, case when c.amount is null then (w.there ->> 'value')::numeric end) as quantity,
      coalesce(c.unit, case when c.amount is null then w.there ->> 'unit' end) as unit, c.amount, c.currency
    from views.coverage c join views.entity e on e.id = c.to_entity
    cross join lateral (select coalesce(e.fields #> '{billableQuantity,value}', e.fields #> '{quantity,value}')) w (there)
    where c.live and c.rel = 'bills' and not exists (select from views.standing_bill s where s.entity = c.to_entity)
    union all
    select s.entity, s.part, s.from_entity, s.from_part, s.share, s.quantity, s.unit, s.amount, s.currency
    from views.standing_bill s where s.share > 0),
  document as materialized (
    select i.id, i.fields #>> '{currency,value}' as currency, views.date_of(i.fields #>> '{issuedOn,value}') as issued_on
    from views.entity i where i.kind = 'invoice'),
  line as materialized (select * from bi.invoice_line),
  asked as (
    select split_part(b.entity, '/', 1) as kind, b.entity, b.part, b.invoice, b.line, d.issued_on, b.share, b.quantity,
      b.unit, case when b.quantity is null then b.amount end as amount, coalesce(b.currency, d.currency) as currency,
      case
        when b.quantity is null and b.amount is not null then b.amount * 60
        when l.bills = 1 and l.net is not null then l.net * 60 * b.share
        when b.quantity is not null and l.price_currency = d.currency
          then bi.sixtieths(b.quantity, b.unit, l.price, l.per)
        when l.bills > 0 and l.net is not null then round(l.net / l.bills, bi.minor_digits(d.currency)) * 60
        else b.amount * 60 end as sixtieths
    from bill b join document d on d.id = b.invoice
    left join line l on l.invoice = b.invoice and l.line = b.line)
  select kind, entity, part, invoice, line, issued_on, share, quantity, unit,
    bi.converted(quantity, unit, 'HUR') as hours, amount, currency, sixtieths,
    bi.money(sixtieths, currency) as asked
  from asked;

create view bi.invoice as
  with document as materialized (
    select e.id, e.fields, e.legal_entity, e.live, nc.entity as client,
      coalesce(e.fields #>> '{documentType,value}', 'invoice') as document_type,
      e.fields #>> '{status,value}' as status, e.fields #>> '{currency,value}' as currency
    from views.entity e left join bi.name nc on nc.kind = 'client'
      and nc.name = views.text_of(e.fields #> '{client,value}', e.fields #>> '{client,source}')
    where e.kind = 'invoice' and e.fields <> '{}'),
  under (invoice, contract) as materialized (
    select d.id, n.entity from document d
    cross join lateral jsonb_array_elements(coalesce(d.fields #> '{contracts,value}', '[]')) c
    join bi.name n on n.kind = 'contract' and n.name = views.text_of(c.value, d.fields #>> '{contracts,source}')
    union
    select d.id, p.contract from document d
    cross join lateral jsonb_array_elements(coalesce(d.fields #> '{projects,value}', '[]')) c
    join bi.name n on n.kind = 'project' and n.name = views.text_of(c.value, d.fields #>> '{projects,source}')
    join bi.project p on p.project = n.entity and p.contract is not null
    where coalesce(d.fields #> '{contracts,value}', '[]') = '[]'),
  one as materialized (
    select u.invoice, min(u.contract) as contract from under u group by u.invoice having count(distinct u.contract) = 1),
  back as materialized (
    select distinct c.to_entity as invoice from views.coverage c
    where c.live and c.rel in ('replaces', 'corrects') and c.to_kind = 'invoice'),
  booked as materialized (
    select distinct c.to_entity as invoice from views.coverage c
    join views.entity p on p.id = c.from_entity
    where c.live and c.rel = 'posts' and c.to_kind = 'invoice' and not exists (
      select from views.edge r join views.entity_member m on m.stream = r.to_stream
      join views.posting_by_source s on s.stream = r.stated_by
      where r.rel = 'reverses' and m.entity = p.id and s.status = 'posted' and s.live)),
  figure as (
    select d.*, case d.document_type when 'credit_note' then -1 else 1 end as sign, one.contract,
      (d.fields #>> '{totals,value,net}')::numeric as stated_net, (d.fields #>> '{totals,value,tax}')::numeric as tax,
      (d.fields #>> '{totals,value,gross}')::numeric as gross,
      (d.fields #>> '{totals,value,payable}')::numeric as payable
    from document d left join one on one.invoice = d.id)
  select f.id as invoice, f.fields #>> '{number,value}' as number, f.document_type, f.status,
    f.live and f.status = 'issued' as in_force, f.client, f.contract, l.entity as legal_entity,
    views.date_of(f.fields #>> '{issuedOn,value}') as issued_on, views.date_of(f.fields #>> '{dueOn,value}') as due_on,
    f.currency, f.sign * coalesce(f.stated_net, coalesce(f.gross, f.payable) - coalesce(f.tax, 0), s.net) as net,
    f.sign * f.tax as tax, f.sign * coalesce(f.gross, f.stated_net + f.tax, f.payable, f.stated_net, s.net) as gross,
    f.sign * coalesce(f.payable, f.gross, f.stated_net) as payable,
    (f.fields #>> '{writtenOff,value}')::numeric as written_off,
    case when f.fields #> '{settlement,value}' is not null then coalesce((f.fields #>> '{settlement,value,amount}')::numeric,
      f.payable, f.gross, f.stated_net) end as said_settled,
    back.invoice is not null as superseded, booked.invoice is not null as posted
  from figure f left join back on back.invoice = f.id left join booked on booked.invoice = f.id
  left join views.entity_member l on l.stream = f.legal_entity
  left join (
    select invoice, case when count(*) = count(net) then sum(net) end as net from bi.invoice_line group by invoice
  ) s on s.invoice = f.id;

-- Facts: work, what it is worth, and why it is not billed. The price is that of Domain/Rating.

create view bi.time as
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
      views.instant_of(e.fields #>> '{approval,value,at}')::date as approved_on,
      (e.fields #>> '{quantity,value,value}')::numeric as recorded, e.fields #>> '{quantity,value,unit}' as recorded_unit,
      (e.fields #>> '{approval,value,quantity,value}')::numeric as approved,
      e.fields #>> '{approval,value,quantity,unit}' as approved_unit,
      (e.to_bill ->> 'value')::numeric - coalesce(down.quantity, 0) as to_bill, e.to_bill ->> 'unit' as unit,
      coalesce(down.off, false) as off, coalesce(down.amount, 0) as down_amount, down.currency as down_currency,
      (e.fields #>> '{billRate,value,amount}')::numeric as said_price, e.fields #>> '{billRate,value,currency}'
        as said_currency, e.fields #>> '{billRate,value,per}' as said_per,
      e.fields #> '{costRate,value}' as cost_rate
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
      p.contract_currency,
      coalesce((e.cost_rate ->> 'amount')::numeric, s.cost_rate) as cost_price,
      case when e.cost_rate is null then s.cost_currency else e.cost_rate ->> 'currency' end as cost_currency,
      case when e.cost_rate is null then s.cost_per else e.cost_rate ->> 'per' end as cost_per
    from entry e join asked a on a.id = e.id
    left join project p on p.project = e.project left join task t on t.project = e.project and t.task = e.task
    left join resource s on s.resource = e.resource left join priced r on r.id = e.id
    left join billed b on b.entity = e.id left join draft d on d.entity = e.id
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
    bi.sixtieths(j.recorded, j.recorded_unit, j.cost_price, j.cost_per) as cost_sixtieths, j.cost_currency
  from judged j left join views.entity_member l on l.stream = j.legal_entity;

create view bi.expense as
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
      views.instant_of(e.fields #>> '{approval,value,at}')::date as approved_on,
      coalesce((e.fields #>> '{writtenOff,value}')::boolean, false) as written_off,
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
      e.amount > (p.terms #>> '{expenses,receiptAbove}')::numeric and not e.has_receipt as receipt_missing
    from entry e left join project p on p.project = e.project
    left join rule r on r.project = e.project and r.category = e.category
    left join billed b on b.entity = e.id left join draft d on d.entity = e.id),
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
      and j.reason is distinct from 'already_billed' and coalesce(j.left_value, 0) > 0 as unbilled
  from judged j left join views.entity_member l on l.stream = j.legal_entity;

create view bi.milestone as
  with milestone as materialized (
    select e.id, e.fields, e.legal_entity, np.entity as project, nc.entity as contract,
      e.fields #>> '{contractLine,value}' as line, e.fields #>> '{status,value}' as status,
      (e.fields #>> '{amount,value}')::numeric as amount, (e.fields #>> '{percent,value}')::numeric as percent,
      views.date_of(e.fields #>> '{acceptedOn,value}') as accepted_on,
      coalesce(e.fields #> '{evidence,value}', '[]') <> '[]' as has_evidence
    from views.entity e
    left join bi.name np on np.kind = 'project'
      and np.name = views.text_of(e.fields #> '{project,value}', e.fields #>> '{project,source}')
    left join bi.name nc on nc.kind = 'contract'
      and nc.name = views.text_of(e.fields #> '{contract,value}', e.fields #>> '{contract,source}')
    where e.kind = 'milestone' and e.live and e.fields <> '{}'),
  line as materialized (
    select c.id as contract, l.value ->> 'line' as line, (l.value ->> 'amount')::numeric as amount,
      count(*) over (partition by c.id) as lines
    from views.entity c cross join lateral jsonb_array_elements(coalesce(c.fields #> '{lines,value}', '[]')) l
    where c.kind = 'contract'),
  billed as materialized (
    select b.entity, sum(b.amount) as amount, sum(b.sixtieths) as sixtieths, bool_or(b.amount is null) as whole,
      min(b.currency) as currency
    from bi.bill b where b.kind = 'milestone' group by b.entity),
  worth as materialized (
    select m.*, coalesce(m.contract, p.contract) as under, p.client, p.legal_entity as project_legal_entity,
      coalesce(m.amount, round(m.percent * l.amount / 100, bi.minor_digits(c.currency))) as to_bill,
      coalesce(m.fields #>> '{currency,value}', c.currency) as currency, c.currency as contract_currency,
      c.client as contract_client, b.entity is not null as billed, coalesce(b.whole, false) as whole,
      b.amount as billed_amount, b.sixtieths as billed_sixtieths, b.currency as billed_currency
    from milestone m left join bi.project p on p.project = m.project
    left join bi.contract c on c.contract = coalesce(m.contract, p.contract)
    left join line l on l.contract = c.contract and (l.line = m.line or (m.line is null and l.lines = 1))
    left join billed b on b.entity = m.id)
  select w.id as milestone, w.fields #>> '{number,value}' as number, w.fields #>> '{name,value}' as name,
    coalesce(w.contract_client, w.client) as client, w.under as contract, w.line as contract_line, w.project,
    coalesce(l.entity, w.project_legal_entity) as legal_entity,
    w.status, views.date_of(w.fields #>> '{dueOn,value}') as due_on,
    views.date_of(w.fields #>> '{completedOn,value}') as completed_on, w.accepted_on, w.currency, w.to_bill,
    case when w.whole or (w.billed and w.to_bill <= w.billed_amount) then 0
      else w.to_bill - coalesce(w.billed_amount, 0) end as left_value,
    bi.money(w.billed_sixtieths, w.billed_currency) as billed_value, w.billed_sixtieths, w.billed_currency,
    case when w.status = 'cancelled' then 'cancelled'
      when w.status <> 'accepted' then 'not_accepted'
      when w.accepted_on > (select day from bi.position) then 'after_date'
      when not w.has_evidence then 'missing_document'
      when w.under is null then 'no_contract'
      when w.currency is distinct from w.contract_currency then 'other_currency'
      when w.whole or (w.billed and w.to_bill <= w.billed_amount) then 'already_billed'
      when w.to_bill is null then 'no_rate' end as reason,
    w.status = 'accepted' and not (w.whole or coalesce(w.billed and w.to_bill <= w.billed_amount, false)) as unbilled
  from worth w left join views.entity_member l on l.stream = w.legal_entity;

create view bi.instalment as
  with item as materialized (
    select c.contract, c.client, c.legal_entity, c.currency, c.status, i.value ->> 'item' as item,
      i.value ->> 'description' as description, views.date_of(i.value ->> 'dueOn') as due_on,
      views.date_of(i.value ->> 'releasedOn') as released_on, i.value ->> 'line' as contract_line,
      case when not i.value ? 'percent' then (i.value ->> 'amount')::numeric
        else round((i.value ->> 'percent')::numeric * (
          select min((l.value ->> 'amount')::numeric)
          from jsonb_array_elements(coalesce(e.fields #> '{lines,value}', '[]')) l
          where l.value ->> 'line' = i.value ->> 'line'
            or (not i.value ? 'line' and jsonb_array_length(e.fields #> '{lines,value}') = 1)) / 100,
          bi.minor_digits(c.currency)) end as to_bill
    from bi.contract c join views.entity e on e.id = c.contract cross join lateral
      jsonb_array_elements(coalesce(e.fields #> '{schedule,value}', '[]')) i where c.live),
  billed as materialized (
    select b.entity, b.part, sum(b.amount) as amount, sum(b.sixtieths) as sixtieths, bool_or(b.amount is null) as whole,
      min(b.currency) as currency
    from bi.bill b where b.kind = 'contract' group by b.entity, b.part)
  select i.contract, i.item, i.client, i.legal_entity, i.contract_line, i.description, i.due_on, i.released_on,
    i.currency, i.to_bill,
    case when b.whole or i.to_bill <= b.amount then 0 else i.to_bill - coalesce(b.amount, 0) end as left_value,
    bi.money(b.sixtieths, b.currency) as billed_value, b.sixtieths as billed_sixtieths, b.currency as billed_currency,
    case when b.whole or i.to_bill <= b.amount then 'already_billed'
      when i.released_on is null then 'not_released'
      when i.released_on > (select day from bi.position) then 'after_date'
      when i.status = 'suspended' then 'hold'
      when i.to_bill is null then 'no_rate' end as reason,
    i.released_on <= (select day from bi.position) and not coalesce(b.whole or i.to_bill <= b.amount, false) as unbilled
  from item i left join billed b on b.entity = i.contract and b.part = i.item;

create view bi.posting as
  select p.id as posting, p.number, l.entity as legal_entity, p.posted_on, p.period, p.status, p.currency, p.net, p.tax,
    p.gross, d.entity as document, p.live and p.status = 'posted' as in_force
  from views.posting p join views.entity e on e.id = p.id
  left join views.entity_member l on l.stream = e.legal_entity
  left join bi.name d on d.kind = 'invoice' and d.name = p.document;

create view bi.payment as
  with applied as materialized (
    select c.from_entity as payment, sum(c.amount) as amount, count(*) as documents from views.coverage c
    where c.live and c.rel = 'settles' group by c.from_entity)
  select p.id as payment, p.number, n.entity as client, l.entity as legal_entity, p.received_on, p.currency, p.amount,
    coalesce(p.refunded, 0) as refunded, p.status, p.live and p.status = 'received' as in_force,
    coalesce(a.amount, 0) as applied, p.amount - coalesce(p.refunded, 0) - coalesce(a.amount, 0) as unapplied
  from views.payment p join views.entity e on e.id = p.id
  left join views.entity_member l on l.stream = e.legal_entity
  left join bi.name n on n.kind = 'client' and n.name = p.client left join applied a on a.payment = p.id;

create view bi.drift_case as
  select s.record_id as case, s.state ->> 'class' as class, s.state ->> 'status' as status,
    s.state ->> 'severity' as severity, (s.state ->> 'amount')::numeric as amount, s.state ->> 'currency' as currency,
    s.state ->> 'owner' as source, s.state ->> 'assignee' as assignee, views.date_of(s.state ->> 'since') as since,
    (select day from bi.position) - views.date_of(s.state ->> 'since') as age_days,
    (s.state ->> 'reopened')::int as reopened, s.state ->> 'sentence' as sentence
  from views.by_source s where s.kind = 'drift_case' and s.source = 'ledger' and s.state is not null;

create view bi.exception as
  select s.record_id as case, s.state ->> 'code' as code, s.state ->> 'status' as status,
    s.state ->> 'severity' as severity, (s.state ->> 'amount')::numeric as amount, s.state ->> 'currency' as currency,
    s.state ->> 'owner' as source, s.state ->> 'assignee' as assignee, views.date_of(s.state ->> 'since') as since,
    (select day from bi.position) - views.date_of(s.state ->> 'since') as age_days,
    (s.state ->> 'reopened')::int as reopened, s.state ->> 'sentence' as sentence
  from views.by_source s where s.kind = 'exception' and s.source = 'ledger' and s.state is not null;

-- Questions.

create view bi.billing_readiness as
  select 'time' as kind, t.time as record, null::text as part, t.client, t.contract, t.contract_line, t.project,
    t.legal_entity, t.worked_on as dated, t.approved_on, t.hours_left as hours, t.currency,
    t.left_sixtieths as sixtieths, t.left_value as value, t.unbilled, t.reason, t.role
  from bi.time t
  union all
  select 'expense', x.expense, null, x.client, x.contract, x.contract_line, x.project, x.legal_entity, x.incurred_on,
    x.approved_on, null, x.currency, x.left_value * 60, x.left_value, x.unbilled, x.reason, null
  from bi.expense x
  union all
  select 'milestone', m.milestone, null, m.client, m.contract, m.contract_line, m.project, m.legal_entity,
    coalesce(m.accepted_on, m.due_on), m.accepted_on, null, m.currency, m.left_value * 60, m.left_value, m.unbilled,
    m.reason, null
  from bi.milestone m
  union all
  select 'instalment', i.contract, i.item, i.client, i.contract, i.contract_line, null, i.legal_entity,
    coalesce(i.released_on, i.due_on), i.released_on, null, i.currency, i.left_value * 60, i.left_value,
    coalesce(i.unbilled, false), i.reason, null
  from bi.instalment i;

create view bi.unbilled_work as
  with work as (
    select r.*, (select day from bi.position) - r.dated as age from bi.billing_readiness r where r.unbilled)
  select w.client, w.contract, w.project, w.legal_entity, w.currency,
    case when w.age is null then 'no_date' when w.age <= 30 then '0-30' when w.age <= 60 then '31-60'
      when w.age <= 90 then '61-90' else 'over_90' end as age_days,
    count(*) as items, count(*) filter (where w.sixtieths is null) as items_without_price,
    round(sum(w.hours), 2) as hours, bi.money(sum(w.sixtieths), w.currency) as value,
    bi.money(sum(w.sixtieths) filter (where w.reason is null), w.currency) as value_ready, min(w.dated) as oldest
  from work w group by w.client, w.contract, w.project, w.legal_entity, w.currency, 6;

create view bi.contract_burn as
  with ceiling as materialized (
    select c.contract, c.client, c.legal_entity, c.currency, k.value ->> 'id' as ceiling,
      coalesce(k.value ->> 'scope', 'contract') as scope, k.value ->> 'of' as of, m.measure, m.agreed, m.unit,
      coalesce((k.value ->> 'countsTax')::boolean, false) as counts_tax,
      coalesce((k.value ->> 'countsExpenses')::boolean, false) as counts_expenses,
      coalesce((e.fields #>> '{billing,value,tax,rate}')::numeric, 0) as tax_rate
    from bi.contract c join views.entity e on e.id = c.contract
    cross join lateral jsonb_array_elements(coalesce(e.fields #> '{ceilings,value}', '[]')) k
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
    select m.contract, m.contract_line, null, 'fee', m.billed_sixtieths, m.billed_currency, 0,
      case when m.reason is null then m.left_value * 60 end, m.currency, 0
    from bi.milestone m where m.contract is not null
    union all
    select i.contract, i.contract_line, null, 'fee', i.billed_sixtieths, i.billed_currency, 0,
      case when i.reason is null then i.left_value * 60 end, i.currency, 0
    from bi.instalment i),
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
    select contract, client, legal_entity, ceiling, scope, of, measure, agreed, unit, coalesce(case when is_money
        then bi.money(sum(billed_sixtieths * taxed) filter (where billed_currency = currency), currency)
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

create view bi.approved_not_posted as
  with posted as materialized (
    select distinct c.to_entity as entity from views.coverage c
    where c.live and c.rel = 'posts' and c.to_kind in ('time', 'expense'))
  select 'time' as kind, t.time as record, t.client, t.contract, t.project, t.legal_entity, t.worked_on as dated,
    t.approved_on, (select day from bi.position) - t.approved_on as days_since_approval, t.hours_approved as hours,
    t.cost_currency as currency, bi.money(t.cost_sixtieths, t.cost_currency) as cost
  from bi.time t where t.approval = 'approved' and not exists (select from posted p where p.entity = t.time)
  union all
  select 'expense', x.expense, x.client, x.contract, x.project, x.legal_entity, x.incurred_on, x.approved_on,
    (select day from bi.position) - x.approved_on, null, x.currency, x.cost
  from bi.expense x where x.approval = 'approved' and not exists (select from posted p where p.entity = x.expense);

create view bi.invoices_not_posted as
  select i.invoice, i.number, i.document_type, i.client, i.contract, i.legal_entity, i.issued_on,
    (select day from bi.position) - i.issued_on as days_since_issue, i.currency, i.net, i.gross
  from bi.invoice i where i.in_force and not i.posted;

create view bi.amendments_not_synchronised as
  with contract as materialized (
    select e.id, s.stream, s.source, s.state, to_timestamp(s.order_time / 1e6) at time zone 'UTC' as said_at,
      s.stream = e.fields #>> '{amendments,stream}' as is_owner
    from views.entity e join views.by_source s on s.stream = any (e.members)
    where e.kind = 'contract' and cardinality(e.members) > 1 and e.fields ? 'amendments' and s.state is not null
      and s.deleted_by is null and not s.stream = any (e.succeeded)),
  untold as (
    select o.id, o.source as amended_at, c.source as copy_at, c.stream as copy, o.state as mine, c.state as theirs,
      c.said_at::date as copy_said_on, a.amendments
    from contract o join contract c on c.id = o.id and not c.is_owner and coalesce(c.state -> 'amendments', '[]') = '[]'
    cross join lateral (
      select array_agg(x.value ->> 'id' order by views.date_of(x.value ->> 'signedOn'), x.value ->> 'id') as amendments
      from jsonb_array_elements(o.state -> 'amendments') x
      where views.date_of(x.value ->> 'signedOn') > c.said_at::date) a
    where o.is_owner and a.amendments is not null)
  select u.id as contract, c.number, c.client, c.legal_entity, u.amended_at, u.copy_at, u.copy, u.copy_said_on,
    u.amendments, d.fields as differing
  from untold u join bi.contract c on c.contract = u.id
  cross join lateral (
    select array_agg(t.key order by t.key) as fields from jsonb_each(u.theirs) t
    where t.key in ('ceilings', 'currency', 'from', 'lines', 'model', 'rounding', 'terms', 'to')
      and t.value not in ('[]', 'null') and u.mine ? t.key and u.mine -> t.key not in ('[]', 'null')
      and u.mine -> t.key <> t.value) d
  where d.fields is not null;

create view bi.receivable as
  with application as materialized (
    select p.id as payment, a.value ->> 'id' as part, a.value ->> 'kind' = 'credit' as of_credit,
      (a.value ->> 'discount')::numeric as discount from views.entity p
    cross join lateral jsonb_array_elements(coalesce(p.fields #> '{applications,value}', '[]')) a
    where p.kind = 'payment' and (a.value ->> 'kind' = 'credit' or a.value ->> 'discount' is not null)),
  settled as materialized (
    select c.to_entity as invoice,
      coalesce(sum(abs(c.amount) + coalesce(a.discount, 0)) filter (where a.of_credit is not true), 0) as amount,
      coalesce(sum(abs(c.amount)) filter (where a.of_credit), 0) as credit, bool_or(c.amount is null) as unknown
    from views.coverage c left join application a on a.payment = c.from_entity and a.part = c.from_part
    where c.live and c.rel = 'settles' and c.to_kind = 'invoice' and c.from_stream ^@ 'payment/' group by c.to_entity),
  credit as materialized (
    select c.to_entity as invoice, c.from_entity as note, sum(abs(c.amount)) filter (where c.from_part is null) as whole,
      sum(abs(c.amount)) filter (where c.from_part is not null) as lines,
      count(*) over (partition by c.from_entity) as documents
    from views.coverage c where c.live and c.rel = 'credits' and c.to_kind = 'invoice' and c.to_entity is not null
    group by c.to_entity, c.from_entity),
  credited as materialized (
    select c.invoice, c.note, coalesce(case when c.documents = 1 then -n.payable end, c.whole, c.lines) as amount
    from credit c left join bi.invoice n on n.invoice = c.note),
  figure as (
    select i.*, coalesce(s.amount, 0) as paid, coalesce(s.unknown, false) as unknown,
      greatest(coalesce((select sum(c.amount) from credited c where c.invoice = i.invoice), 0), coalesce(s.credit, 0))
        as credited,
      coalesce((select sum(c.amount) from credited c where c.note = i.invoice), 0) as given
    from bi.invoice i left join settled s on s.invoice = i.invoice
    where i.in_force)
  select f.invoice, f.number, f.document_type, f.client, f.contract, f.legal_entity, f.issued_on,
    coalesce(f.due_on, f.issued_on) as due_on, f.currency, f.payable, f.paid, f.credited, coalesce(f.written_off, 0)
      as written_off, f.said_settled,
    case when f.superseded then 0
      when f.document_type = 'credit_note' then f.payable + f.given + f.paid
      when f.said_settled is not null and f.paid = 0 then greatest(f.payable - f.said_settled - f.credited, 0)
      when f.unknown then null
      else f.payable - f.paid - f.credited - coalesce(f.written_off, 0) end as open,
    (select day from bi.position) - coalesce(f.due_on, f.issued_on) as days_overdue
  from figure f;

create view bi.receivable_ageing as
  select r.client, r.legal_entity, r.currency,
    case when r.days_overdue is null then 'no_date' when r.days_overdue <= 0 then 'not_due'
      when r.days_overdue <= 30 then '1-30' when r.days_overdue <= 60 then '31-60' when r.days_overdue <= 90 then '61-90'
      else 'over_90' end as days_overdue,
    count(*) as documents, sum(r.open) as open, min(r.due_on) as oldest_due_on
  from bi.receivable r where r.open <> 0 group by r.client, r.legal_entity, r.currency, 4;

create view bi.utilization as
  select t.resource, to_char(t.worked_on, 'YYYY-MM') as period, round(sum(t.hours_recorded), 2) as hours_recorded,
    round(sum(t.hours_to_bill) filter (where t.billable), 2) as hours_billable,
    round(sum(t.hours_billed), 2) as hours_billed,
    round(sum(t.hours_to_bill) filter (where t.billable) * 100 / nullif(sum(t.hours_recorded), 0), 1)
      as billable_percent
  from bi.time t where t.worked_on is not null group by t.resource, 2;

create view bi.realization as
  select t.client, t.contract, t.project, t.legal_entity, to_char(t.worked_on, 'YYYY-MM') as period,
    t.currency, round(sum(t.hours_billed), 2) as hours_billed,
    bi.money(sum(t.billed_standard_sixtieths), t.currency) as standard_value,
    bi.money(sum(t.billed_sixtieths), t.currency) as billed_value,
    round(sum(t.billed_sixtieths) * 100 / nullif(sum(t.billed_standard_sixtieths), 0), 1) as realization_percent
  from bi.time t where t.billed_standard_sixtieths is not null and t.billed_currency = t.currency
  group by t.client, t.contract, t.project, t.legal_entity, 5, t.currency;

create view bi.leakage as
  with lost as (
    select r.client, r.contract, r.project, r.legal_entity, r.currency, r.kind, r.sixtieths as late, null::numeric as below
    from bi.billing_readiness r where r.unbilled and (select day from bi.position) - r.dated > 60
    union all
    select t.client, t.contract, t.project, t.legal_entity, t.currency, 'time', null,
      bi.money(t.billed_standard_sixtieths, t.currency) - t.billed_value
    from bi.time t where t.billed_currency = t.currency
      and bi.money(t.billed_standard_sixtieths, t.currency) > t.billed_value)
  select client, contract, project, legal_entity, currency,
    coalesce(bi.money(sum(late) filter (where kind <> 'expense'), currency), 0) as work_unbilled,
    coalesce(bi.money(sum(late) filter (where kind = 'expense'), currency), 0) as expenses_unbilled,
    coalesce(sum(below), 0) as billed_below_card,
    coalesce(bi.money(sum(late), currency), 0) + coalesce(sum(below), 0) as leakage
  from lost group by client, contract, project, legal_entity, currency;

create view bi.engagement_margin as
  with part as (
    select i.contract, i.currency, i.net as billed, null::numeric as unbilled, null::numeric as time_cost,
      null::numeric as expense_cost from bi.invoice i where i.in_force and not i.superseded
    union all
    select r.contract, r.currency, null, r.sixtieths, null, null from bi.billing_readiness r where r.unbilled
    union all
    select t.contract, t.cost_currency, null, null, t.cost_sixtieths, null from bi.time t
    where t.cost_sixtieths is not null
    union all
    select x.contract, x.currency, null, null, null, x.cost from bi.expense x),
  sums as (
    select p.contract, p.currency, coalesce(sum(p.billed), 0) as billed,
      coalesce(bi.money(sum(p.unbilled), p.currency), 0) as unbilled,
      coalesce(bi.money(sum(p.time_cost), p.currency), 0) as time_cost, coalesce(sum(p.expense_cost), 0) as expense_cost,
      count(*) over (partition by p.contract) as currencies
    from part p group by p.contract, p.currency)
  select s.contract, c.number, c.client, c.legal_entity, s.currency, s.billed, s.unbilled, s.billed + s.unbilled as earned,
    s.time_cost, s.expense_cost, s.billed + s.unbilled - s.time_cost - s.expense_cost as margin,
    case when s.currencies = 1 then
      round((s.billed + s.unbilled - s.time_cost - s.expense_cost) * 100 / nullif(s.billed + s.unbilled, 0), 1) end
      as margin_percent, s.currencies = 1 as is_whole
  from sums s left join bi.contract c on c.contract = s.contract;

create view bi.headline as
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
    select i.currency, i.net as amount from bi.invoice i where i.in_force and not i.superseded
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

-- What every view and column means. What columns of several views share is written once, under '*'.

do $$
declare
  c record;
begin
  create temporary table said (view text, name text, meaning text, primary key (view, name)) on commit drop;
  insert into said values
    ('*', 'client', 'The client: the id of its entity.'),
    ('*', 'contract', 'The contract it is under: the id of its entity; null = none is known.'),
    ('*', 'contract_line', 'The line of the contract it is under.'),
    ('*', 'project', 'The project: the id of its entity.'),
    ('*', 'resource', 'Who did it: the id of their entity.'),
    ('*', 'legal_entity', 'The legal entity it belongs to: the id of its entity.'),
    ('*', 'currency', 'Currency of the amounts, ISO 4217; null = nothing tells a price.'),
    ('*', 'number', 'Its business number as printed; never its identity.'),
    ('*', 'name', 'Its name.'),
    ('*', 'live', 'Whether any source still has it.'),
    ('*', 'status', 'Its status, as its owner says.'),
    ('*', 'begins_on', 'Its first day; null = none is stated.'),
    ('*', 'ends_on', 'Its last day; null = open.'),
    ('*', 'parent', 'What it belongs to: the id of an entity of the same kind.'),
    ('*', 'approval', 'open, submitted, approved or rejected; null = not said.'),
    ('*', 'approved_on', 'The day of the approval, UTC; of a milestone its acceptance, of an instalment its release.'),
    ('*', 'reason', 'Why it may not be billed now, the first that holds; null = it may. already_billed, on_draft, hold, '
      'not_billable, written_off, paid_by_fee, absorbed, cancelled, after_date, outside_contract, not_approved, '
      'not_accepted, not_released, missing_document, no_contract, no_quantity, no_rate, other_currency.'),
    ('*', 'unbilled', 'Whether it is approved, billable and not billed yet, whether or not it may be billed now.'),
    ('*', 'left_value', 'What is left to bill of it; null = nothing tells its price.'),
    ('*', 'left_sixtieths', 'The same, exact, in sixtieths of the currency: sum these, then divide by 60 and round.'),
    ('*', 'billed_value', 'What live documents ask for it, less what was given back.'),
    ('*', 'billed_sixtieths', 'The same, exact, in sixtieths of the currency.'),
    ('*', 'billed_currency', 'Currency of what was billed, ISO 4217.'),
    ('*', 'hours', 'Hours; null = it is no time, or stated in a unit that hours do not tell.'),
    ('*', 'hours_billed', 'Hours that live documents bill and nobody gave back.'),
    ('*', 'document_type', 'invoice, credit_note, prepayment or corrective.'),
    ('*', 'in_force', 'Whether it counts: live and neither cancelled, voided, failed nor reversed.'),
    ('*', 'issued_on', 'Its date.'),
    ('*', 'due_on', 'When it is due.'),
    ('*', 'net', 'Before tax; a credit note''s is negative.'),
    ('*', 'tax', 'The tax; a credit note''s is negative.'),
    ('*', 'gross', 'With tax; a credit note''s is negative.'),
    ('*', 'kind', 'What it is: time, expense, milestone or instalment.'),
    ('*', 'record', 'The piece of work: the id of its entity; of an instalment its contract''s.'),
    ('*', 'dated', 'The service date; of a milestone its acceptance, of an instalment its release, else when due.'),
    ('*', 'period', 'Calendar month of the service date, YYYY-MM.'),
    ('*', 'invoice', 'The document: the id of its entity.'),
    ('*', 'line', 'The line of the document.'),
    ('*', 'quantity', 'How much, in unit.'),
    ('*', 'unit', 'Its unit, a UN/ECE Recommendation 20 code: MIN = minutes, HUR = hours.'),
    ('*', 'price', 'The price of one unit (per).'),
    ('*', 'per', 'Unit of price.'),
    ('*', 'to_bill', 'What there is to bill of it in all, before tax.'),
    ('*', 'case', 'The id of the case.'),
    ('*', 'severity', 'How bad it is.'),
    ('*', 'amount', 'Money at stake, without a sign.'),
    ('*', 'source', 'The system.'),
    ('*', 'assignee', 'Who looks after it.'),
    ('*', 'since', 'The day it first came up.'),
    ('*', 'age_days', 'Days since, as of the ledger''s day.'),
    ('*', 'reopened', 'How often it came up again.'),
    ('*', 'sentence', 'What it is, in plain English.'),
    ('*', 'card', 'The card that prices it, or the contract itself: the id of its entity.'),
    ('*', 'rate', 'The price''s id within the card.'),
    ('*', 'role', 'The role it was done in: on the project, else in the firm.'),
    ('*', 'names', 'What others may call it: ids and numbers.'),
    ('*', 'position', 'Position of the event.');
  insert into said values
    ('position', '', 'As of when every view of this schema tells. Read it in one transaction with your figures.'),
    ('position', 'position', 'Of the last event in the views.'),
    ('position', 'day', 'The ledger''s day: the UTC date of that event. Ages and "today" are as of this day.'),
    ('position', 'fold_version', 'Of the program that made the views.'),
    ('position', 'certified', 'Whether they were folded afresh and found equal at this position.'),
    ('name', '', 'Which entity a stream or a business number means: the bridge from references to dimensions. A number '
      'that several things bear means none here.'),
    ('name', 'kind', 'The kind of record.'),
    ('name', 'name', 'A stream, or a number.'),
    ('name', 'entity', 'The id of the entity.'),
    ('date', '', 'Dimension: the days from 2000 to 2059.'),
    ('date', 'date', 'The day.'), ('date', 'year', 'Calendar year.'), ('date', 'quarter', 'Quarter, 1 to 4.'),
    ('date', 'month', 'Month, 1 to 12.'), ('date', 'period', 'Calendar month, YYYY-MM.'),
    ('date', 'week', 'ISO 8601 week, YYYY-Www.'), ('date', 'weekday', '1 = Monday to 7 = Sunday.'),
    ('date', 'is_weekday', 'Whether it is Monday to Friday; holidays are not known here.'),
    ('source', '', 'Dimension: the systems that are registered.'),
    ('source', 'source', 'Its name in streams.'), ('source', 'name', 'Its name for people.'),
    ('source', 'roles', 'What it is for.'), ('source', 'kinds', 'The kinds of record it carries.'),
    ('source', 'lag_days', 'How many days it may be late.'),
    ('client', '', 'Dimension: clients, each once.'),
    ('client', 'currency', 'The currency it is billed in, ISO 4217.'),
    ('client', 'active', 'Whether it is still worked for.'), ('client', 'blocked', 'Whether it is blocked.'),
    ('legal_entity', '', 'Dimension: the firm''s legal entities, each once.'),
    ('legal_entity', 'legal_entity', 'The id of its entity.'),
    ('legal_entity', 'country', 'Where it is, ISO 3166.'), ('legal_entity', 'zone', 'Its time zone, an IANA name.'),
    ('legal_entity', 'currency', 'The currency it keeps its books in, ISO 4217.'),
    ('contract', '', 'Dimension: contracts, each once. An engagement is a contract with the projects under it.'),
    ('contract', 'contract', 'The id of its entity.'), ('contract', 'currency', 'Its currency, ISO 4217.'),
    ('contract', 'model', 'How work is turned into invoices.'), ('contract', 'signed_on', 'When it was signed.'),
    ('project', '', 'Dimension: projects, each once, with the contract they name, else the only one that names them.'),
    ('project', 'client', 'The contract''s client, else the project''s own.'),
    ('project', 'legal_entity', 'Its own legal entity, else the contract''s.'),
    ('project', 'currency', 'Its own currency, else the contract''s.'),
    ('project', 'billing_model', 'How its work is billed: its contract line''s word, else its own, else the contract''s.'),
    ('project', 'budget', 'Its budget, in its currency.'), ('project', 'starts_on', 'Its first day.'),
    ('project', 'approval', 'Whether its work must be approved before it is billed; null = not said.'),
    ('resource', '', 'Dimension: those who do the work, each once.'),
    ('resource', 'resource', 'The id of their entity.'), ('resource', 'role', 'What they do in the firm.'),
    ('resource', 'grade', 'Their grade.'), ('resource', 'employee_no', 'Their employee number.'),
    ('resource', 'subcontractor', 'Whether they are no employee.'),
    ('resource', 'cost_rate', 'What one unit of them costs the firm, as stated last.'),
    ('resource', 'cost_currency', 'Currency of cost_rate.'), ('resource', 'cost_per', 'Unit of cost_rate.'),
    ('rate_card', '', 'Dimension: price lists, each once.'),
    ('rate_card', 'rate_card', 'The id of its entity.'), ('rate_card', 'client', 'The client it is made for.'),
    ('rate_card', 'for_anybody', 'Whether it names no client.'),
    ('rate', '', 'Prices of cards, and those that contracts agree themselves: the rate-card timeline.'),
    ('rate', 'kind', 'rate_card or contract.'), ('rate', 'place', 'Its place on the card, from 1; what was set later is '
      'behind.'),
    ('rate', 'use', 'bill or cost.'), ('rate', 'task', 'The task it is for; null = any.'),
    ('rate', 'resource', 'Who it is for, by any of their names; null = anybody.'),
    ('rate', 'role', 'The role it is for; null = any.'), ('rate', 'grade', 'The grade it is for; null = any.'),
    ('rate', 'project', 'The project it is for, by any of its names; null = any.'),
    ('rate', 'position', 'Position of the event that set it; null = it came with the card.'),
    ('project_card', '', 'Which cards price the work of which project, in the order they are asked: the contract '
      'itself, its cards, the accepted proposal''s, the client''s, those for anybody.'),
    ('project_card', 'origin', '0 contract, 1 its card, 2 the accepted proposal''s, 3 the client''s, 4 the default.'),
    ('project_card', 'place', 'Among those of one origin, from 0.'),
    ('project_card', 'card_begins_on', 'The card''s own first day; of two alike the one that began last is asked first.'),
    ('invoice_line', '', 'Fact: lines of issued documents.'),
    ('invoice_line', 'kind', 'What the line is for, as its source says.'),
    ('invoice_line', 'description', 'What it says.'), ('invoice_line', 'price_currency', 'Currency of price.'),
    ('invoice_line', 'net', 'Before tax as stated, positive on a credit note too; null = the line does not say.'),
    ('invoice_line', 'sign', '-1 on a credit note, else 1.'),
    ('invoice_line', 'bills', 'How many pieces of work it names.'),
    ('bill', '', 'Fact: what stands of what lines of live documents bill of a thing. asked = the amount the line says of '
      'it; else the line''s net, where it bills nothing else; else quantity x price of the line; else an equal share '
      'of its net. Cancelled, voided, replaced and credited documents have released theirs.'),
    ('bill', 'kind', 'Kind of the thing billed.'), ('bill', 'entity', 'The thing billed: the id of its entity.'),
    ('bill', 'part', 'The part of it, such as an instalment of a contract.'),
    ('bill', 'issued_on', 'Date of the document.'),
    ('bill', 'share', 'How much of the bill stands, from 0 to 1.'), ('bill', 'hours', 'quantity in hours.'),
    ('bill', 'amount', 'What the line says of it in money; null = it says a quantity, or all of it.'),
    ('bill', 'sixtieths', 'What it asks for it, exact, in sixtieths of the currency.'),
    ('bill', 'asked', 'The same as money, rounded by itself.'),
    ('invoice', '', 'Fact: documents that ask for money or give it back, each once. net as stated, else gross less tax, '
      'else the sum of the lines; gross as stated, else net + tax.'),
    ('invoice', 'contract', 'The only contract it names, else that of the projects it names; null = several or none.'),
    ('invoice', 'status', 'draft, approved, issued, cancelled, voided or discarded.'),
    ('invoice', 'payable', 'What is to be paid by its own word: payable, else gross, else net.'),
    ('invoice', 'written_off', 'What was written off.'),
    ('invoice', 'said_settled', 'What its source says was paid, with or without a payment record.'),
    ('invoice', 'superseded', 'Whether a live document replaces or corrects it.'),
    ('invoice', 'posted', 'Whether a posting that stands posts it.'),
    ('time', '', 'Fact: pieces of work, each once. To bill = billable quantity, else approved, else recorded, less what '
      'was written down. Price = that of the first card in force on the service date that has one (contract, its '
      'cards, the accepted proposal''s, the client''s, the default; within a card by task, person, role, grade, any), '
      'else the entry''s own. Left = to bill less what live documents bill.'),
    ('time', 'time', 'The id of its entity.'), ('time', 'worked_on', 'The service date.'),
    ('time', 'task', 'The task within the project.'), ('time', 'activity', 'What kind of work.'),
    ('time', 'billable', 'Whether it is billable, by its own word, else the task''s; where nobody says, it is.'),
    ('time', 'hours_recorded', 'Hours as recorded.'), ('time', 'hours_approved', 'Hours approved.'),
    ('time', 'hours_to_bill', 'Hours there are to bill in all.'), ('time', 'hours_left', 'Hours left to bill.'),
    ('time', 'price_basis', 'Whence the price: contract, contract_card, proposal_card, client_card, default_card; entry '
      '= what the entry states; cost = what a subcontractor costs, with the mark-up agreed.'),
    ('time', 'standard_sixtieths', 'To bill at that price, less what was written down, exact, in sixtieths.'),
    ('time', 'billed_standard_sixtieths', 'What is billed of it, at that price, exact, in sixtieths.'),
    ('time', 'cost_sixtieths', 'Recorded time at its cost rate, else the person''s, exact, in sixtieths.'),
    ('time', 'cost_currency', 'Currency of the cost, ISO 4217.'),
    ('expense', '', 'Fact: money spent, each once. To bill = what it says the client pays, else its cost with the mark-up '
      'agreed, as much as its category allows.'),
    ('expense', 'expense', 'The id of its entity.'), ('expense', 'incurred_on', 'The day of the cost.'),
    ('expense', 'category', 'What it was spent on.'), ('expense', 'cost', 'What it cost.'),
    ('milestone', '', 'Fact: milestones, each once. To bill = its amount, else its share of the contract line.'),
    ('milestone', 'milestone', 'The id of its entity.'), ('milestone', 'completed_on', 'When the work was done.'),
    ('milestone', 'accepted_on', 'When the client accepted it.'),
    ('instalment', '', 'Fact: items of contracts'' billing schedules. To bill = its amount, else its share of the line.'),
    ('instalment', 'item', 'Its id within the contract.'), ('instalment', 'description', 'What it is for.'),
    ('instalment', 'released_on', 'When somebody released it for billing.'),
    ('posting', '', 'Fact: journal entries, each once.'), ('posting', 'posting', 'The id of its entity.'),
    ('posting', 'posted_on', 'Its date in the books.'), ('posting', 'period', 'The accounting period as booked.'),
    ('posting', 'document', 'The document it books: the id of its entity.'),
    ('posting', 'net', 'Booked before tax, as stated.'), ('posting', 'tax', 'Booked tax, as stated.'),
    ('posting', 'gross', 'Booked with tax, as stated.'),
    ('payment', '', 'Fact: money received, each once. Unapplied = amount - refunded - applied.'),
    ('payment', 'payment', 'The id of its entity.'), ('payment', 'received_on', 'When the money came.'),
    ('payment', 'amount', 'How much; positive is money in.'), ('payment', 'refunded', 'How much went back.'),
    ('payment', 'applied', 'How much settles documents.'), ('payment', 'unapplied', 'How much settles nothing yet.'),
    ('drift_case', '', 'Fact: differences between systems that were opened as cases.'),
    ('drift_case', 'class', 'What differs.'), ('exception', '', 'Fact: findings that somebody has to look at.'),
    ('exception', 'code', 'Of the finding.'),
    ('billing_readiness', '', 'What may be billed now, and why the rest may not: every piece of time, expense, milestone '
      'and instalment once, with the first reason that holds. Ceilings are in contract_burn; subscriptions, usage '
      'and fees of tasks only in the invoice proposal.'),
    ('billing_readiness', 'part', 'The instalment.'),
    ('billing_readiness', 'sixtieths', 'What is left to bill, exact, in sixtieths of the currency.'),
    ('billing_readiness', 'value', 'What is left to bill; null = nothing tells its price.'),
    ('unbilled_work', '', 'Approved, billable, not billed, by engagement and age: value = the sum of what is left to '
      'bill, rounded once; hours = the sum of hours left. Age = the ledger''s day - the service date.'),
    ('unbilled_work', 'age_days', '0-30, 31-60, 61-90, over_90, or no_date.'),
    ('unbilled_work', 'items', 'How many pieces.'),
    ('unbilled_work', 'items_without_price', 'How many of them no price is known for: they are in no value.'),
    ('unbilled_work', 'value', 'What they are worth.'),
    ('unbilled_work', 'value_ready', 'What of that may be billed now.'),
    ('unbilled_work', 'oldest', 'The earliest service date.'),
    ('contract_burn', '', 'Each ceiling and how far it is used: committed = billed + unbilled, where billed = what stands '
      'of documents and unbilled = what may be billed now; expenses and tax only where the ceiling counts them. In the '
      'contract''s currency, or hours. A ceiling of lines or roles has a row for each.'),
    ('contract_burn', 'ceiling', 'Its id within the contract.'),
    ('contract_burn', 'scope', 'contract, line, role or customer.'), ('contract_burn', 'of', 'The line or role.'),
    ('contract_burn', 'measure', 'amount or quantity.'), ('contract_burn', 'unit', 'The currency, or the unit.'),
    ('contract_burn', 'agreed', 'The limit.'), ('contract_burn', 'billed', 'What is billed.'),
    ('contract_burn', 'unbilled', 'What may be billed now.'), ('contract_burn', 'committed', 'billed + unbilled.'),
    ('contract_burn', 'remaining', 'agreed - committed; negative = over.'),
    ('contract_burn', 'committed_percent', 'committed / agreed, in percent.'),
    ('contract_burn', 'status', 'within, reached or over.'),
    ('approved_not_posted', '', 'Approved time and expenses that no posting in force covers. Cost = recorded time at cost '
      'rate; of an expense what it cost.'),
    ('approved_not_posted', 'days_since_approval', 'The ledger''s day - the day of the approval.'),
    ('approved_not_posted', 'cost', 'What should be in the books.'),
    ('invoices_not_posted', '', 'Issued documents that no posting in force posts; a posting another one takes back is not.'),
    ('invoices_not_posted', 'days_since_issue', 'The ledger''s day - the date of the document.'),
    ('amendments_not_synchronised', '', 'Contracts of which a system''s copy has said nothing since they were amended '
      'elsewhere, and says other terms: one row a copy.'),
    ('amendments_not_synchronised', 'amended_at', 'The system that has the amendments.'),
    ('amendments_not_synchronised', 'copy_at', 'The system that does not.'),
    ('amendments_not_synchronised', 'copy', 'The stream of its copy.'),
    ('amendments_not_synchronised', 'copy_said_on', 'When it last said anything of the contract.'),
    ('amendments_not_synchronised', 'amendments', 'The amendments signed since.'),
    ('amendments_not_synchronised', 'differing', 'The terms that both state, and state differently.'),
    ('receivable', '', 'Documents in force and what is open of them: open = payable - paid - credited - written off, '
      'negative = too much was paid. Where its source says it is settled and no payment is known, that is believed. A '
      'credit note is negative until it is used up; one that is replaced or corrected has nothing open.'),
    ('receivable', 'due_on', 'When it is due, else its date.'),
    ('receivable', 'payable', 'What is to be paid by its own word; a credit note''s is negative.'),
    ('receivable', 'paid', 'What payments settle of it, with discounts taken, credits left out.'),
    ('receivable', 'credited', 'What credit notes give back of it: all of a note that credits nothing else, else what '
      'it says of the document, else what its lines say; at least what is applied of credits.'),
    ('receivable', 'written_off', 'What was written off.'),
    ('receivable', 'said_settled', 'What its source says was paid.'),
    ('receivable', 'open', 'What is still owed; null = what a payment settles of it is not known.'),
    ('receivable', 'days_overdue', 'The ledger''s day - due_on; below 0 = not due yet.'),
    ('receivable_ageing', '', 'What is owed, by client and by how long it is overdue: the sum of receivable.open.'),
    ('receivable_ageing', 'days_overdue', 'not_due, 1-30, 31-60, 61-90, over_90, or no_date.'),
    ('receivable_ageing', 'documents', 'How many.'), ('receivable_ageing', 'open', 'What is owed.'),
    ('receivable_ageing', 'oldest_due_on', 'The earliest due date.'),
    ('utilization', '', 'Billable share of recorded hours by person and month: billable_percent = hours_billable / '
      'hours_recorded. Not over available hours: no source tells the ledger what hours a person has.'),
    ('utilization', 'hours_recorded', 'All hours recorded.'),
    ('utilization', 'hours_billable', 'Hours to bill of entries that are billable, billed or not.'),
    ('utilization', 'billable_percent', 'hours_billable / hours_recorded, in percent.'),
    ('realization', '', 'What was billed of time against its price: realization = billed value / standard value, where '
      'standard = the hours billed at the price of the card. Work without a price, or billed in another currency, is '
      'left out.'),
    ('realization', 'standard_value', 'The hours billed, at the price of the card.'),
    ('realization', 'realization_percent', 'billed_value / standard_value, in percent.'),
    ('leakage', '', 'Money that is being lost: leakage = unbilled work and expenses older than 60 days + what was billed '
      'of time below its price.'),
    ('leakage', 'work_unbilled', 'Unbilled time, milestones and instalments older than 60 days.'),
    ('leakage', 'expenses_unbilled', 'Unbilled expenses older than 60 days.'),
    ('leakage', 'billed_below_card', 'By how much time was billed below its price.'),
    ('leakage', 'leakage', 'All of it.'),
    ('engagement_margin', '', 'Margin by engagement: margin = billed + unbilled - cost of time - cost of expenses. Billed = '
      'net of documents in force; cost of time = recorded time at its cost rate, as stated last. A row a currency: '
      'where an engagement has several (is_whole false), no row alone is its margin.'),
    ('engagement_margin', 'billed', 'Net of documents in force, credit notes taken off.'),
    ('engagement_margin', 'unbilled', 'What is approved, billable and not billed.'),
    ('engagement_margin', 'earned', 'billed + unbilled.'), ('engagement_margin', 'time_cost', 'Cost of time.'),
    ('engagement_margin', 'expense_cost', 'Cost of expenses.'), ('engagement_margin', 'margin', 'earned - costs.'),
    ('engagement_margin', 'margin_percent', 'margin / earned, in percent; null where there are several currencies.'),
    ('engagement_margin', 'is_whole', 'Whether all of the engagement is in this one currency.'),
    ('headline', '', 'What every question comes to now, by the same formulas: a row a currency, or one of all.'),
    ('headline', 'place', 'In which order to ask.'), ('headline', 'question', 'The view that answers it.'),
    ('headline', 'words', 'What the figure is.'), ('headline', 'figure', 'The figure; null = nothing to tell it from.'),
    ('headline', 'unit', 'A currency, percent, or what is counted.');

  for c in select v.relname as view, a.attname as name, coalesce(own.meaning, shared.meaning) as meaning
           from pg_class v join pg_attribute a on a.attrelid = v.oid and a.attnum > 0
           left join said own on own.view = v.relname and own.name = a.attname
           left join said shared on shared.view = '*' and shared.name = a.attname
           where v.relnamespace = 'bi'::regnamespace and v.relkind = 'v' loop
    execute format('comment on column bi.%I.%I is %L', c.view, c.name, c.meaning);
  end loop;
  for c in select view, meaning from said where name = '' loop
    execute format('comment on view bi.%I is %L', c.view, c.meaning);
  end loop;
end
$$;

-- These questions are many joins over few rows: to compile one takes PostgreSQL five times as long as to answer it.

do $$
begin
  execute format('alter database %I set jit = off', current_database());
end
$$;

-- Who only reads: a role without a login, for the logins of BI tools to be members of. Where whoever migrates may make
-- no roles, an administrator makes it, and grants the same.

do $$
begin
  if not exists (select from pg_roles where rolname = 'ledger_bi') then
    create role ledger_bi nologin;
  end if;
exception when insufficient_privilege or duplicate_object or unique_violation then
  raise notice 'ledger_bi is not made here';
end
$$;

do $$
begin
  if exists (select from pg_roles where rolname = 'ledger_bi') then
    grant usage on schema bi to ledger_bi;
    grant select on all tables in schema bi to ledger_bi;
    alter default privileges in schema bi grant select on tables to ledger_bi;
  end if;
end
$$;
