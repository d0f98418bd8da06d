-- A document that takes the place of one line of another leaves the rest of it owed, by one rule for what a line is worth;
-- discounts are no money; what is billed against a ceiling is what documents ask for, whether or not a line names the
-- work; what is billed of a milestone is billed, whatever should have kept it from being.

insert into ledger.kind_column (kind, name, path, type, meaning) values
  ('posting', 'reversed_on', '{reversedOn}', 'date', 'Since when it is reversed.');
select ledger.make_kind_views(array['posting']);

create function bi.line_shares(lines jsonb, taxes numeric, owed numeric, digits int)
returns table (line text, net numeric, tax numeric, share numeric) immutable parallel safe language sql as $$
  with stated as (
    select l.ordinality as place, l.value ->> 'line' as line, coalesce((l.value ->> 'net')::numeric, 0) as net,
      (l.value #>> '{tax,amount}')::numeric as own
    from jsonb_array_elements(coalesce(lines, '[]')) with ordinality l),
  taxed as (
    select s.*, coalesce(s.own, (taxes - coalesce(sum(s.own) over (), 0)) * s.net
      / nullif(sum(s.net) filter (where s.own is null) over (), 0), 0) as tax from stated s),
  exact as (
    select t.*, coalesce(owed * (t.net + t.tax) / nullif(sum(t.net + t.tax) over (), 0), 0) as whole,
      sum(t.net + t.tax) over () <> 0 as is_shared from taxed t),
  cut as (select e.*, round(floor(e.whole * 10::numeric ^ digits) / 10::numeric ^ digits, digits) as base from exact e),
  ranked as (
    select c.*, row_number() over (order by c.whole - c.base desc, c.place) as turn,
      case when c.is_shared then owed - sum(c.base) over () else 0 end as rest from cut c)
  select line, net, round(tax, digits), base
    + case when turn <= trunc(rest * 10::numeric ^ digits) then round(10::numeric ^ -digits, digits) else 0 end
    + case when turn = 1 then rest - trunc(rest, digits) else 0 end
  from ranked order by place
$$;
comment on function bi.line_shares(jsonb, numeric, numeric, int) is 'What each line is of what a document asks for, in the '
  'order of its lines: its tax (its own, else its part by net of the tax that no line states) and its share of what is '
  'owed, by largest remainder, so that the shares sum to it.';

create function bi.taken(whole boolean, amount numeric, of_all numeric) returns numeric
immutable parallel safe language sql as $$
  select case when whole then of_all when amount is null then 0
    else greatest(least(amount, greatest(of_all, 0)), least(of_all, 0)) end
$$;
comment on function bi.taken(boolean, numeric, numeric) is 'What of an amount is taken by lines: all of it where every line '
  'is gone, else what they come to, never more than it and never less than nothing.';

create or replace view bi.invoice as
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
    where c.live and c.rel in ('replaces', 'corrects') and c.to_kind = 'invoice' and c.to_part is null),
  gone as materialized (
    select distinct c.to_entity as invoice, c.to_part as line from views.coverage c
    where c.live and c.rel in ('replaces', 'corrects') and c.to_kind = 'invoice' and c.to_part is not null),
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
    from document d left join one on one.invoice = d.id),
  net as materialized (
    select invoice, case when count(*) = count(net) then sum(net) end as net from bi.invoice_line group by invoice),
  taken as materialized (
    select f.id as invoice, bool_and(g.line is not null) as whole, sum(l.net) filter (where g.line is not null) as net,
      sum(l.tax) filter (where g.line is not null) as tax, sum(l.share) filter (where g.line is not null) as share
    from figure f left join net s on s.invoice = f.id
    cross join lateral bi.line_shares(f.fields #> '{lines,value}', f.tax,
      coalesce(f.payable, f.gross, f.stated_net, s.net), coalesce(bi.minor_digits(f.currency), 2)) l
    left join gone g on g.invoice = f.id and g.line = l.line
    where f.id in (select invoice from gone) group by f.id)
  select f.id as invoice, f.fields #>> '{number,value}' as number, f.document_type, f.status,
    f.live and f.status = 'issued' as in_force, f.client, f.contract, l.entity as legal_entity,
    views.date_of(f.fields #>> '{issuedOn,value}') as issued_on, views.date_of(f.fields #>> '{dueOn,value}') as due_on,
    f.currency, f.sign * coalesce(f.stated_net, coalesce(f.gross, f.payable) - coalesce(f.tax, 0), s.net) as net,
    f.sign * f.tax as tax, f.sign * coalesce(f.gross, f.stated_net + f.tax, f.payable, f.stated_net, s.net) as gross,
    f.sign * coalesce(f.payable, f.gross, f.stated_net) as payable,
    (f.fields #>> '{writtenOff,value}')::numeric as written_off,
    case when f.fields #> '{settlement,value}' is not null then coalesce((f.fields #>> '{settlement,value,amount}')::numeric,
      f.payable, f.gross, f.stated_net) end as said_settled,
    back.invoice is not null as superseded, booked.invoice is not null as posted,
    coalesce(f.sign * bi.taken(t.whole, t.net, coalesce(f.stated_net, coalesce(f.gross, f.payable) - coalesce(f.tax, 0),
      s.net)), 0) as replaced_net,
    coalesce(f.sign * bi.taken(t.whole, t.share, coalesce(f.payable, f.gross, f.stated_net, s.net)), 0) as replaced,
    coalesce(f.sign * bi.taken(t.whole, t.tax, f.tax), 0) as replaced_tax
  from figure f left join back on back.invoice = f.id left join booked on booked.invoice = f.id
  left join views.entity_member l on l.stream = f.legal_entity left join net s on s.invoice = f.id
  left join taken t on t.invoice = f.id;

create or replace view bi.receivable as
  with application as materialized (
    select p.id as payment, a.value ->> 'id' as part, a.value ->> 'kind' = 'credit' as of_credit,
      (a.value ->> 'discount')::numeric as discount from views.entity p
    cross join lateral jsonb_array_elements(coalesce(p.fields #> '{applications,value}', '[]')) a
    where p.kind = 'payment' and (a.value ->> 'kind' = 'credit' or a.value ->> 'discount' is not null)),
  settled as materialized (
    select c.to_entity as invoice,
      coalesce(sum(abs(c.amount)) filter (where a.of_credit is not true), 0) as amount,
      coalesce(sum(a.discount) filter (where a.of_credit is not true), 0) as discounts,
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
    select i.*, coalesce(s.amount, 0) as paid, coalesce(s.discounts, 0) as discounts, coalesce(s.unknown, false) as unknown,
      greatest(coalesce((select sum(c.amount) from credited c where c.invoice = i.invoice), 0), coalesce(s.credit, 0))
        as credited,
      coalesce((select sum(c.amount) from credited c where c.note = i.invoice), 0) as given
    from bi.invoice i left join settled s on s.invoice = i.invoice
    where i.in_force)
  select f.invoice, f.number, f.document_type, f.client, f.contract, f.legal_entity, f.issued_on,
    coalesce(f.due_on, f.issued_on) as due_on, f.currency, f.payable, f.paid, f.credited, coalesce(f.written_off, 0)
      as written_off, f.said_settled,
    case when f.superseded then 0
      when f.document_type = 'credit_note' then f.payable + f.given + f.paid + f.discounts
      when f.said_settled is not null and f.paid + f.discounts = 0
        then greatest(f.payable - f.replaced - f.said_settled - f.credited, 0)
      when f.unknown then null
      else f.payable - f.replaced - f.paid - f.discounts - f.credited - coalesce(f.written_off, 0) end as open,
    (select day from bi.position) - coalesce(f.due_on, f.issued_on) as days_overdue, f.discounts, f.replaced
  from figure f;

create or replace view bi.engagement_margin as
  with part as (
    select i.contract, i.currency, i.net - i.replaced_net as billed, null::numeric as unbilled, null::numeric as time_cost,
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

create view bi.document_asking as
  with spent as materialized (
    select i.id as invoice, sum((l.value ->> 'net')::numeric) as net, sum((l.value #>> '{tax,amount}')::numeric) as tax
    from views.entity i cross join lateral jsonb_array_elements(coalesce(i.fields #> '{lines,value}', '[]')) l
    where i.kind = 'invoice' and i.live and l.value -> 'bills' <> '[]' and not exists (
      select from jsonb_array_elements(l.value -> 'bills') b where b.value #>> '{ref,kind}' <> 'expense')
      and not exists (
        select from views.coverage c where c.to_entity = i.id and c.to_part = l.value ->> 'line' and c.live
          and c.rel in ('replaces', 'corrects'))
    group by i.id),
  document as materialized (
    select * from bi.invoice where in_force and not superseded and document_type <> 'prepayment'),
  worked as (
    select c.from_entity as invoice, min(p.contract) as contract
    from document d join views.coverage c on c.from_entity = d.invoice join views.entity w on w.id = c.to_entity
    join bi.name n on n.kind = 'project'
      and n.name = views.text_of(w.fields #> '{project,value}', w.fields #>> '{project,source}')
    join bi.project p on p.project = n.entity
    where d.contract is null and c.live and c.rel = 'bills' and c.to_kind in ('time', 'expense') group by c.from_entity)
  select d.invoice, coalesce(d.contract, w.contract) as contract, d.currency,
    d.net - d.replaced_net - coalesce(sign(d.net) * s.net, 0) as net,
    coalesce(d.tax, 0) - d.replaced_tax - coalesce(sign(d.net) * s.tax, 0) as tax,
    coalesce(sign(d.net) * s.net, 0) as expenses, coalesce(sign(d.net) * s.tax, 0) as expenses_tax
  from document d left join spent s on s.invoice = d.invoice left join worked w on w.invoice = d.invoice;

create or replace view bi.contract_burn as
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
  ahead as materialized (
    select distinct on (c.contract, i.line) c.contract, i.line,
      coalesce(l.value ->> 'model', c.model) = 'retainer' as ahead
    from (select distinct contract, contract_line as line from bi.instalment) i
    join bi.contract c on c.contract = i.contract join views.entity e on e.id = c.contract
    left join lateral jsonb_array_elements(coalesce(e.fields #> '{lines,value}', '[]')) l
      on l.value ->> 'line' = i.line or (i.line is null and jsonb_array_length(e.fields #> '{lines,value}') = 1)
    order by c.contract, i.line),
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
      case when i.reason is null and a.ahead is distinct from true then i.left_value * 60 end, i.currency, 0
    from bi.instalment i left join ahead a on a.contract = i.contract and a.line is not distinct from i.contract_line),
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

create or replace view bi.milestone as
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
    case when w.whole or (w.billed and w.to_bill <= w.billed_amount) then 'already_billed'
      when w.status = 'cancelled' then 'cancelled'
      when w.status <> 'accepted' then 'not_accepted'
      when w.accepted_on > (select day from bi.position) then 'after_date'
      when not w.has_evidence then 'missing_document'
      when w.under is null then 'no_contract'
      when w.currency is distinct from w.contract_currency then 'other_currency'
      when w.to_bill is null then 'no_rate' end as reason,
    w.status = 'accepted' and not (w.whole or coalesce(w.billed and w.to_bill <= w.billed_amount, false)) as unbilled
  from worth w left join views.entity_member l on l.stream = w.legal_entity;

comment on column bi.invoice.superseded is 'Whether a live document replaces or corrects it as a whole.';
comment on column bi.invoice.replaced_net is 'What of net lines ask for that a live document takes the place of; all of it '
  'where every line is gone.';
comment on column bi.invoice.replaced is 'Their share of what is to be paid, tax and all: what is to be paid is shared out '
  'over all lines, by their net and tax.';
comment on column bi.invoice.replaced_tax is 'Their tax: their own, else their part of what tax no line states.';
comment on view bi.receivable is 'Documents in force and what is open of them: open = payable - replaced - paid - '
  'discounts - credited - written off, negative = too much was paid. Where its source says it is settled and no payment '
  'is known, that is believed. A credit note is negative until it is used up; one that is replaced or corrected has '
  'nothing open.';
comment on column bi.receivable.paid is 'What payments settle of it in money, credits and discounts left out.';
comment on column bi.receivable.discounts is 'What was kept of it as a discount when it was paid.';
comment on column bi.receivable.replaced is 'The share of lines that a live document takes the place of, tax and all.';
comment on view bi.contract_burn is 'Each ceiling and how far it is used: committed = billed + unbilled, where billed = '
  'what documents in force ask for under the contract (of a line or a role, and of hours, what they bill of its work), '
  'no money asked for ahead, and unbilled = what may be billed now of time, expenses, milestones and instalments, those '
  'of a retainer left out; expenses and tax only where the ceiling counts them. In the contract''s currency, or hours. A '
  'ceiling of lines or roles has a row for each. Unbilled subscriptions, usage and fees of tasks are not known here.';

comment on view bi.document_asking is 'Fact: what documents in force ask for under a contract, money asked for ahead left '
  'out; negative where they give back. What another document took the place of is not among it.';
comment on column bi.document_asking.invoice is 'The document: the id of its entity.';
comment on column bi.document_asking.contract is 'The contract it names, else that of the projects it names or of the work '
  'it bills.';
comment on column bi.document_asking.currency is 'Its currency, ISO 4217.';
comment on column bi.document_asking.net is 'Before tax, without money spent.';
comment on column bi.document_asking.tax is 'The tax on that.';
comment on column bi.document_asking.expenses is 'What it asks for money spent, before tax.';
comment on column bi.document_asking.expenses_tax is 'The tax on that.';

do $$
begin
  if exists (select from pg_roles where rolname = 'ledger_bi') then
    grant select on bi.document_asking to ledger_bi;
  end if;
end
$$;
