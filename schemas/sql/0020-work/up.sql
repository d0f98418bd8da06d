-- Hours and costs as they are compared: narrow rows, so that what millions of records say of each other is found in one
-- statement. The views are made anew after this script.

create table views.work (
  stream text collate "C" primary key,
  entity text collate "C" not null,
  kind text collate "C" not null,
  source text collate "C" not null,
  live boolean not null,
  odd boolean not null,
  day date,
  amount numeric,
  currency text collate "C",
  value1 bigint,
  value2 bigint,
  value3 bigint,
  value4 bigint,
  value5 bigint,
  value6 bigint
) with (fillfactor = 85);
create index work_odd on views.work (stream) where odd;
comment on table views.work is 'Hours and costs as what systems say of one and the same is compared: candidates for '
  'drift are found here, what differs is said from the records themselves.';
comment on column views.work.stream is 'The record''s stream.';
comment on column views.work.entity is 'The entity it belongs to.';
comment on column views.work.kind is 'time or expense.';
comment on column views.work.source is 'The system whose word it is.';
comment on column views.work.live is 'Whether the system has it: begun, and not deleted.';
comment on column views.work.odd is 'Whether more than its own values has to be looked at: it is said to be billed, states '
  'what cannot be reckoned with, or points at something by a number.';
comment on column views.work.day is 'The day it is of.';
comment on column views.work.amount is 'What a cost is.';
comment on column views.work.currency is 'Of the amount, ISO 4217.';
comment on column views.work.value1 is 'The day, as the first eight bytes of the SHA-256 of its text, as all of these; '
  'null = the system does not say.';
comment on column views.work.value2 is 'The project, by its stream.';
comment on column views.work.value3 is 'Of an hour the person, by his stream; of a cost its currency.';
comment on column views.work.value4 is 'Of an hour its quantity, in minutes where it is a time; of a cost its amount.';
comment on column views.work.value5 is 'Of an hour its price; of a cost the amount to be billed.';
comment on column views.work.value6 is 'Whether it is to be billed.';
