-- A head row means from here on that the stream's last event is a snapshot which surely comes last in its source's
-- order too. What stood before did not promise that.
delete from ledger.stream_head;

-- Parked events are applied in the order they were parked in.
alter table ledger.parked add column number bigint generated always as identity;
create unique index parked_number on ledger.parked (number);
create index parked_type on ledger.parked (type, number);

-- The value of EventKey.For: a version 8 UUID from SHA-256 over source and id, each framed by its length.
create function ledger.event_key(source varchar, id varchar) returns uuid language sql immutable strict as $$
  select encode(set_byte(set_byte(substring(hash from 1 for 16),
      6, (get_byte(hash, 6) & 15) | 128), 8, (get_byte(hash, 8) & 63) | 128), 'hex')::uuid
  from (select sha256(int4send(octet_length(convert_to(source, 'UTF8'))) || convert_to(source, 'UTF8')
    || int4send(octet_length(convert_to(id, 'UTF8'))) || convert_to(id, 'UTF8')) as hash) h
$$;

-- A refused body is kept once, however often it comes; body holds its beginning only where bytes is more than its
-- length. It is settled where it was sent again by its number and that was taken, or where its key is taken: then
-- ledger.key says by what.
alter table ledger.reject
  add column key uuid,
  add column bytes bigint,
  add column sha256 bytea,          -- of the whole body
  add column times bigint not null default 1,
  add column last_at timestamptz,
  add column settled_at timestamptz,
  add column settled_source varchar,
  add column settled_id varchar,
  add column settled_key uuid,
  add column settled_position bigint; -- where the event that settled it is stored nowhere: of the one that says the same
update ledger.reject set bytes = length(body), sha256 = sha256(body), last_at = rejected_at,
  key = case when length(id) between 1 and 200 and length(source) between 1 and 64
    then ledger.event_key(source, id) end;
update ledger.reject r set times = s.times, last_at = s.last_at
  from (select min(number) as number, count(*) as times, max(rejected_at) as last_at
    from ledger.reject group by sha256, coalesce(source, ''), coalesce(id, '')) s
  where r.number = s.number and s.times > 1;
delete from ledger.reject r using ledger.reject first
  where first.sha256 = r.sha256 and coalesce(first.source, '') = coalesce(r.source, '')
    and coalesce(first.id, '') = coalesce(r.id, '') and first.number < r.number;
alter table ledger.reject
  alter column bytes set not null,
  alter column sha256 set not null,
  alter column last_at set not null;
create unique index reject_same on ledger.reject (sha256, (coalesce(source, '')), (coalesce(id, '')))
  where settled_at is null;
create index reject_key on ledger.reject (key) where key is not null;

-- What was offered under a taken key, so that its owner can see what differs; body is null beyond a few per key.
alter table ledger.conflict
  add column number bigint generated always as identity,
  add column bytes bigint,
  add column body bytea;
create unique index conflict_number on ledger.conflict (number);
drop index ledger.conflict_source;
create index conflict_source on ledger.conflict (source, number);
