-- What counts for a ceiling: all that is billed of a contract, by whatever fee; and no money asked for ahead of the work,
-- which a retainer's instalments ask for.

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
    from bi.instalment i left join ahead a on a.contract = i.contract and a.line is not distinct from i.contract_line
    union all
    select b.entity, null, null, 'fee', b.sixtieths, b.currency, 0, null, null, 0
    from bi.bill b where b.kind = 'contract' and not exists (
      select from bi.instalment i where i.contract = b.entity and i.item = b.part)
    union all
    select p.contract, null, null, 'fee', b.sixtieths, b.currency, 0, null, null, 0
    from bi.bill b join bi.project p on p.project = b.entity where b.kind = 'project' and p.contract is not null),
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

comment on view bi.contract_burn is 'Each ceiling and how far it is used: committed = billed + unbilled, where billed = '
  'what stands of documents and unbilled = what may be billed now of time, expenses, milestones and instalments, those '
  'of a retainer left out; expenses and tax only where the ceiling counts them. In the contract''s currency, or hours. A '
  'ceiling of lines or roles has a row for each. Unbilled subscriptions, usage and fees of tasks are not known here.';
