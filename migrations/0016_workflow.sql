-- The work on exceptions: who does what with them, and what two people must do.
--
-- A state changes only with its event, in one transaction, along tieout.legal_moves; what a person
-- does needs the role for it, and nobody closes what they proposed. The table of moves is that of
-- src/core/exception.ts; test/db/workflow.spec.ts holds the two against each other.

create table tieout.legal_moves (
  kind text not null,
  by text not null check (by in ('run', 'person', 'system')),
  from_state text,
  to_state text not null,
  -- One of these for the entity; null: not a person's.
  roles text[],
  check ((by = 'person') = (roles is not null)),
  unique nulls not distinct (kind, by, from_state, to_state)
);
insert into tieout.legal_moves (kind, by, from_state, to_state) values
  ('opened', 'run', null, 'open'),
  ('opened', 'run', null, 'closed'),
  ('seen', 'run', 'open', 'open'),
  ('seen', 'run', 'acknowledged', 'acknowledged'),
  ('seen', 'run', 'proposed', 'proposed'),
  ('seen', 'run', 'closed', 'closed'),
  ('changed', 'run', 'open', 'open'),
  ('changed', 'run', 'acknowledged', 'acknowledged'),
  ('changed', 'run', 'proposed', 'proposed'),
  ('changed', 'run', 'proposed', 'acknowledged'),
  ('changed', 'run', 'closed', 'closed'),
  ('reopened', 'run', 'cleared', 'open'),
  ('reopened', 'run', 'cleared', 'closed'),
  ('reopened', 'run', 'closed', 'open'),
  ('cleared', 'run', 'open', 'cleared'),
  ('cleared', 'run', 'acknowledged', 'cleared'),
  ('cleared', 'run', 'proposed', 'cleared'),
  ('cleared', 'run', 'closed', 'cleared'),
  ('escalated', 'system', 'open', 'open'),
  ('escalated', 'system', 'acknowledged', 'acknowledged'),
  ('escalated', 'system', 'proposed', 'proposed');
insert into tieout.legal_moves (kind, by, from_state, to_state, roles) values
  ('acknowledged', 'person', 'open', 'acknowledged', array['preparer']),
  ('proposed', 'person', 'open', 'proposed', array['preparer']),
  ('proposed', 'person', 'acknowledged', 'proposed', array['preparer']),
  ('withdrawn', 'person', 'proposed', 'acknowledged', array['preparer']),
  ('sent_back', 'person', 'proposed', 'acknowledged', array['reviewer']),
  ('closed', 'person', 'proposed', 'closed', array['reviewer']),
  ('recalled', 'person', 'closed', 'open', array['reviewer']),
  ('reconciled', 'person', 'open', 'closed', array['reviewer']),
  ('reconciled', 'person', 'acknowledged', 'closed', array['reviewer']),
  ('reconciled', 'person', 'proposed', 'closed', array['reviewer']);
insert into tieout.legal_moves (kind, by, from_state, to_state, roles)
  select kind, 'person', state, state, array['preparer', 'reviewer']
  from unnest(array['commented', 'attached', 'assigned']) kind,
    unnest(array['open', 'acknowledged', 'proposed', 'closed', 'cleared']) state;

-- An expected difference, known by name: what the same control finds at the same key, up to an
-- amount and until a day, is closed by it. Somebody proposes it, another approves.
create table tieout.reconciling_items (
  item_id uuid primary key,
  control_id text not null,
  entity_id text not null,
  procedure text not null,
  code text not null,
  key jsonb not null,
  currency text,
  -- Largest impact that it explains; null where the finding has none.
  amount numeric(38, 6) check (amount >= 0),
  label text not null,
  reason text not null,
  owner uuid not null references tieout.people,
  valid_until date not null,
  created_by uuid not null references tieout.people,
  created_at timestamptz not null,
  created_event uuid not null references tieout.audit_events,
  approved_by uuid references tieout.people,
  approved_at timestamptz,
  approved_event uuid references tieout.audit_events,
  revoked_by uuid references tieout.people,
  revoked_at timestamptz,
  revoked_event uuid references tieout.audit_events,
  constraint reconciling_items_need_two_people check (approved_by <> created_by),
  check (num_nonnulls(approved_by, approved_at, approved_event) in (0, 3)),
  check (num_nonnulls(revoked_by, revoked_at, revoked_event) in (0, 3))
);
create index reconciling_items_by_scope on tieout.reconciling_items (control_id, entity_id)
  where revoked_at is null;

create function tieout.require_item_roles() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and (new.approved_by is not null or new.revoked_by is not null
    or not tieout.holds_role(new.created_by, array['preparer'], new.entity_id, new.created_at)) then
    raise exception 'only a preparer of % makes a reconciling item', new.entity_id
      using errcode = 'integrity_constraint_violation';
  end if;
  if tg_op = 'UPDATE' and old.approved_by is null and new.approved_by is not null
    and not tieout.holds_role(new.approved_by, array['reviewer'], new.entity_id, new.approved_at) then
    raise exception 'only a reviewer of % approves a reconciling item', new.entity_id
      using errcode = 'integrity_constraint_violation';
  end if;
  if tg_op = 'UPDATE' and (old.revoked_by is not null
    or (old.approved_by is not null and new.approved_by is distinct from old.approved_by)) then
    raise exception 'a decision on a reconciling item is not changed'
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger item_roles before insert or update on tieout.reconciling_items
  for each row execute function tieout.require_item_roles();
create trigger never_removed before delete on tieout.reconciling_items
  for each row execute function tieout.refuse_change();
create trigger never_emptied before truncate on tieout.reconciling_items
  for each statement execute function tieout.refuse_change();
grant select, insert on tieout.reconciling_items to tieout_app;
grant update (approved_by, approved_at, approved_event, revoked_by, revoked_at, revoked_event)
  on tieout.reconciling_items to tieout_app;
grant select on tieout.legal_moves to tieout_app;

alter table tieout.exceptions
  drop constraint exceptions_state_check,
  add column assignee uuid references tieout.people,
  add column due_on date,
  add column escalations integer not null default 0 check (escalations >= 0),
  add column disposition text check (disposition in
    ('corrected', 'explained', 'risk_accepted', 'false_positive', 'reconciling_item')),
  add column root_cause text,
  add column accepted_until date,
  -- The impact that was accepted; more than that opens it again.
  add column accepted_impact numeric(38, 6),
  add column proposed_by uuid references tieout.people,
  add column proposed_at timestamptz,
  add column closed_by uuid references tieout.people,
  add column closed_at timestamptz,
  add column reconciling_item uuid references tieout.reconciling_items,
  add column last_event bigint,
  add column severity_rank smallint generated always as (case severity when 'critical' then 4
    when 'high' then 3 when 'medium' then 2 else 1 end) stored,
  add constraint exceptions_state_check
    check (state in ('open', 'acknowledged', 'proposed', 'closed', 'cleared')),
  add constraint exceptions_disposition_follows_state check (
    (state not in ('open', 'acknowledged') or num_nonnulls(disposition, proposed_by, closed_by,
      reconciling_item) = 0)
    and (state <> 'proposed' or (num_nonnulls(disposition, proposed_by) = 2 and closed_by is null))
    and (state <> 'closed' or (disposition is not null and closed_at is not null and
      (reconciling_item is not null or num_nonnulls(proposed_by, closed_by) = 2)))),
  add check ((disposition = 'risk_accepted') = (accepted_until is not null)),
  add check ((disposition = 'reconciling_item') = (reconciling_item is not null)),
  add constraint exceptions_need_two_people check (closed_by <> proposed_by);

create index exceptions_by_impact
  on tieout.exceptions ((coalesce(impact, -1)) desc, exception_id);
create index exceptions_by_severity
  on tieout.exceptions (severity_rank desc, first_seen_at desc, exception_id);
create index exceptions_by_due
  on tieout.exceptions ((coalesce(due_on, 'infinity'::date)), exception_id);
create index exceptions_by_assignee on tieout.exceptions (assignee, state)
  where assignee is not null;
create index exceptions_unsettled on tieout.exceptions (entity_id, period_start, control_id)
  where state in ('open', 'acknowledged', 'proposed');

grant update (assignee, due_on, escalations, disposition, root_cause, accepted_until,
  accepted_impact, proposed_by, proposed_at, closed_by, closed_at, reconciling_item, last_event)
  on tieout.exceptions to tieout_app;

alter table tieout.exception_events
  alter column run_id drop not null,
  add column from_state text,
  add column to_state text,
  add column person_id uuid references tieout.people,
  add column actor text,
  add column reason text,
  add column details jsonb,
  add column audit_event uuid references tieout.audit_events,
  drop constraint exception_events_kind_check,
  add check (num_nonnulls(run_id, audit_event) = 1),
  add check ((audit_event is null) = (actor is null));

-- Every event is a move that the table allows, from the state the exception is in.
create function tieout.require_legal_moves() returns trigger language plpgsql as $$
begin
  if exists (
    select from added a join tieout.exceptions e using (exception_id)
    where case when a.kind = 'opened' then a.to_state is distinct from e.state
        else a.from_state is distinct from e.state end
      or not exists (
        select from tieout.legal_moves m
        where m.kind = a.kind and m.from_state is not distinct from a.from_state
          and m.to_state = a.to_state
          and m.by = case when a.run_id is not null then 'run'
            when a.person_id is not null then 'person' else 'system' end)
  ) then
    raise exception 'insert on %.% is refused: the move is not a legal one',
      tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create trigger legal_moves after insert on tieout.exception_events
  referencing new table as added for each statement execute function tieout.require_legal_moves();

-- An exception changes only together with the event that says so.
create function tieout.require_event_of_change() returns trigger language plpgsql as $$
begin
  if exists (
    select from changed c where not exists (
      select from tieout.exception_events v
      where v.event_id = c.last_event and v.exception_id = c.exception_id
        and v.to_state = c.state and v.xmin = pg_current_xact_id()::xid
        and (v.kind <> 'proposed' or v.person_id = c.proposed_by)
        and (v.kind not in ('closed', 'reconciled') or v.person_id = c.closed_by))
  ) then
    raise exception 'update on %.% is refused: no event of this transaction says so',
      tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create trigger told_by_event after update on tieout.exceptions
  referencing new table as changed for each statement
  execute function tieout.require_event_of_change();

-- A run opens exceptions in the transaction that records it; a person never does.
create function tieout.require_opening_run() returns trigger language plpgsql as $$
begin
  if exists (
    select from (select distinct first_seen_run from added) a
    where not exists (select from tieout.runs r
      where r.run_id = a.first_seen_run and r.xmin = pg_current_xact_id()::xid)
  ) or exists (
    select from added where state not in ('open', 'closed')
      or (state = 'closed' and reconciling_item is null)
  ) then
    raise exception 'insert on %.% is refused: only a run opens an exception',
      tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create trigger opened_by_run after insert on tieout.exceptions
  referencing new table as added for each statement
  execute function tieout.require_opening_run();

-- What a person does: with the role for it, told to the trail, and never both halves.
create function tieout.require_person_may() returns trigger language plpgsql as $$
declare
  exception tieout.exceptions;
  told boolean;
  needed text[];
  proposer uuid;
begin
  select * into exception from tieout.exceptions where exception_id = new.exception_id;
  select c.xmin = pg_current_xact_id()::xid and c.actor_person is not distinct from new.person_id
      and c.subject_id = new.exception_id::text into told
    from tieout.audit_events c where c.event_id = new.audit_event;
  if told is distinct from true then
    raise exception 'the trail does not tell this move of exception %', new.exception_id
      using errcode = 'integrity_constraint_violation';
  end if;
  if exception.last_event is null or exception.last_event < new.event_id
    or (exception.last_event = new.event_id and exception.state <> new.to_state) then
    raise exception 'exception % does not show its move', new.exception_id
      using errcode = 'integrity_constraint_violation';
  end if;
  if new.person_id is null then return null; end if;
  select roles into needed from tieout.legal_moves m
    where m.kind = new.kind and m.by = 'person'
      and m.from_state is not distinct from new.from_state and m.to_state = new.to_state;
  if not tieout.holds_role(new.person_id, needed, exception.entity_id, new.at) then
    raise exception 'only % of % may do this', needed, exception.entity_id
      using errcode = 'integrity_constraint_violation';
  end if;
  if new.kind in ('closed', 'sent_back') then
    select person_id into proposer from tieout.exception_events v
      where v.exception_id = new.exception_id and v.kind = 'proposed' and v.event_id < new.event_id
      order by event_id desc limit 1;
    if proposer is null or proposer = new.person_id then
      raise exception 'nobody decides on what they proposed themselves'
        using errcode = 'integrity_constraint_violation';
    end if;
  end if;
  return null;
end $$;
create constraint trigger person_may after insert on tieout.exception_events
  deferrable initially deferred for each row when (new.audit_event is not null)
  execute function tieout.require_person_may();
create index exception_events_proposed on tieout.exception_events (exception_id, event_id)
  where kind = 'proposed';
