-- The log's name, drawn once: every signed root and receipt carries it.
create table ledger.log (
  one boolean primary key default true check (one),
  origin text not null             -- the first line of a checkpoint and its key's name (C2SP)
);
insert into ledger.log (origin) values ('proserv-ledger/' || gen_random_uuid());

-- Every public key that ever signed a root; the private ones are kept outside. At most one is not retired.
create table ledger.signing_key (
  id bytea primary key check (length(id) = 4), -- the first bytes of SHA-256 of public_key (C2SP)
  public_key bytea not null,       -- SubjectPublicKeyInfo, DER
  added_at timestamptz not null,
  retired_at timestamptz,
  predecessor bytea references ledger.signing_key, -- whose place it took
  endorsement bytea                -- the predecessor's signature over this key; null where it was lost
);
create unique index signing_key_in_use on ledger.signing_key ((true)) where retired_at is null;

-- Roots of the full subtrees of 256 ^ level leaves, so that a proof at any size reads a few hundred hashes. Leaves
-- themselves are in ledger.seal alone.
create table ledger.tile (
  level smallint,                  -- from 1
  index bigint,                    -- from 0: covers positions index * 256 ^ level + 1 and on
  root bytea not null,
  primary key (level, index)
);

-- Hashes do not compress, and a proof reads one of many.
alter table ledger.seal alter column leaves set storage external;

-- Tiles of the groups that are stored already.
do $$
declare
  tile_level smallint := 1;
begin
  if not exists (select from ledger.seal where seal.size >= 256) then
    return;
  end if;

  create temp table node on commit drop as
    select p - 1 as index, substring(s.leaves from ((p - s.first) * 32 + 1)::int for 32) as hash
    from ledger.seal s cross join generate_series(s.first, s.size) p;
  while (select count(*) from node) >= 256 loop
    for height in 1..8 loop
      create temp table parent on commit drop as
        select n.index / 2 as index, sha256('\x01'::bytea || string_agg(n.hash, ''::bytea order by n.index)) as hash
        from node n group by n.index / 2 having count(*) = 2;
      drop table node;
      alter table parent rename to node;
    end loop;
    insert into ledger.tile (level, index, root) select tile_level, n.index, n.hash from node n;
    tile_level := tile_level + 1;
  end loop;
  drop table node;
end
$$;

drop function ledger.append;

-- Commits one group. The caller has decided versions, positions and hashes on an assumption about the head and the
-- streams; answers null when the group is stored, or the part of the assumption that does not hold ('key', 'stream',
-- 'head', 'signer') when nothing was written. What only shows after the lock is taken raises 23505 or LG001 and rolls
-- back.
create function ledger.append(
  assumed_position bigint, assumed_frontier bytea,
  new_recorded timestamptz, new_frontier bytea, new_root bytea, new_signature bytea, new_leaves bytea,
  tile_levels smallint[], tile_indexes bigint[], tile_roots bytea[],
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
  wrong text;
begin
  -- Cheap looks before the lock: a stale assumption costs one round trip and writes nothing.
  wrong := case
    when exists (select from ledger.key k where k.key = any (keys)) then 'key'
    when exists (select from events.mt_streams s where s.id = any (opened))
      or exists (select from unnest(moved, moved_from) m (id, version)
                 join events.mt_streams s on s.id = m.id where s.version <> m.version) then 'stream'
    -- A server that was not told of a change of keys must not sign on with the old one.
    when new_signature is not null and not exists (
      select from ledger.signing_key k
      where k.id = substring(new_signature for 4) and k.retired_at is null) then 'signer'
  end;
  if wrong is not null then
    return wrong;
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

  insert into ledger.seal (size, first, root, signature, leaves)
    values (size, first, new_root, new_signature, new_leaves);

  if cardinality(tile_levels) > 0 then
    insert into ledger.tile (level, index, root)
      select t.level, t.index, t.root from unnest(tile_levels, tile_indexes, tile_roots) t (level, index, root);
  end if;

  -- Marten reads it as the highest sequence. Under the lock it stands nowhere but at the head.
  perform setval('events.mt_events_sequence', size), pg_notify('ledger', size::text);
  return null;
end
$$;
