-- Schema events is Marten's own layout: its tables, indexes and sequence, nothing else. Never add a column, an index,
-- a foreign key or a function here: Marten's migration would drop it.
create schema events;

create table events.mt_streams (
  id varchar not null,
  type varchar,
  version bigint,
  timestamp timestamptz not null default (now()),
  created timestamptz not null default (now()),
  tenant_id varchar default '*DEFAULT*',
  is_archived boolean default false,
  constraint pkey_mt_streams_id primary key (id)
);

create table events.mt_events (
  seq_id bigint not null,
  id uuid not null,
  stream_id varchar,
  version bigint not null,
  data jsonb not null,
  bdata bytea,
  type varchar(500) not null,
  timestamp timestamptz not null default '(now())', -- a literal frozen here, as Marten's is; we always state the time
  tenant_id varchar default '*DEFAULT*',
  mt_dotnet_type varchar,
  correlation_id varchar,
  causation_id varchar,
  headers jsonb,
  user_name varchar,
  is_archived boolean default false,
  constraint pkey_mt_events_seq_id primary key (seq_id),
  constraint fkey_mt_events_stream_id foreign key (stream_id) references events.mt_streams (id) on delete cascade
);

create unique index pk_mt_events_stream_and_version on events.mt_events (stream_id, version);

create sequence events.mt_events_sequence owned by events.mt_events.seq_id;

create table events.mt_event_progression (
  name varchar not null,
  last_seq_id bigint,
  last_updated timestamptz default (transaction_timestamp()),
  constraint pk_mt_event_progression primary key (name)
);

create table events.mt_high_water_skips (
  ending_sequence bigint not null,
  starting_sequence bigint not null,
  timestamp timestamptz default (transaction_timestamp()),
  constraint pkey_mt_high_water_skips_ending_sequence primary key (ending_sequence)
);

-- Schema ledger is ours; it stands already, with the list of applied migrations.

-- One row. Its lock is the commit order: whoever appends holds it from drawing positions to commit.
create table ledger.head (
  one boolean primary key default true check (one),
  position bigint not null,        -- of the last event; 0 = none
  recorded timestamptz not null,   -- of the last event
  frontier bytea not null          -- roots of the log's perfect subtrees, left to right, 32 bytes each (RFC 6962)
) with (fillfactor = 10);
insert into ledger.head (position, recorded, frontier) values (0, '1970-01-01T00:00:00Z', '');

-- Every key ever taken, for ever. position and version are null while the event is parked.
create table ledger.key (
  key uuid primary key,
  position bigint,
  version bigint,
  digest bytea not null,
  check ((position is null) = (version is null))
);

-- The digest of a stream's last snapshot. It counts only while version is the stream's own.
create table ledger.stream_head (
  stream varchar primary key,
  version bigint not null,
  snapshot bytea not null
);

-- One row per committed group of events first..size.
create table ledger.seal (
  size bigint primary key,
  first bigint not null,
  root bytea not null,             -- RFC 6962 root of the log at this size
  signature bytea,
  leaves bytea not null            -- leaf hashes of the group in position order, 32 bytes each
);

-- Events of a type this ledger does not know yet, as they came.
create table ledger.parked (
  key uuid primary key references ledger.key,
  source varchar not null,
  id varchar not null,
  type varchar not null,
  body bytea not null,
  parked_at timestamptz not null
);

-- What was refused as malformed or invalid, kept to be inspected and sent again.
create table ledger.reject (
  number bigint generated always as identity primary key,
  source varchar,
  id varchar,
  body bytea not null,
  problems json not null,
  rejected_at timestamptz not null
);
create index reject_source on ledger.reject (source, number);

-- Second bodies offered under a known key, for the source's owner.
create table ledger.conflict (
  key uuid not null,
  offered bytea not null,
  source varchar not null,
  id varchar not null,
  times bigint not null default 1,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (key, offered)
);
create index conflict_source on ledger.conflict (source, last_at);

-- Commits one group. The caller has decided versions, positions and hashes on an assumption about the head and the
-- streams; answers null when the group is stored, or the part of the assumption that does not hold ('key', 'stream',
-- 'head') when nothing was written. What only shows after the lock is taken raises 23505 or LG001 and rolls back.
create function ledger.append(
  assumed_position bigint, assumed_frontier bytea,
  new_recorded timestamptz, new_frontier bytea, new_root bytea, new_leaves bytea,
  opened varchar[], opened_types varchar[], opened_versions bigint[],
  moved varchar[], moved_from bigint[], moved_to bigint[],
  snapshot_streams varchar[], snapshot_versions bigint[], snapshots bytea[],
  keys uuid[], digests bytea[], streams varchar[], versions bigint[], bodies jsonb[], types varchar[],
  dotnet_types varchar[], correlation_ids varchar[], causation_ids varchar[], header_sets jsonb[], user_names varchar[]
) returns text language plpgsql as $$
declare
  first bigint := assumed_position + 1;
  size bigint := assumed_position + cardinality(keys);
  touched bigint;
begin
  -- Cheap looks before the lock: a stale assumption costs one round trip and writes nothing.
  if exists (select from ledger.key k where k.key = any (keys)) then
    return 'key';
  end if;
  if exists (select from events.mt_streams s where s.id = any (opened))
    or exists (select from unnest(moved, moved_from) m (id, version)
               join events.mt_streams s on s.id = m.id where s.version <> m.version) then
    return 'stream';
  end if;

  update ledger.head h set position = size, recorded = new_recorded, frontier = new_frontier
    where h.position = assumed_position and h.frontier = assumed_frontier and h.recorded <= new_recorded;
  if not found then
    return 'head';
  end if;

  insert into ledger.key (key, position, version, digest)
    select k.key, assumed_position + k.n, k.version, k.digest
    from unnest(keys, versions, digests) with ordinality k (key, version, digest, n);

  if cardinality(opened) > 0 then
    insert into events.mt_streams (id, type, version, timestamp, created)
      select o.id, o.type, o.version, new_recorded, new_recorded
      from unnest(opened, opened_types, opened_versions) o (id, type, version);
  end if;

  if cardinality(moved) > 0 then
    update events.mt_streams s set version = m.to_version, timestamp = new_recorded
      from unnest(moved, moved_from, moved_to) m (id, from_version, to_version)
      where s.id = m.id and s.version = m.from_version;
    get diagnostics touched = row_count;
    if touched <> cardinality(moved) then
      raise exception 'a stream is not at the version assumed' using errcode = 'LG001';
    end if;
  end if;

  insert into events.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type,
      correlation_id, causation_id, headers, user_name)
    select assumed_position + e.n, e.id, e.stream_id, e.version, e.data, e.type, new_recorded, e.dotnet_type,
      e.correlation_id, e.causation_id, e.headers, e.user_name
    from unnest(keys, streams, versions, bodies, types, dotnet_types, correlation_ids, causation_ids, header_sets,
        user_names) with ordinality
      e (id, stream_id, version, data, type, dotnet_type, correlation_id, causation_id, headers, user_name, n);

  if cardinality(snapshot_streams) > 0 then
    insert into ledger.stream_head (stream, version, snapshot)
      select s.stream, s.version, s.snapshot
      from unnest(snapshot_streams, snapshot_versions, snapshots) s (stream, version, snapshot)
      on conflict (stream) do update set version = excluded.version, snapshot = excluded.snapshot;
  end if;

  insert into ledger.seal (size, first, root, leaves) values (size, first, new_root, new_leaves);

  -- Forward only: Marten reads it as the highest sequence, and it does not roll back.
  perform setval('events.mt_events_sequence', size) from events.mt_events_sequence q where q.last_value < size
    or not q.is_called;
  perform pg_notify('ledger', size::text);
  return null;
end
$$;
