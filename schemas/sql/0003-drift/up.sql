-- Drift reports as they were given out. They are kept, not derived: a rebuild of the views leaves them alone, so they
-- have a schema of their own.
create schema drift;
comment on schema drift is 'Drift reports as they were given out: what differed, as of which position.';

create table drift.run (
  id uuid primary key,
  position bigint not null,
  created_at timestamptz not null,
  digest bytea not null check (length(digest) = 32),
  headline jsonb not null,
  report json not null -- not jsonb: the same report is the same bytes
);
create index run_created on drift.run (created_at desc, id);
comment on table drift.run is 'One comparison of everything the systems said. Same events, same report, byte for byte.';
comment on column drift.run.id is 'The run''s own id.';
comment on column drift.run.position is 'The last event the report knows.';
comment on column drift.run.created_at is 'When somebody asked for it.';
comment on column drift.run.digest is 'SHA-256 of the report''s bytes: two runs at one position have one digest.';
comment on column drift.run.headline is 'Documents compared, agreeing, differing; findings and money per class and currency.';
comment on column drift.run.report is 'The whole report as it was given out.';

create table drift.finding (
  run uuid not null references drift.run on delete cascade,
  rank int not null,
  class text collate "C" not null,
  weight text collate "C" not null check (weight in ('difference', 'notice')),
  invoice text collate "C",
  related text[] not null,
  streams text[] not null,
  amount numeric check (amount >= 0),
  currency text collate "C",
  direction text collate "C" check (direction in ('over', 'under')),
  sentence text not null,
  detail jsonb not null,
  primary key (run, rank)
);
create index finding_class on drift.finding (run, class);
create index finding_invoice on drift.finding (run, invoice) where invoice is not null;
comment on table drift.finding is 'Each place where what the systems say does not fit together, for queries over a run.';
comment on column drift.finding.run is 'The run that found it.';
comment on column drift.finding.rank is 'From 1: differences before notices, the most money first.';
comment on column drift.finding.class is 'What is wrong: missing, duplicate, quantity, rate, rounding, amount, …';
comment on column drift.finding.weight is 'difference: both cannot be right; notice: worth knowing.';
comment on column drift.finding.invoice is 'Number of the invoice it is about.';
comment on column drift.finding.related is 'Numbers of the other invoices that belong to it.';
comment on column drift.finding.streams is 'Every record that belongs to it, the one it is about first.';
comment on column drift.finding.amount is 'Money at stake, without a sign; null where no currency is known.';
comment on column drift.finding.currency is 'Of the amount.';
comment on column drift.finding.direction is 'over: more is asked than is supported; under: less; null: no money depends on it.';
comment on column drift.finding.sentence is 'What happened, in plain English.';
comment on column drift.finding.detail is 'The finding as the report has it: both values, the events behind them, suggestions.';
