-- What is billed is billed, whatever should have kept it from being: of a milestone the reason said instead that the
-- client had not accepted it, as it never did of hours and instalments.

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
