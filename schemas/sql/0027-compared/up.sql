-- What systems say of one hour or cost is compared when its entity is derived, so that a comparison of all has only to
-- ask which differ. The views are made anew after this script.

drop table views.work;
create table views.work (
  stream text collate "C" primary key,
  entity text collate "C" not null,
  kind text collate "C" not null,
  source text collate "C" not null,
  told bigint not null,
  live boolean not null,
  odd boolean not null,
  differs boolean not null,
  points text collate "C",
  day date,
  amount numeric,
  currency text collate "C"
) with (fillfactor = 85);
create index work_odd on views.work (stream) where odd;
create index work_differs on views.work (entity) where differs;
comment on table views.work is 'Hours and costs as what systems say of one and the same is compared: candidates for '
  'drift are found here, what differs is said from the records themselves.';
comment on column views.work.stream is 'The record''s stream.';
comment on column views.work.entity is 'The entity it belongs to.';
comment on column views.work.kind is 'time or expense.';
comment on column views.work.source is 'The system whose word it is.';
comment on column views.work.told is 'Position of the last event by which it began or went, or that said its day, its '
  'money or what it points at.';
comment on column views.work.live is 'Whether the system has it: begun, and not deleted.';
comment on column views.work.odd is 'Whether more than its own values has to be looked at: it is said to be billed, '
  'states what cannot be reckoned with, or points at something by a number.';
comment on column views.work.differs is 'Whether systems say different values of its entity, or one of several records '
  'is odd.';
comment on column views.work.points is 'Of an entity''s first record, where systems point at several projects or '
  'people: their streams, a tab between two, a line for each field. Whether they are one, the entities of those tell.';
comment on column views.work.day is 'The day it is of.';
comment on column views.work.amount is 'What a cost is.';
comment on column views.work.currency is 'Of the amount, ISO 4217.';

-- What somebody has to look at, among many references that dangle.
create index finding_to_look_at on views.finding (stream) where code <> 'dangling_reference';
