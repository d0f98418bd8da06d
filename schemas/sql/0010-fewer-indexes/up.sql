-- What is written for every hour and cost is kept small: an index that nearly always says what the primary key says is
-- narrowed to the rows of which it says more, and who covers a record is asked of an index that holds coverage alone.
drop index views.edge_from;
create index edge_between on views.edge (from_stream) where stated_by <> from_stream;
create index edge_covers on views.edge (to_stream)
  where rel in ('bills', 'posts', 'settles', 'credits', 'replaces', 'corrects', 'prepays', 'coverage_from', 'reverses',
    'covers_not', 'recognized_in', 'links');

-- The members of an entity stand in its own row.
drop index views.entity_member_entity;
