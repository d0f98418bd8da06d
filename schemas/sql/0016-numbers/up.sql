-- Who bears a number, system by system: so that one that thousands bear is told from one that few do by a look each.
drop index views.by_source_number;
create index by_source_number on views.by_source (kind, left(number, 120), source) where number is not null;
