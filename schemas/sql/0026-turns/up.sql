-- What records were to others before, so that it can be told by what id each went when, also where a rule joined them by
-- a key that went again. The views are made anew after this script.

create table views.turn (
  stream text collate "C" not null,
  last_position bigint not null,
  state jsonb,
  asserted jsonb not null,
  deleted_by bigint,
  pending bigint[] not null,
  opened_position bigint not null,
  first_position bigint not null,
  events int not null,
  order_sequence bigint,
  order_time bigint not null,
  order_id text collate "C" not null,
  sequenced boolean not null,
  primary key (stream, last_position)
);
comment on table views.turn is
  'Records as the ledger knew them from each event on that made them another to what they may be one with: where they '
  'were ever anything else, and with what they were first; that alone where they are too many to be followed.';
comment on column views.turn.stream is 'The stream.';
comment on column views.turn.last_position is 'Position of the event from which it was known so.';
comment on column views.turn.state is 'Its fields as JSON; null until an event that can begin the record was applied.';
comment on column views.turn.asserted is 'Field → position of the event that last changed it.';
comment on column views.turn.deleted_by is 'Position of the deletion in force; null = not deleted.';
comment on column views.turn.pending is 'Positions of events that could not apply yet.';
comment on column views.turn.opened_position is 'When the stream came into the ledger.';
comment on column views.turn.first_position is 'Position of the event that began the record; 0 = none did.';
comment on column views.turn.events is 'How many events were known.';
comment on column views.turn.order_sequence is 'The source''s sequence of the last of them in its order.';
comment on column views.turn.order_time is 'The source''s time of that event, microseconds since 1970 UTC.';
comment on column views.turn.order_id is 'The source''s id of that event.';
comment on column views.turn.sequenced is 'Whether every one of them states the source''s sequence.';

create index record_key_lost on views.record_key (left(value, 120), scheme, kind)
  where not held and scheme not like '~%';

alter table views.link drop column past;
comment on column views.alias.entity is 'The id it went by: that of the entity it was one with, as the ledger knew it.';
comment on column views.alias.from_position is 'Position of the event from which it went by it.';
comment on column views.alias.to_position is
  'Position of the event from which it went by another, or by its own; null = it still goes by it.';
comment on column views.alias.stated_by is 'The stream that stated the tie with which that began; of a rule, the key.';
