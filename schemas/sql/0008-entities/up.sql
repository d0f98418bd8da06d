-- What the entities of many sources need beside their rows: the keys by which they are one, what they cover, what does
-- not fit, and who was called what. The views are made anew after this script, so the columns begin empty.

alter table ledger.checkpoint
  add column day date,                    -- the ledger's day: the date of the last event folded, UTC; null = none
  add column certified_position bigint,   -- up to which the views were folded afresh and found equal; null = never
  add column certified_version int,       -- fold version of the program that did
  add column certified_digest bytea check (length(certified_digest) = 32);

create or replace view views.position as
  select position, fold_version, day, certified_position, certified_version, certified_digest,
    certified_position = position and certified_version = fold_version as certified
  from ledger.checkpoint where name = 'views';
comment on column views.position.day is
  'The ledger''s day, on which ownership, overrides and successions count: the UTC date of the last event in the views.';
comment on column views.position.certified_position is
  'The position at which every row was last compared with the events folded afresh; null = never.';
comment on column views.position.certified_version is 'Fold version of the program that compared.';
comment on column views.position.certified_digest is
  'SHA-256 over every row of every table at that position, each as JSON on a line, by table and key.';
comment on column views.position.certified is 'Whether nothing was folded since they were compared.';

alter table views.entity
  add column legal_entity text collate "C",
  add column amount numeric,
  add column currency text collate "C",
  add column ties jsonb not null default '[]',
  add column succeeded text[] collate "C" not null default '{}';
create index entity_legal_entity on views.entity (legal_entity, kind, opened_position) where legal_entity is not null;
comment on column views.entity.legal_entity is 'The legal entity it belongs to, as a stream; null = not known.';
comment on column views.entity.amount is 'Its figure of money: what an invoice asks for, a posting books, a payment '
  'brings, an expense costs; null for kinds that have none.';
comment on column views.entity.currency is 'Currency of amount, ISO 4217.';
comment on column views.entity.ties is
  'Why its members are one: [{stream, a, b, position, basis: stated, confirmed, ruled or succeeded, key}].';
comment on column views.entity.succeeded is 'Its members that another has taken the place of: they count no longer.';
comment on column views.entity.fields is
  'Field → {value, source, stream, position of the asserting event, ownerAbsent where the owner has no record, override '
  'where a person decided: {stream, position, was, changed}}.';

alter table views.entity_member add column since bigint;
create index entity_member_entity on views.entity_member (entity);
comment on column views.entity_member.since is
  'Position of what joined it to the entity; null = the entity began with it.';

alter table views.link
  add column basis text collate "C" not null default 'stated',
  add column in_force boolean not null default true,
  add column from_date date,
  add column past bigint[] not null default '{}';
comment on table views.link is
  'Pairs of streams somebody has spoken of as one thing: links, successions, merges; also those taken back or refused.';
comment on column views.link.stream is 'The stream that states it.';
comment on column views.link.basis is
  'stated by a source, confirmed by a person, or succeeded: the first is replaced by the second.';
comment on column views.link.in_force is 'Whether it still holds; one that does not keeps rules from joining the two.';
comment on column views.link.from_date is 'A succession''s first day; null = it has none.';
comment on column views.link.past is
  'When it held before: positions of what joined and what parted the two, in turn.';

create table views.record_key (
  stream text collate "C" not null,
  ordinal int not null,
  kind text collate "C" not null,
  scheme text collate "C" not null,
  value text collate "C" not null,
  legal_entity text collate "C",
  held boolean not null,
  primary key (stream, ordinal)
);
create index record_key_value on views.record_key (left(value, 120), scheme, kind); -- to ask how it was
create index record_key_held on views.record_key (left(value, 120), scheme, kind, coalesce(legal_entity, ''))
  where held;
comment on table views.record_key is 'Business keys of records: by these the ledger finds what is one, or may be.';
comment on column views.record_key.stream is 'The record''s stream.';
comment on column views.record_key.ordinal is 'Its place among that record''s keys, from 0.';
comment on column views.record_key.kind is 'The kind of record.';
comment on column views.record_key.scheme is
  'What sort of key: number, tax, registration; one that begins with ~ only hints at a likeness.';
comment on column views.record_key.value is 'The key, normalised.';
comment on column views.record_key.legal_entity is
  'The legal entity the record belongs to, within which the key is one, as a stream; null = not known, and of hints, '
  'of legal entities and of what is held no more.';
comment on column views.record_key.held is 'Whether the record bears it now; false = it once did.';

create table views.past_edge (
  stated_by text collate "C" not null,
  ordinal int not null,
  to_kind text collate "C" not null,
  to_stream text collate "C",
  to_number text collate "C",
  primary key (stated_by, ordinal)
);
create index past_edge_to on views.past_edge (to_stream) where to_stream is not null;
create index past_edge_to_number on views.past_edge (to_kind, left(to_number, 120)) where to_number is not null;
comment on table views.past_edge is
  'References that records once made and make no more, or wait to make: where to look when asked how it was.';
comment on column views.past_edge.stated_by is 'The stream whose record made the reference.';
comment on column views.past_edge.ordinal is 'Its place among that record''s, from 0.';
comment on column views.past_edge.to_kind is 'The kind of the record pointed at.';
comment on column views.past_edge.to_stream is 'The stream pointed at; null where the reference was by number.';
comment on column views.past_edge.to_number is 'The business number pointed at.';

create table views.alias (
  alias text collate "C" not null,
  entity text collate "C" not null,
  from_position bigint not null,
  to_position bigint,
  stated_by text collate "C" not null,
  primary key (alias, entity, from_position, stated_by)
);
create index alias_entity on views.alias (entity);
create index alias_stated_by on views.alias (stated_by);
comment on table views.alias is
  'Which entity a stream went by the name of, from when to when: the bridge from ids somebody kept to ids that hold.';
comment on column views.alias.alias is 'A stream that is or was a member of another''s entity.';
comment on column views.alias.entity is 'The id it went by.';
comment on column views.alias.from_position is 'Position of what joined them.';
comment on column views.alias.to_position is 'Position of what parted them; null = they are still one.';
comment on column views.alias.stated_by is 'The stream that states the tie; for a rule, the key.';

create table views.coverage (
  stated_by text collate "C" not null,
  ordinal int not null,
  from_entity text collate "C" not null,
  from_stream text collate "C" not null,
  from_part text collate "C",
  rel text collate "C" not null,
  to_entity text collate "C",
  to_stream text collate "C",
  to_kind text collate "C" not null,
  to_number text collate "C",
  to_part text collate "C",
  quantity numeric,
  unit text collate "C",
  amount numeric,
  currency text collate "C",
  basis text collate "C" not null,
  position bigint not null,
  live boolean not null,
  primary key (stated_by, ordinal)
);
create index coverage_from on views.coverage (from_entity);
create index coverage_to on views.coverage (to_entity) where to_entity is not null;
create index coverage_from_stream on views.coverage (from_stream);
create index coverage_to_stream on views.coverage (to_stream) where to_stream is not null;
comment on table views.coverage is
  'What covers what, between entities: a line bills hours, a posting posts a document, a payment settles invoices.';
comment on column views.coverage.stated_by is 'The stream whose record says so.';
comment on column views.coverage.ordinal is 'Its place among that record''s references, as in views.edge.';
comment on column views.coverage.from_entity is 'The entity that covers.';
comment on column views.coverage.from_stream is 'The record that covers.';
comment on column views.coverage.from_part is 'The line or application that does; null = the record as a whole.';
comment on column views.coverage.rel is
  'bills, posts, settles, credits, replaces, corrects or prepays.';
comment on column views.coverage.to_entity is 'The entity covered; null while the reference finds none.';
comment on column views.coverage.to_stream is 'The record covered; null while it is known by a number that finds none.';
comment on column views.coverage.to_kind is 'The kind of what is covered.';
comment on column views.coverage.to_number is 'The number it is told by, where it is.';
comment on column views.coverage.to_part is 'The line covered; null = the record as a whole.';
comment on column views.coverage.quantity is 'How much of it; null = all, or not said.';
comment on column views.coverage.unit is 'Unit of quantity, a UN/ECE Recommendation 20 code.';
comment on column views.coverage.amount is 'What it is worth, not signed; null = all, or not said.';
comment on column views.coverage.currency is 'Currency of amount, ISO 4217.';
comment on column views.coverage.basis is 'stated by a source, ruled by the ledger, confirmed by a person.';
comment on column views.coverage.position is 'Position of the event that asserts it.';
comment on column views.coverage.live is
  'Whether it counts: both ends are there, and the document that says so is in force.';

create table views.proposal (
  a text collate "C" not null,
  b text collate "C" not null,
  kind text collate "C" not null,
  confidence numeric not null,
  evidence jsonb not null,
  id text collate "C" not null,
  primary key (a, b)
);
create index proposal_b on views.proposal (b);
create index proposal_id on views.proposal (id);
create index proposal_likely on views.proposal (confidence desc, a, b);
create index proposal_kind on views.proposal (kind, confidence desc, a, b);
comment on table views.proposal is 'Pairs of entities that may be one thing; a person decides. Nothing is merged silently.';
comment on column views.proposal.a is 'One entity.';
comment on column views.proposal.b is 'The other.';
comment on column views.proposal.kind is 'The kind of both.';
comment on column views.proposal.confidence is 'From 0 to 1.';
comment on column views.proposal.evidence is 'Why, for a person to read: a list.';
comment on column views.proposal.id is 'By which it is asked for: the first 16 hexadecimal digits of a SHA-256 over '
  'both streams in their order, each on a line of its own.';

create table views.finding (
  entity text collate "C" not null,
  ordinal int not null,
  code text collate "C" not null,
  stream text collate "C" not null,
  part text collate "C",
  position bigint not null,
  words text not null,
  figures jsonb not null,
  primary key (entity, ordinal)
);
create index finding_code on views.finding (code, entity);
create index finding_stream on views.finding (stream);
comment on table views.finding is 'What does not fit about an entity. A finding never blocks a fact.';
comment on column views.finding.entity is 'The entity.';
comment on column views.finding.ordinal is 'Its place among that entity''s findings, from 0.';
comment on column views.finding.code is 'What it is: hour_billed_twice, over_covered, dangling_reference and so on.';
comment on column views.finding.stream is 'The record it is about.';
comment on column views.finding.part is 'The line of it; null = the record as a whole.';
comment on column views.finding.position is 'Position since which it holds.';
comment on column views.finding.words is 'One plain sentence.';
comment on column views.finding.figures is 'The figures in it, by name.';

create table views.override (
  stream text collate "C" primary key,
  target text collate "C" not null,
  field text collate "C" not null,
  until date,
  in_force boolean not null
);
create index override_target on views.override (target);
create index override_until on views.override (until) where until is not null;
comment on table views.override is 'Fields a person has decided over the owner of the field.';
comment on column views.override.stream is 'The stream that states it.';
comment on column views.override.target is 'The record it is about.';
comment on column views.override.field is 'The field.';
comment on column views.override.until is 'The last day it counts; null = until it is withdrawn.';
comment on column views.override.in_force is 'Whether it was not withdrawn.';

-- The two new kinds for people, as 0002 makes those before them.

do $$
declare
  k record;
  by_source text;
  entity text;
begin
  create temporary table people_see (kind text, ord int generated always as identity, name text, path text[], type text,
    meaning text) on commit drop;
  insert into people_see (kind, name, path, type, meaning) values
    ('legal_entity', 'name', '{name}', 'text', 'Its name.'),
    ('legal_entity', 'country', '{country}', 'text', 'Where it is, ISO 3166.'),
    ('legal_entity', 'currency', '{currency}', 'text', 'The currency it keeps its books in, ISO 4217.'),
    ('legal_entity', 'zone', '{zone}', 'text', 'The time zone its days end in, an IANA name.'),
    ('legal_entity', 'parent', '{parent}', 'ref', 'The legal entity it belongs to.'),
    ('legal_entity', 'tax_ids', '{taxIds}', 'jsonb', 'Its tax registrations.'),
    ('legal_entity', 'registration_no', '{registrationNo}', 'text', 'Its company registration.'),
    ('period', 'name', '{name}', 'text', 'As the books name it.'),
    ('period', 'legal_entity', '{entity}', 'ref', 'Whose books.'),
    ('period', 'begins_on', '{from}', 'date', 'Its first day.'),
    ('period', 'ends_on', '{to}', 'date', 'Its last day.'),
    ('period', 'status', '{status}', 'text', 'open, soft_closed or closed.'),
    ('period', 'reopened', '{reopened}', 'int', 'How often it was opened again.');

  for k in select kind from people_see group by kind loop
    select string_agg(format(case type
        when 'ref' then 'views.text_of(s.state #> %1$L, s.source) as %2$I'
        when 'jsonb' then 's.state #> %1$L as %2$I'
        when 'date' then 'views.date_of(s.state #>> %1$L) as %2$I'
        else '(s.state #>> %1$L)::%3$s as %2$I' end, path, name, type), ', ' order by ord),
      string_agg(format(case type
        when 'ref' then 'views.text_of(e.fields #> %1$L, e.fields #>> %4$L) as %2$I'
        when 'jsonb' then 'e.fields #> %1$L as %2$I'
        when 'date' then 'views.date_of(e.fields #>> %1$L) as %2$I'
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
