-- Sign-off per control, entity and period: a preparer, then a reviewer, never the same person. It
-- binds to the run they looked at. Append-only: what reopens one is a record of its own.
create table tieout.signoffs (
  signoff_no bigint generated always as identity primary key,
  control_id text not null,
  entity_id text not null,
  period_key text not null,
  step text not null check (step in ('prepared', 'reviewed', 'reopened')),
  run_id uuid not null references tieout.runs,
  -- null: the run that differed reopened it.
  person_id uuid references tieout.people,
  at timestamptz not null,
  reason text,
  audit_event uuid not null references tieout.audit_events,
  check (step = 'reopened' or person_id is not null),
  check (step <> 'reopened' or reason is not null)
);
create index signoffs_by_scope
  on tieout.signoffs (control_id, entity_id, period_key, signoff_no desc);

-- Where each stands now.
create view tieout.signoff_states as
  select distinct on (control_id, entity_id, period_key) *
  from tieout.signoffs order by control_id, entity_id, period_key, signoff_no desc;

create function tieout.require_signoff_order() returns trigger language plpgsql as $$
declare
  was tieout.signoffs;
  run tieout.runs;
  latest uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended(
    'tieout signoff ' || new.control_id || '/' || new.entity_id || '/' || new.period_key, 0));
  select * into was from tieout.signoff_states
    where control_id = new.control_id and entity_id = new.entity_id
      and period_key = new.period_key;
  select * into run from tieout.runs where run_id = new.run_id;
  if (run.control_id, run.entity_id, run.period_key)
    is distinct from (new.control_id, new.entity_id, new.period_key) then
    raise exception 'a sign-off binds to a run of its own control, entity and period'
      using errcode = 'integrity_constraint_violation';
  end if;
  if not exists (select from tieout.audit_events c where c.event_id = new.audit_event
      and c.xmin = pg_current_xact_id()::xid
      and c.actor_person is not distinct from new.person_id) then
    raise exception 'the trail does not tell of this sign-off'
      using errcode = 'integrity_constraint_violation';
  end if;
  if new.step = 'reopened' then
    if was.step is null or was.step = 'reopened' then
      raise exception 'what is not signed cannot be reopened'
        using errcode = 'integrity_constraint_violation';
    end if;
    if new.person_id is not null
      and not tieout.holds_role(new.person_id, array['reviewer'], new.entity_id, new.at) then
      raise exception 'only a reviewer of % reopens a sign-off', new.entity_id
        using errcode = 'integrity_constraint_violation';
    end if;
    return new;
  end if;
  if not tieout.holds_role(new.person_id,
      array[case new.step when 'prepared' then 'preparer' else 'reviewer' end],
      new.entity_id, new.at) then
    raise exception 'this step of the sign-off of % needs its role', new.entity_id
      using errcode = 'integrity_constraint_violation';
  end if;
  if new.step = 'prepared' and was.step in ('prepared', 'reviewed') then
    raise exception 'it is signed already' using errcode = 'integrity_constraint_violation';
  end if;
  if new.step = 'reviewed' and (was.step is distinct from 'prepared'
    or was.run_id <> new.run_id or was.person_id = new.person_id) then
    raise exception 'a reviewer signs what another person prepared'
      using errcode = 'integrity_constraint_violation';
  end if;
  select r.run_id into latest from tieout.runs r
    where r.control_id = new.control_id and r.entity_id = new.entity_id
      and r.period_key = new.period_key order by r.seq desc limit 1;
  if run.outcome not in ('passed', 'exceptions')
    or (new.step = 'prepared' and latest <> new.run_id) then
    raise exception 'only the latest run, with a verdict, can be signed'
      using errcode = 'integrity_constraint_violation';
  end if;
  -- The configuration may block from a lower severity on, never from a higher one.
  if exists (select from tieout.exceptions e
    where e.control_id = new.control_id and e.entity_id = new.entity_id
      and e.period_key = new.period_key and e.state in ('open', 'acknowledged', 'proposed')
      and e.severity_rank >= 3) then
    raise exception 'grave exceptions of the period are not settled'
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger in_order before insert on tieout.signoffs
  for each row execute function tieout.require_signoff_order();
create trigger append_only before update or delete on tieout.signoffs
  for each row execute function tieout.refuse_change();
create trigger never_emptied before truncate on tieout.signoffs
  for each statement execute function tieout.refuse_change();
grant select, insert on tieout.signoffs to tieout_app;
grant select on tieout.signoff_states to tieout_app;
