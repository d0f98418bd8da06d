-- Work that is given up waits until the day it is: month by month too, as the proof has it. Its text is 0029's but for
-- that.

do $$
declare
  text text := pg_get_viewdef('bi.work_movement'::regclass);
  waits text := '(p.is_approved AND (p.never IS NULL))';
begin
  if position(waits in text) = 0 then raise exception 'bi.work_movement does not say what waits'; end if;
  execute 'create or replace view bi.work_movement as ' || replace(text, waits, 'p.accrues');
end
$$;
