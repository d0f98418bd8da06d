-- Schema views is what the projector makes of the events: it can be dropped and made again from them at any time.
-- Only the projector writes its tables. Texts sort by their bytes, so that a page is the same on every machine.
create schema views;
comment on schema views is
  'What the sources say and what it comes to. Made from the events alone; position says up to which.';

-- How far each projection has got. The row is locked for as long as its tables are written, so that two processes on
-- one database take turns.
create table ledger.checkpoint (
  name text primary key,
  position bigint not null,      -- of the last event folded; 0 = none
  fold_version int not null      -- of the program that folded; 0 = nothing folded yet
);
insert into ledger.checkpoint values ('views', 0, 0);

create table views.by_source (
  stream text collate "C" primary key,
  kind text collate "C" not null,
  source text collate "C" not null,
  record_id text collate "C" not null,
  number text collate "C",
  state jsonb,
  asserted jsonb not null,
  deleted_by bigint,
  pending bigint[] not null,
  opened_position bigint not null,
  first_position bigint not null,
  last_position bigint not null,
  events int not null,
  order_sequence bigint,
  order_time bigint not null,
  order_id text collate "C" not null,
  sequenced boolean not null
) with (fillfactor = 85);
create index by_source_number on views.by_source (kind, left(number, 120)) where number is not null;
create index by_source_systems on views.by_source (stream) where kind = 'source';
comment on table views.by_source is
  'What each source says of each record: its events, folded in the source''s own order.';
comment on column views.by_source.stream is 'The stream, {kind}/{source}:{id}.';
comment on column views.by_source.kind is 'The kind of record.';
comment on column views.by_source.source is 'The system whose word it is.';
comment on column views.by_source.record_id is 'The record''s immutable id at the source.';
comment on column views.by_source.number is 'Its business number as printed; never its identity.';
comment on column views.by_source.state is
  'Its fields as JSON; null until an event that can begin the record was applied.';
comment on column views.by_source.asserted is 'Field → position of the event that last changed it.';
comment on column views.by_source.deleted_by is 'Position of the deletion in force; null = not deleted.';
comment on column views.by_source.pending is 'Positions of events that cannot apply yet, in the source''s order.';
comment on column views.by_source.opened_position is 'The stream''s lowest position: when it came into the ledger.';
comment on column views.by_source.first_position is 'Position of the event that began the record; 0 = none did.';
comment on column views.by_source.last_position is 'The highest position folded.';
comment on column views.by_source.events is 'How many events are folded.';
comment on column views.by_source.order_sequence is 'The source''s sequence of the last event in its order.';
comment on column views.by_source.order_time is 'The source''s time of that event, microseconds since 1970 UTC.';
comment on column views.by_source.order_id is 'The source''s id of that event.';
comment on column views.by_source.sequenced is 'Whether every event so far states the source''s sequence.';

create table views.link (
  stream text collate "C" primary key,
  a text collate "C" not null,
  b text collate "C" not null,
  position bigint not null,
  refused boolean not null
);
create index link_a on views.link (a);
create index link_b on views.link (b);
comment on table views.link is 'Stated links in force between two streams that are the same thing.';
comment on column views.link.stream is 'The identity stream that states it.';
comment on column views.link.a is 'One of the two.';
comment on column views.link.b is 'The other.';
comment on column views.link.position is 'Position of the event that last changed what it says.';
comment on column views.link.refused is
  'It would put two live records of one source into one entity: a proposal, the records stay apart.';

create table views.entity (
  id text collate "C" primary key,
  kind text collate "C" not null,
  live boolean not null,
  opened_position bigint not null,
  changed_position bigint not null,
  paused_at bigint,
  members text[] collate "C" not null,
  sources text[] collate "C" not null,
  fields jsonb not null
) with (fillfactor = 85);
create index entity_kind on views.entity (kind, opened_position);
comment on table views.entity is 'Each thing once: linked streams together, each field from its owner.';
comment on column views.entity.id is 'The member that came into the ledger first.';
comment on column views.entity.kind is 'The kind of record.';
comment on column views.entity.live is 'Whether any source still has it.';
comment on column views.entity.opened_position is 'When its first member came into the ledger.';
comment on column views.entity.changed_position is 'The highest position folded into any member.';
comment on column views.entity.paused_at is
  'Position of the first event of a member that could not be folded: that member stands still before it.';
comment on column views.entity.members is 'Its streams, the first to come first.';
comment on column views.entity.sources is 'Its members'' sources, in the same order.';
comment on column views.entity.fields is
  'Field → {value, source, stream, position of the asserting event, ownerAbsent where the owner has no record}.';

create table views.entity_member (
  stream text collate "C" primary key,
  entity text collate "C" not null
);
comment on table views.entity_member is 'Which entity a stream belongs to.';
comment on column views.entity_member.stream is 'The stream.';
comment on column views.entity_member.entity is 'The entity''s id.';

create table views.edge (
  stated_by text collate "C" not null,
  ordinal int not null,
  from_stream text collate "C" not null,
  from_part text collate "C",
  rel text collate "C" not null,
  to_kind text collate "C" not null,
  to_stream text collate "C",
  to_source text collate "C",
  to_number text collate "C",
  to_part text collate "C",
  basis text not null,
  position bigint not null,
  quantity numeric,
  unit text,
  amount numeric,
  currency text,
  primary key (stated_by, ordinal)
);
create index edge_from on views.edge (from_stream);
create index edge_to on views.edge (to_stream) where to_stream is not null;
create index edge_to_number on views.edge (to_kind, left(to_number, 120)) where to_number is not null;
comment on table views.edge is 'The references that records make of each other, each with the event that asserts it.';
comment on column views.edge.stated_by is 'The stream whose record makes the reference.';
comment on column views.edge.ordinal is 'Its place among that record''s references, from 0.';
comment on column views.edge.from_stream is 'The stream it leaves; the stating one, except for a stated coverage.';
comment on column views.edge.from_part is 'The line, application or task it leaves; null = the record as a whole.';
comment on column views.edge.rel is
  'What it means: bills, posts, settles, credits, client, contract, project and so on.';
comment on column views.edge.to_kind is 'The kind of the record pointed at.';
comment on column views.edge.to_stream is 'The stream pointed at; null while it is known by number only.';
comment on column views.edge.to_source is 'The system a number is known at; null = not said.';
comment on column views.edge.to_number is 'The business number pointed at, where the reference is by number.';
comment on column views.edge.to_part is 'The line or task pointed at; null = the record as a whole.';
comment on column views.edge.basis is
  'Why it is believed: stated by a source, ruled by the ledger, confirmed by a person.';
comment on column views.edge.position is 'Position of the event that asserts it.';
comment on column views.edge.quantity is 'How much of the target; null = all, or not said.';
comment on column views.edge.unit is 'Unit of quantity, a UN/ECE Recommendation 20 code.';
comment on column views.edge.amount is 'What it is worth, not signed; null = all, or not said.';
comment on column views.edge.currency is 'Currency of amount, ISO 4217.';

create table views.poisoned (
  stream text collate "C" primary key,
  position bigint not null,
  type text not null,
  error text not null
);
comment on table views.poisoned is
  'Streams that stand still before an event which could not be folded. Everything else goes on.';
comment on column views.poisoned.stream is 'The stream.';
comment on column views.poisoned.position is 'Position of the event.';
comment on column views.poisoned.type is 'Its stored type.';
comment on column views.poisoned.error is 'Why it could not be folded.';

create view views.position as
  select position, fold_version from ledger.checkpoint where name = 'views';
comment on view views.position is 'Up to which event the views tell.';
comment on column views.position.position is 'Of the last event in the views.';
comment on column views.position.fold_version is 'Of the program that made them.';

-- A rebuild fills a second set of tables, and then the two sets change places.

create function ledger.views_begin() returns void language plpgsql set search_path = pg_catalog as $$
declare
  t record;
begin
  drop schema if exists views_next cascade;
  create schema views_next;
  for t in select c.oid, c.relname, c.reloptions from pg_class c
           where c.relnamespace = 'views'::regnamespace and c.relkind = 'r' loop
    execute format('create table views_next.%1$I
      (like views.%1$I including defaults including storage including comments)', t.relname);
    execute format('comment on table views_next.%I is %L', t.relname, obj_description(t.oid, 'pg_class'));
    if t.reloptions is not null then
      execute format('alter table views_next.%I set (%s)', t.relname, array_to_string(t.reloptions, ', '));
    end if;
  end loop;
end
$$;
comment on function ledger.views_begin() is 'Makes the second set of view tables, empty and without indexes.';

create function ledger.views_index() returns void language plpgsql set search_path = pg_catalog as $$
declare
  i record;
begin
  for i in select c.relname as name, t.relname as on_table, x.indisprimary,
             replace(regexp_replace(pg_get_indexdef(c.oid), 'INDEX', 'index if not exists'),
               ' ON views.', ' ON views_next.') as definition
           from pg_index x join pg_class c on c.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
           where t.relnamespace = 'views'::regnamespace and t.relkind = 'r' order by c.relname loop
    execute i.definition;
    if i.indisprimary then
      execute format('alter table views_next.%I add constraint %I primary key using index %2$I', i.on_table, i.name);
    end if;
  end loop;
  for i in select c.relname as name from pg_class c
           where c.relnamespace = 'views_next'::regnamespace and c.relkind = 'r' loop
    execute format('analyze views_next.%I', i.name);
  end loop;
end
$$;
comment on function ledger.views_index() is 'Gives the second set the indexes of the first that it has not got.';

create function ledger.views_swap() returns void language plpgsql set search_path = pg_catalog as $$
declare
  t record;
  g record;
  redefined text[];
  statement text;
begin
  -- All at once: one lock after the other could deadlock with a query over several of them.
  select format('lock table %s in access exclusive mode',
      string_agg(format('views.%I', c.relname), ', ' order by c.relname))
    into statement from pg_class c where c.relnamespace = 'views'::regnamespace and c.relkind = 'r';
  execute statement;

  -- Views over the tables, anybody's, keep their identity, rights and comments and look at the new ones.
  select array_agg(format('create or replace view %I.%I as %s', v.schema, v.name, v.definition)) into redefined
    from (select distinct n.nspname as schema, c.relname as name, pg_get_viewdef(c.oid) as definition
          from pg_depend d
          join pg_rewrite r on r.oid = d.objid
          join pg_class c on c.oid = r.ev_class and c.relkind = 'v'
          join pg_namespace n on n.oid = c.relnamespace
          join pg_class o on o.oid = d.refobjid and o.relnamespace = 'views'::regnamespace and o.relkind = 'r'
          where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass) v;

  create schema views_before;
  for t in select c.oid, c.relname, c.relacl, c.relowner from pg_class c
           where c.relnamespace = 'views'::regnamespace and c.relkind = 'r' loop
    execute format('alter table views.%I set schema views_before', t.relname);
    execute format('alter table views_next.%I set schema views', t.relname);
    for g in select a.grantee, a.privilege_type from aclexplode(t.relacl) a where a.grantee <> t.relowner loop
      execute format('grant %s on views.%I to %s', g.privilege_type, t.relname,
        case when g.grantee = 0 then 'public' else g.grantee::regrole::text end);
    end loop;
  end loop;

  foreach statement in array coalesce(redefined, '{}') loop
    execute statement;
  end loop;
  for t in select c.relname from pg_class c
           where c.relnamespace = 'views_before'::regnamespace and c.relkind = 'r' loop
    execute format('drop table views_before.%I', t.relname);
  end loop;
  drop schema views_before;
  drop schema views_next;
end
$$;
comment on function ledger.views_swap() is 'Puts the second set of view tables in the place of the first.';

-- Views for people: one line a column, from which come views.{kind}_by_source and views.{kind} and their comments.

create function views.text_of(ref jsonb, stated_by text) returns text immutable language sql as $$
  select case
    when ref ->> 'id' is not null then
      (ref ->> 'kind') || '/' || coalesce(ref ->> 'source', stated_by) || ':' || (ref ->> 'id')
    else ref ->> 'number' end
$$;
comment on function views.text_of(jsonb, text) is 'A reference as the stream it points at, or its number.';

create function views.date_of(said text) returns date stable language sql as $$
  select case when said ~ '^\d{4}-\d\d-\d\d$' and said >= '0001' then said::date end
$$;
comment on function views.date_of(text) is 'A date PostgreSQL can hold; null for one it cannot.';

create function views.instant_of(said text) returns timestamptz stable language sql as $$
  select case when said ~ '^\d{4}-\d\d-\d\dT[0-9:.]+Z$' and said >= '0001' then
    ((left(said, length(said) - 1))::timestamp at time zone 'UTC') end
$$;
comment on function views.instant_of(text) is 'An instant PostgreSQL can hold; null for one it cannot.';

do $$
declare
  k record;
  by_source text;
  entity text;
begin
  create temporary table people_see (kind text, ord int generated always as identity, name text, path text[], type text,
    meaning text) on commit drop;
  insert into people_see (kind, name, path, type, meaning) values
    ('client', 'name', '{name}', 'text', 'Its name.'),
    ('client', 'registration_no', '{registrationNo}', 'text', 'Its company registration.'),
    ('client', 'tax_ids', '{taxIds}', 'jsonb', 'Its tax registrations.'),
    ('client', 'emails', '{emails}', 'jsonb', 'Its e-mail addresses.'),
    ('client', 'addresses', '{addresses}', 'jsonb', 'Its addresses.'),
    ('client', 'currency', '{currency}', 'text', 'The currency it is billed in, ISO 4217.'),
    ('client', 'terms', '{terms}', 'jsonb', 'Its payment terms.'),
    ('client', 'parent', '{parent}', 'ref', 'The client it belongs to.'),
    ('client', 'blocked', '{blocked}', 'boolean', 'Whether it is blocked.'),
    ('client', 'active', '{active}', 'boolean', 'Whether it is still worked for.'),
    ('client', 'merged_into', '{mergedInto}', 'ref', 'The record its source merged it into.'),
    ('contract', 'client', '{client}', 'ref', 'Who it is with.'),
    ('contract', 'signed_on', '{signedOn}', 'date', 'When it was signed.'),
    ('contract', 'begins_on', '{from}', 'date', 'Its first day.'),
    ('contract', 'ends_on', '{to}', 'date', 'Its last day; null = open.'),
    ('contract', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
    ('contract', 'model', '{model}', 'text', 'How work is turned into invoices.'),
    ('contract', 'status', '{status}', 'text', 'active, suspended, terminated or closed.'),
    ('contract', 'rounding_scope', '{rounding,scope}', 'text', 'Where amounts are rounded.'),
    ('contract', 'rounding_mode', '{rounding,mode}', 'text', 'How amounts are rounded.'),
    ('contract', 'rate_cards', '{rateCards}', 'jsonb', 'The price lists assigned to it.'),
    ('contract', 'ceilings', '{ceilings}', 'jsonb', 'Its limits.'),
    ('contract', 'amendments', '{amendments}', 'jsonb', 'Its amendments.'),
    ('contract', 'lines', '{lines}', 'jsonb', 'Its lines.'),
    ('rate_card', 'name', '{name}', 'text', 'Its name.'),
    ('rate_card', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
    ('rate_card', 'client', '{client}', 'ref', 'The client it is for; null = any.'),
    ('rate_card', 'begins_on', '{from}', 'date', 'Its first day.'),
    ('rate_card', 'ends_on', '{to}', 'date', 'Its last day; null = open.'),
    ('rate_card', 'rates', '{rates}', 'jsonb', 'Its prices.'),
    ('project', 'name', '{name}', 'text', 'Its name.'),
    ('project', 'client', '{client}', 'ref', 'Who it is for.'),
    ('project', 'contract', '{contract}', 'ref', 'The contract it is done under.'),
    ('project', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
    ('project', 'starts_on', '{start}', 'date', 'Its first day.'),
    ('project', 'ends_on', '{end}', 'date', 'Its last day.'),
    ('project', 'model', '{model}', 'text', 'How its work is turned into invoices.'),
    ('project', 'budget', '{budget}', 'numeric', 'Its budget, in its currency.'),
    ('project', 'approval', '{approval}', 'boolean', 'Whether its work must be approved before it is billed.'),
    ('project', 'parent', '{parent}', 'ref', 'The project it is part of.'),
    ('project', 'status', '{status}', 'text', 'created, active, on_hold or closed.'),
    ('project', 'tasks', '{tasks}', 'jsonb', 'Its tasks.'),
    ('project', 'assignments', '{assignments}', 'jsonb', 'Who works on it.'),
    ('resource', 'name', '{name}', 'text', 'Name of the person or subcontractor.'),
    ('resource', 'role', '{role}', 'text', 'What they do.'),
    ('resource', 'grade', '{grade}', 'text', 'Their grade.'),
    ('resource', 'employee_no', '{employeeNo}', 'text', 'Their employee number.'),
    ('resource', 'subcontractor', '{subcontractor}', 'boolean', 'Whether they are a subcontractor.'),
    ('resource', 'cost_rate', '{costRate,amount}', 'numeric', 'What one unit of them costs the firm.'),
    ('resource', 'cost_rate_currency', '{costRate,currency}', 'text', 'Currency of cost_rate.'),
    ('resource', 'cost_rate_per', '{costRate,per}', 'text', 'Unit of cost_rate: HUR = hour.'),
    ('resource', 'begins_on', '{from}', 'date', 'Their first day.'),
    ('resource', 'ends_on', '{to}', 'date', 'Their last day; null = still here.'),
    ('time', 'resource', '{resource}', 'ref', 'Who worked.'),
    ('time', 'worked_on', '{workedOn}', 'date', 'The day of the work, in the source''s zone.'),
    ('time', 'quantity', '{quantity,value}', 'numeric', 'How much, as stated.'),
    ('time', 'unit', '{quantity,unit}', 'text', 'Unit of quantity: MIN = minutes, HUR = hours.'),
    ('time', 'billable_quantity', '{billableQuantity,value}', 'numeric', 'How much of it is billable.'),
    ('time', 'billable_unit', '{billableQuantity,unit}', 'text', 'Unit of billable_quantity.'),
    ('time', 'project', '{project}', 'ref', 'What it was for.'),
    ('time', 'task', '{task}', 'text', 'The task within the project.'),
    ('time', 'activity', '{activity}', 'text', 'What kind of work.'),
    ('time', 'billable', '{billable}', 'boolean', 'Whether it is billable; null = not said.'),
    ('time', 'bill_rate', '{billRate,amount}', 'numeric', 'The rate the source would bill at.'),
    ('time', 'bill_rate_currency', '{billRate,currency}', 'text', 'Currency of bill_rate.'),
    ('time', 'bill_rate_per', '{billRate,per}', 'text', 'Unit of bill_rate: HUR = hour.'),
    ('time', 'cost_rate', '{costRate,amount}', 'numeric', 'What one unit costs the firm.'),
    ('time', 'cost_rate_currency', '{costRate,currency}', 'text', 'Currency of cost_rate.'),
    ('time', 'approval', '{approval,status}', 'text', 'open, submitted, approved or rejected; null = not said.'),
    ('time', 'approved_by', '{approval,by}', 'text', 'Who decided.'),
    ('time', 'approved_at', '{approval,at}', 'timestamptz', 'When the source says it was decided.'),
    ('time', 'write_downs', '{writeDowns}', 'jsonb', 'What it was written down or off by.'),
    ('time', 'note', '{note}', 'text', 'What was done.'),
    ('expense', 'incurred_on', '{incurredOn}', 'date', 'The day of the cost.'),
    ('expense', 'category', '{category}', 'text', 'What it was spent on.'),
    ('expense', 'amount', '{amount}', 'numeric', 'The cost; positive.'),
    ('expense', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
    ('expense', 'billable', '{billable}', 'boolean', 'Whether the client pays it.'),
    ('expense', 'billable_amount', '{billableAmount}', 'numeric', 'What the client pays, where it is not the cost.'),
    ('expense', 'resource', '{resource}', 'ref', 'Who spent it.'),
    ('expense', 'supplier', '{supplier}', 'ref', 'Who was paid.'),
    ('expense', 'project', '{project}', 'ref', 'What it was for.'),
    ('expense', 'task', '{task}', 'text', 'The task within the project.'),
    ('expense', 'reimbursable', '{reimbursable}', 'boolean', 'Whether the person gets it back.'),
    ('expense', 'reimbursed', '{reimbursed}', 'numeric', 'How much they got back.'),
    ('expense', 'approval', '{approval,status}', 'text', 'open, submitted, approved or rejected; null = not said.'),
    ('expense', 'approved_by', '{approval,by}', 'text', 'Who decided.'),
    ('expense', 'written_off', '{writtenOff}', 'boolean', 'Whether it will never be billed.'),
    ('expense', 'note', '{note}', 'text', 'What it was.'),
    ('invoice', 'document_type', '{documentType}', 'text', 'invoice, credit_note, prepayment or corrective.'),
    ('invoice', 'status', '{status}', 'text', 'draft, approved, issued, cancelled, voided or discarded.'),
    ('invoice', 'client', '{client}', 'ref', 'Who is asked for the money.'),
    ('invoice', 'issued_on', '{issuedOn}', 'date', 'Its date.'),
    ('invoice', 'due_on', '{dueOn}', 'date', 'When it is due.'),
    ('invoice', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
    ('invoice', 'net', '{totals,net}', 'numeric', 'Stated total before tax; positive on a credit note too.'),
    ('invoice', 'tax', '{totals,tax}', 'numeric', 'Stated tax.'),
    ('invoice', 'gross', '{totals,gross}', 'numeric', 'Stated total with tax.'),
    ('invoice', 'open', '{totals,open}', 'numeric', 'What the source says is still owed.'),
    ('invoice', 'settled', '{settlement,amount}', 'numeric', 'What the source says was paid, with no payment record.'),
    ('invoice', 'written_off', '{writtenOff}', 'numeric', 'What was written off.'),
    ('invoice', 'contracts', '{contracts}', 'jsonb', 'The contracts it names.'),
    ('invoice', 'projects', '{projects}', 'jsonb', 'The projects it names.'),
    ('invoice', 'lines', '{lines}', 'jsonb', 'Its lines.'),
    ('invoice', 'taxes', '{taxes}', 'jsonb', 'Its taxes by category.'),
    ('invoice', 'preceding', '{preceding}', 'jsonb', 'Earlier documents it replaces, corrects, credits or settles.'),
    ('posting', 'document', '{document}', 'ref', 'The document it books.'),
    ('posting', 'posted_on', '{postedOn}', 'date', 'Its date in the books.'),
    ('posting', 'period', '{period}', 'text', 'The accounting period as the ERP names it.'),
    ('posting', 'status', '{status}', 'text', 'posted, failed or reversed.'),
    ('posting', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
    ('posting', 'net', '{totals,net}', 'numeric', 'Booked before tax; negative for a credit note''s.'),
    ('posting', 'tax', '{totals,tax}', 'numeric', 'Booked tax.'),
    ('posting', 'gross', '{totals,gross}', 'numeric', 'Booked with tax.'),
    ('posting', 'reverses', '{reverses}', 'ref', 'The posting it takes back.'),
    ('posting', 'failure', '{failure}', 'text', 'Why posting failed.'),
    ('posting', 'entries', '{entries}', 'jsonb', 'The rows of the journal.'),
    ('posting', 'covers', '{covers}', 'jsonb', 'What it covers, with amounts.'),
    ('payment', 'received_on', '{receivedOn}', 'date', 'When the money came.'),
    ('payment', 'amount', '{amount}', 'numeric', 'How much; positive is money in.'),
    ('payment', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
    ('payment', 'client', '{client}', 'ref', 'Who paid.'),
    ('payment', 'method', '{method}', 'text', 'How it was paid.'),
    ('payment', 'remittance', '{remittance}', 'text', 'What the payer wrote.'),
    ('payment', 'bank_ref', '{bankRef}', 'text', 'The bank''s reference.'),
    ('payment', 'status', '{status}', 'text', 'received or reversed.'),
    ('payment', 'refunded', '{refunded}', 'numeric', 'How much went back.'),
    ('payment', 'applications', '{applications}', 'jsonb', 'The documents it settles, with amounts.');

  for k in select kind from people_see group by kind loop
    select string_agg(format(case type
        when 'ref' then 'views.text_of(s.state #> %1$L, s.source) as %2$I'
        when 'jsonb' then 's.state #> %1$L as %2$I'
        when 'date' then 'views.date_of(s.state #>> %1$L) as %2$I'
        when 'timestamptz' then 'views.instant_of(s.state #>> %1$L) as %2$I'
        else '(s.state #>> %1$L)::%3$s as %2$I' end, path, name, type), ', ' order by ord),
      string_agg(format(case type
        when 'ref' then 'views.text_of(e.fields #> %1$L, e.fields #>> %4$L) as %2$I'
        when 'jsonb' then 'e.fields #> %1$L as %2$I'
        when 'date' then 'views.date_of(e.fields #>> %1$L) as %2$I'
        when 'timestamptz' then 'views.instant_of(e.fields #>> %1$L) as %2$I'
        else '(e.fields #>> %1$L)::%3$s as %2$I' end,
        array[path[1], 'value'] || path[2:], name, type, array[path[1], 'source']), ', ' order by ord)
      into by_source, entity from people_see p where p.kind = k.kind;

    execute format('create view views.%I as select s.stream, s.source, s.record_id, s.number, '
      's.deleted_by is null as live, %s, s.first_position, s.last_position from views.by_source s '
      'where s.kind = %L and s.state is not null',
      k.kind || '_by_source', by_source, k.kind);
    execute format('create view views.%I as select e.id, e.fields #>> ''{number,value}'' as number, e.live, %s, '
      'e.members, e.sources, e.paused_at, e.opened_position, e.changed_position from views.entity e '
      'where e.kind = %L and e.fields <> ''{}''',
      k.kind, entity, k.kind);
    execute format('comment on view views.%I is %L', k.kind || '_by_source',
      format('What each source says of each %s.', replace(k.kind, '_', ' ')));
    execute format('comment on view views.%I is %L', k.kind,
      format('Each %s once, each field from the system that owns it.', replace(k.kind, '_', ' ')));
  end loop;

  for k in select c.relname, a.attname,
             coalesce(p.meaning, col_description('views.by_source'::regclass, s.attnum),
               col_description('views.entity'::regclass, e.attnum),
               case a.attname when 'live' then 'Whether the source still has it.' end) as meaning
           from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
           join (select distinct kind from people_see) q on c.relname in (q.kind, q.kind || '_by_source')
           left join people_see p on p.kind = q.kind and p.name = a.attname
           left join pg_attribute s on s.attrelid = 'views.by_source'::regclass and s.attname = a.attname
             and c.relname <> q.kind
           left join pg_attribute e on e.attrelid = 'views.entity'::regclass and e.attname = a.attname
             and c.relname = q.kind
           where c.relnamespace = 'views'::regnamespace and c.relkind = 'v' loop
    execute format('comment on column views.%I.%I is %L', k.relname, k.attname,
      coalesce(k.meaning, 'Its business number as printed; never its identity.'));
  end loop;
end
$$;
