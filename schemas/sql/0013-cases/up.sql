-- What finance agreed to leave alone is kept in reports too, as what it is.

alter table drift.finding drop constraint finding_weight_check;
alter table drift.finding add constraint finding_weight_check
  check (weight in ('difference', 'notice', 'tolerated'));
comment on column drift.finding.weight is
  'difference: both cannot be right; notice: worth knowing; tolerated: a difference that was agreed to be left alone.';

create index by_source_case on views.by_source (opened_position) where kind in ('drift_case', 'exception');
