-- A line that another document takes the place of: one rule for what it is worth, in the questions and in the
-- roll-forwards, so that they take back the same of it; and the work of it alone is released.

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

comment on column bi.invoice.replaced_net is 'What of net lines ask for that a live document takes the place of; all of it '
  'where every line is gone.';
comment on column bi.invoice.replaced is 'Their share of what is to be paid, tax and all: what is to be paid is shared out '
  'over all lines, by their net and tax.';
comment on column bi.invoice.replaced_tax is 'Their tax: their own, else their part of what tax no line states.';
comment on column bi.receivable.replaced is 'The share of lines that a live document takes the place of, tax and all.';

create or replace view bi.document_asking as
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

create or replace view bi.document_end as
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

create or replace view bi.ar_roll_forward as
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

create or replace view bi.work_movement as
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

create or replace view bi.deferred_revenue as
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

-- The headline again, from the views as they stand now: each fact is read once for all of its questions.

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
