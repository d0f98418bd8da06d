-- Discounts are no money: in the roll-forward of what clients owe they are a movement of their own, as ledger prove has it.

do $migration$
begin
  -- A database that has no roll-forwards in SQL has nothing to tell them apart in.
  if to_regclass('bi.receivable_movement') is null then
    return;
  end if;
  execute $view$
create or replace view bi.receivable_movement as
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
  moved as materialized (
    select d.invoice, 'invoiced' as movement, d.issued_on as moved_on, d.owed as amount from document d
    where not d.is_credit_note
    union all
    select d.invoice, 'cancelled', x.day, case when x.ends then -d.owed else d.owed end
    from bi.document_end x join document d on d.invoice = x.invoice where x.line is null and not d.is_credit_note
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
  where not p.fits and (t.sign = -1 or p.until is not null) and w.amount <> 0
$view$;
  execute $view$
create or replace view bi.ar_roll_forward as
  with moved as materialized (
    select m.*, date_trunc('month', m.moved_on)::date as month from bi.receivable_movement m),
  item as (
    select invoice, engagement, legal_entity, currency, owed, month, sum(amount) as amount,
      sum(amount) filter (where movement = 'invoiced') as invoiced,
      sum(amount) filter (where movement = 'cancelled') as cancelled,
      sum(amount) filter (where movement = 'credited') as credited,
      sum(amount) filter (where movement = 'paid') as paid,
      sum(amount) filter (where movement = 'discounted') as discounted, sum(amount) filter (where movement = 'refunded') as refunded,
      sum(amount) filter (where movement = 'written_off') as written_off,
      sum(amount) filter (where movement = 'exchanged') as exchanged
    from moved group by invoice, engagement, legal_entity, currency, owed, month),
  open as (
    select i.*, case when owed is null or sum(cancelled) over past = -owed then 0
      when owed < 0 then greatest(least(sum(amount) over past, 0), owed)
      else least(greatest(sum(amount) over past, 0), owed) end as open
    from item i window past as (partition by invoice order by month)),
  changed as (
    select o.*, open - coalesce(lag(open) over (partition by invoice order by month), 0) as change from open o),
  account as materialized (
    select engagement, legal_entity, currency, month, count(*) as items, sum(change) as change, sum(invoiced) as invoiced,
      sum(cancelled) as cancelled, sum(credited) as credited, sum(paid) as paid, sum(discounted) as discounted, sum(refunded) as refunded,
      sum(written_off) as written_off, sum(exchanged) as exchanged, sum(change - amount) as difference,
      bool_and(change = amount) as foots
    from changed group by engagement, legal_entity, currency, month),
  month as (
    select engagement, legal_entity, currency, month from account
    union
    select engagement, legal_entity, currency, generate_series(min(month) filter (where month > '-infinity'),
      (select day from bi.position), '1 month')::date
    from account group by engagement, legal_entity, currency),
  rolled as (
    select m.*, a.items, a.change, a.invoiced, a.cancelled, a.credited, a.paid, a.discounted, a.refunded, a.written_off, a.exchanged,
      a.difference, a.foots, coalesce(sum(a.change) over (partition by m.engagement, m.legal_entity, m.currency
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
  from rolled where items is not null or closing <> 0
$view$;
  comment on column bi.receivable_movement.movement is 'invoiced, cancelled (also replaced), credited, paid (negative, taken '
    'back positive), discounted (kept as a discount, alike), refunded, written_off, exchanged (settled other than the money '
    'was worth when it came).';
  comment on view bi.ar_roll_forward is 'Receivables by month, as ledger prove proves them: opening + invoiced + cancelled '
    '+ credited + paid + discounted + refunded + written off + exchanged = closing, where closing is what each document '
    'leaves open after what moved it, never less than nothing. With tax. What a source only states to be settled is not '
    'believed here; bi.receivable believes it.';
  comment on column bi.ar_roll_forward.paid is 'Money applied; negative.';
  comment on column bi.ar_roll_forward.discounted is 'Discounts taken; negative.';
end
$migration$;
