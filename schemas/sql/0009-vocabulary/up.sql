-- More kinds of record for people to see. What columns a kind shows is data from here on, so that a later script adds
-- kinds, or columns to kinds, with rows and one call.

create table ledger.kind_column (
  kind text collate "C" not null,
  ordinal int generated always as identity,
  name text collate "C" not null,
  path text[] not null,
  type text collate "C" not null
    check (type in ('text', 'numeric', 'int', 'boolean', 'date', 'timestamptz', 'jsonb', 'ref')),
  meaning text not null,
  primary key (kind, name)
);
comment on table ledger.kind_column is
  'The columns of views.{kind} and views.{kind}_by_source, but for those that 0002 and 0008 wrote down. Those of kind '
  'proposal are views.client_proposal and views.client_proposal_by_source.';
comment on column ledger.kind_column.kind is 'The kind of record.';
comment on column ledger.kind_column.ordinal is 'The order in which columns stand.';
comment on column ledger.kind_column.name is 'The column.';
comment on column ledger.kind_column.path is 'Where its value is in the state: the field, and the way into it.';
comment on column ledger.kind_column.type is 'Its type; ref = a reference, shown as a stream or a number.';
comment on column ledger.kind_column.meaning is 'Its comment.';

create function ledger.make_kind_views(kinds text[]) returns void language plpgsql set search_path = pg_catalog as $$
declare
  k text;
  whole boolean;
  view text;
  made regclass;
  columns text;
  definition text;
  c record;
begin
  foreach k in array kinds loop
    foreach whole in array array[false, true] loop
      -- views.proposal is taken: it has the pairs that may be one thing.
      view := case k when 'proposal' then 'client_proposal' else k end
        || case when whole then '' else '_by_source' end;
      made := to_regclass(format('views.%I', view));
      select string_agg(format(case n.type
          when 'ref' then 'views.text_of(%1$s #> %2$L, %3$s) as %4$I'
          when 'jsonb' then '%1$s #> %2$L as %4$I'
          when 'date' then 'views.date_of(%1$s #>> %2$L) as %4$I'
          when 'timestamptz' then 'views.instant_of(%1$s #>> %2$L) as %4$I'
          else '(%1$s #>> %2$L)::%5$s as %4$I' end,
          case when whole then 'e.fields' else 's.state' end,
          case when whole then array[n.path[1], 'value'] || n.path[2:] else n.path end,
          case when whole then format('e.fields #>> %L', array[n.path[1], 'source']) else 's.source' end,
          n.name, n.type), ', ' order by n.ordinal)
        into columns from ledger.kind_column n
        where n.kind = k
          and not exists (select from pg_attribute a where a.attrelid = made and a.attname = n.name);
      continue when columns is null;

      if made is not null then
        -- Columns can only be added behind those there are; whatever rests on the view goes on resting on it.
        definition := pg_get_viewdef(made);
        definition := overlay(definition placing ', ' || columns || ' '
          from position(E'\n   FROM ' in definition) for 0);
        execute format('create or replace view views.%I as %s', view, definition);
      elsif whole then
        execute format('create view views.%I as select e.id, e.fields #>> ''{number,value}'' as number, e.live, %s, '
          'e.members, e.sources, e.paused_at, e.opened_position, e.changed_position from views.entity e '
          'where e.kind = %L and e.fields <> ''{}''', view, columns, k);
        execute format('comment on view views.%I is %L', view,
          format('Each %s once, each field from the system that owns it.', replace(k, '_', ' ')));
      else
        execute format('create view views.%I as select s.stream, s.source, s.record_id, s.number, '
          's.deleted_by is null as live, %s, s.first_position, s.last_position from views.by_source s '
          'where s.kind = %L and s.state is not null', view, columns, k);
        execute format('comment on view views.%I is %L', view,
          format('What each source says of each %s.', replace(k, '_', ' ')));
      end if;

      for c in select a.attname, coalesce(n.meaning, col_description(t.oid, b.attnum),
                 case a.attname when 'live' then 'Whether the source still has it.' end,
                 'Its business number as printed; never its identity.') as meaning
               from pg_attribute a
               join pg_class t on t.oid = case when whole then 'views.entity' else 'views.by_source' end::regclass
               left join ledger.kind_column n on n.kind = k and n.name = a.attname
               left join pg_attribute b on b.attrelid = t.oid and b.attname = a.attname
               where a.attrelid = to_regclass(format('views.%I', view)) and a.attnum > 0
                 and col_description(a.attrelid, a.attnum) is null loop
        execute format('comment on column views.%I.%I is %L', view, c.attname, c.meaning);
      end loop;
    end loop;
  end loop;
end
$$;
comment on function ledger.make_kind_views(text[]) is
  'Makes views.{kind} and views.{kind}_by_source with the columns of ledger.kind_column; where they are there, adds the '
  'columns they have not got. Comments them.';

insert into ledger.kind_column (kind, name, path, type, meaning) values
  ('opportunity', 'name', '{name}', 'text', 'What might be sold.'),
  ('opportunity', 'client', '{client}', 'ref', 'To whom.'),
  ('opportunity', 'amount', '{amount}', 'numeric', 'What it would be worth, before tax.'),
  ('opportunity', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
  ('opportunity', 'stage', '{stage}', 'text', 'How far it has come, as the source calls it.'),
  ('opportunity', 'probability', '{probability}', 'numeric', 'How likely it is to be won, in percent.'),
  ('opportunity', 'status', '{status}', 'text', 'open, won or lost.'),
  ('opportunity', 'owner', '{owner}', 'text', 'Who pursues it.'),
  ('opportunity', 'opened_on', '{openedOn}', 'date', 'When it began.'),
  ('opportunity', 'expected_on', '{expectedOn}', 'date', 'When a decision is expected.'),
  ('opportunity', 'closed_on', '{closedOn}', 'date', 'When it was won or lost.'),
  ('opportunity', 'reason', '{reason}', 'text', 'Why it was won or lost.'),
  ('opportunity', 'proposal', '{proposal}', 'ref', 'The proposal it was won with.'),
  ('opportunity', 'contract', '{contract}', 'ref', 'The contract it was won as.'),
  ('proposal', 'title', '{title}', 'text', 'What is offered.'),
  ('proposal', 'client', '{client}', 'ref', 'To whom.'),
  ('proposal', 'opportunity', '{opportunity}', 'ref', 'The opportunity it is made for.'),
  ('proposal', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
  ('proposal', 'version', '{version}', 'text', 'The version that counts: the one accepted last, else the newest.'),
  ('proposal', 'status', '{status}', 'text', 'How far that version is: draft, submitted, approved, rejected, accepted.'),
  ('proposal', 'net', '{totals,net}', 'numeric', 'What that version asks before tax.'),
  ('proposal', 'tax', '{totals,tax}', 'numeric', 'The tax of that version.'),
  ('proposal', 'gross', '{totals,gross}', 'numeric', 'What that version asks with tax.'),
  ('proposal', 'versions', '{versions}', 'jsonb', 'All its versions, with their lines and price lists.'),
  ('change_request', 'title', '{title}', 'text', 'What is to change.'),
  ('change_request', 'project', '{project}', 'ref', 'The project it changes.'),
  ('change_request', 'contract', '{contract}', 'ref', 'The contract it changes.'),
  ('change_request', 'raised_on', '{raisedOn}', 'date', 'When it was raised.'),
  ('change_request', 'raised_by', '{raisedBy}', 'text', 'Who raised it.'),
  ('change_request', 'amount', '{amount}', 'numeric', 'What it adds to the price, before tax; negative takes away.'),
  ('change_request', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
  ('change_request', 'quantity', '{quantity,value}', 'numeric', 'How much work it adds.'),
  ('change_request', 'unit', '{quantity,unit}', 'text', 'Unit of quantity: MIN = minutes, HUR = hours.'),
  ('change_request', 'schedule_days', '{scheduleDays}', 'int', 'By how many days the end moves.'),
  ('change_request', 'status', '{status}', 'text', 'raised, approved, rejected or implemented.'),
  ('change_request', 'approval', '{approval,status}', 'text', 'approved or rejected; null = nobody has decided.'),
  ('change_request', 'decided_by', '{approval,by}', 'text', 'Who decided.'),
  ('change_request', 'decided_at', '{approval,at}', 'timestamptz', 'When the source says it was decided.'),
  ('change_request', 'implemented_on', '{implementedOn}', 'date', 'When it took effect.'),
  ('change_request', 'amendment', '{amendment}', 'text', 'The amendment of the contract it became.'),
  ('milestone', 'name', '{name}', 'text', 'What is to be reached.'),
  ('milestone', 'project', '{project}', 'ref', 'The project it belongs to.'),
  ('milestone', 'contract', '{contract}', 'ref', 'The contract it is agreed in.'),
  ('milestone', 'contract_line', '{contractLine}', 'text', 'The line of that contract.'),
  ('milestone', 'due_on', '{dueOn}', 'date', 'When it is due.'),
  ('milestone', 'amount', '{amount}', 'numeric', 'What it is worth once accepted, before tax.'),
  ('milestone', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
  ('milestone', 'percent', '{percent}', 'numeric', 'Its share of the contract line, in percent.'),
  ('milestone', 'status', '{status}', 'text', 'planned, completed, acceptance_rejected, accepted or cancelled.'),
  ('milestone', 'completed_on', '{completedOn}', 'date', 'When the work was done; the client has not said yes by that.'),
  ('milestone', 'accepted_on', '{acceptedOn}', 'date', 'When the client accepted it.'),
  ('milestone', 'accepted_by', '{acceptedBy}', 'text', 'Who accepted it.'),
  ('milestone', 'evidence', '{evidence}', 'jsonb', 'The documents that show the acceptance.'),
  ('milestone', 'reason', '{reason}', 'text', 'Why acceptance was refused, or it was cancelled.'),
  ('milestone', 'amount_changes', '{amountChanges}', 'jsonb', 'What it was worth from when on, and by which amendment.'),
  ('revenue', 'contract', '{contract}', 'ref', 'The contract it is earned under.'),
  ('revenue', 'contract_line', '{contractLine}', 'text', 'The line of that contract.'),
  ('revenue', 'project', '{project}', 'ref', 'The project it is earned with.'),
  ('revenue', 'obligation', '{obligation}', 'text', 'The performance obligation.'),
  ('revenue', 'currency', '{currency}', 'text', 'Its currency, ISO 4217.'),
  ('revenue', 'amount', '{amount}', 'numeric', 'The price allocated to the obligation.'),
  ('revenue', 'timing', '{policy,timing}', 'text', 'over_time or point_in_time, as was decided.'),
  ('revenue', 'measure', '{policy,measure}', 'text', 'How progress is measured.'),
  ('revenue', 'modification', '{policy,modification}', 'text',
    'How a change of contract is treated: separate_contract, prospective or catch_up.'),
  ('revenue', 'begins_on', '{from}', 'date', 'Its first day.'),
  ('revenue', 'ends_on', '{to}', 'date', 'Its last day.'),
  ('revenue', 'recognized', '{recognized}', 'numeric', 'What was recognised so far, less what was reversed.'),
  ('revenue', 'status', '{status}', 'text', 'open or closed.'),
  ('revenue', 'closed_on', '{closedOn}', 'date', 'When recognition was closed.'),
  ('revenue', 'schedule', '{schedule}', 'jsonb', 'What is to be recognised in which period.'),
  ('revenue', 'recognitions', '{recognitions}', 'jsonb', 'What was recognised, period by period.'),
  ('knowledge_asset', 'title', '{title}', 'text', 'Its title.'),
  ('knowledge_asset', 'type', '{type}', 'text', 'What it is: a deliverable, a template, a lesson.'),
  ('knowledge_asset', 'author', '{author}', 'text', 'Who made it.'),
  ('knowledge_asset', 'about', '{about}', 'jsonb', 'The records it came from or is of use to.'),
  ('knowledge_asset', 'uri', '{uri}', 'text', 'Where it is.'),
  ('knowledge_asset', 'version', '{version}', 'text', 'Its version.'),
  ('knowledge_asset', 'audience', '{audience}', 'text', 'Who may read it.'),
  ('knowledge_asset', 'status', '{status}', 'text', 'linked, published or withdrawn.'),
  ('knowledge_asset', 'published_on', '{publishedOn}', 'date', 'When it was published.'),
  ('knowledge_asset', 'withdrawn_on', '{withdrawnOn}', 'date', 'When it was withdrawn.'),
  ('knowledge_asset', 'reason', '{reason}', 'text', 'Why it was withdrawn.'),
  ('exchange_rate', 'base', '{base}', 'text', 'The currency of which one unit is priced, ISO 4217.'),
  ('exchange_rate', 'quote', '{quote}', 'text', 'The currency it is priced in, ISO 4217.'),
  ('exchange_rate', 'rate', '{rate}', 'numeric', 'How much of quote one unit of base is.'),
  ('exchange_rate', 'quoted_on', '{on}', 'date', 'The day it is for.'),
  ('exchange_rate', 'rate_type', '{type}', 'text', 'spot, average, closing, budget or what the publisher calls it.'),
  ('exchange_rate', 'publisher', '{publisher}', 'text', 'Who published it, such as ECB.');

select ledger.make_kind_views(array['opportunity', 'proposal', 'change_request', 'milestone', 'revenue',
  'knowledge_asset', 'exchange_rate']);

comment on column views.entity.amount is 'Its figure of money: what an invoice asks for, a posting books, a payment '
  'brings, an expense costs, a proposal or change request offers before tax, an opportunity or milestone is worth, '
  'revenue has recognised; null for kinds that have none.';
