-- A document that takes the place of one line of another leaves the rest of it owed; discounts are no money; what is
-- billed against a ceiling is what documents ask for, whether or not a line names the work.

insert into ledger.kind_column (kind, name, path, type, meaning) values
  ('posting', 'reversed_on', '{reversedOn}', 'date', 'Since when it is reversed.');
select ledger.make_kind_views(array['posting']);

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
  line as materialized (
    select i.id as invoice, l.value ->> 'line' as line, (l.value ->> 'net')::numeric as net,
      (l.value #>> '{tax,amount}')::numeric as tax
    from views.entity i cross join lateral jsonb_array_elements(coalesce(i.fields #> '{lines,value}', '[]')) l
    where i.kind = 'invoice' and exists (
      select from views.coverage c
      where c.to_entity = i.id and c.live and c.rel in ('replaces', 'corrects') and c.to_part is not null)),
  taken as materialized (
    select l.invoice, l.net, l.tax, l.net / nullif(sum(l.net) over (partition by l.invoice), 0) as share, exists (
      select from views.coverage c where c.to_entity = l.invoice and c.to_part = l.line and c.live
        and c.rel in ('replaces', 'corrects')) as gone from line l),
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
    back.invoice is not null as superseded, booked.invoice is not null as posted,
    coalesce(f.sign * t.net, 0) as replaced_net, coalesce(f.sign * t.gross, 0) as replaced
  from figure f left join back on back.invoice = f.id left join booked on booked.invoice = f.id
  left join views.entity_member l on l.stream = f.legal_entity
  left join (
    select invoice, case when count(*) = count(net) then sum(net) end as net from bi.invoice_line group by invoice
  ) s on s.invoice = f.id
  left join lateral (
    select sum(k.net) as net, sum(coalesce(k.net + k.tax, round(
      coalesce(f.payable, f.gross, f.stated_net, s.net) * k.share, bi.minor_digits(f.currency)))) as gross
    from taken k where k.gone and k.invoice = f.id) t on true;

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

create view bi.document_asking as
  with spent as materialized (
    select i.id as invoice, sum((l.value ->> 'net')::numeric) as net, sum((l.value #>> '{tax,amount}')::numeric) as tax
    from views.entity i cross join lateral jsonb_array_elements(coalesce(i.fields #> '{lines,value}', '[]')) l
    where i.kind = 'invoice' and i.live and l.value -> 'bills' <> '[]' and not exists (
      select from jsonb_array_elements(l.value -> 'bills') b where b.value #>> '{ref,kind}' <> 'expense')
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
    coalesce(d.tax, 0) - (d.replaced - d.replaced_net) - coalesce(sign(d.net) * s.tax, 0) as tax,
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

comment on column bi.invoice.superseded is 'Whether a live document replaces or corrects it as a whole.';
comment on column bi.invoice.replaced_net is 'What of net lines ask for that a live document takes the place of.';
comment on column bi.invoice.replaced is 'The same with tax: their own, else their share of what is to be paid.';
comment on view bi.receivable is 'Documents in force and what is open of them: open = payable - replaced - paid - '
  'discounts - credited - written off, negative = too much was paid. Where its source says it is settled and no payment '
  'is known, that is believed. A credit note is negative until it is used up; one that is replaced or corrected has '
  'nothing open.';
comment on column bi.receivable.paid is 'What payments settle of it in money, credits and discounts left out.';
comment on column bi.receivable.discounts is 'What was kept of it as a discount when it was paid.';
comment on column bi.receivable.replaced is 'What lines ask for that a live document takes the place of, tax and all.';
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
