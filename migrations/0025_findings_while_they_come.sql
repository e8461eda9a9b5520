-- Findings are written while they are still being read from the populations, before the run that found
-- them can be: its row names the hash of them all. What was asked after each statement, whether the
-- run is of this transaction, is now asked at its end; it still holds for whatever is committed.

-- The transaction that records a run: what a run writes is written in it, or never.
create table tieout.run_recordings (
  run_id uuid primary key,
  recorded_in xid8 not null default pg_current_xact_id()
);

create function tieout.require_recorded_run() returns trigger language plpgsql as $$
begin
  if not exists (
    select from tieout.runs r
    where r.run_id = new.run_id and r.xmin = pg_current_xact_id()::xid
  ) then
    raise exception 'findings of run % are refused: the run is recorded already, or is none',
      new.run_id using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create constraint trigger recorded_run after insert on tieout.run_recordings
  deferrable initially deferred for each row execute function tieout.require_recorded_run();

create trigger append_only before update or delete on tieout.run_recordings
  for each row execute function tieout.refuse_change();
create trigger never_emptied before truncate on tieout.run_recordings
  for each statement execute function tieout.refuse_change();
-- Which transaction it is says the database.
grant select, insert (run_id) on tieout.run_recordings to tieout_app;

-- To be called with each run that rows were added for.
create function tieout.require_recording(run uuid) returns void language plpgsql as $$
begin
  insert into tieout.run_recordings (run_id) values (run) on conflict do nothing;
  if not exists (select from tieout.run_recordings
    where run_id = run and recorded_in = pg_current_xact_id()) then
    raise exception 'findings of run % are refused: the run is recorded already', run
      using errcode = 'integrity_constraint_violation';
  end if;
end $$;
grant execute on function tieout.require_recording(uuid) to tieout_app;

create function tieout.require_run_of_events() returns trigger language plpgsql as $$
begin
  perform tieout.require_recording(run_id)
    from (select distinct run_id from added where run_id is not null) a;
  return null;
end $$;
drop trigger own_run on tieout.exception_events;
create trigger own_run after insert on tieout.exception_events
  referencing new table as added for each statement execute function tieout.require_run_of_events();

create or replace function tieout.require_opening_run() returns trigger language plpgsql as $$
begin
  perform tieout.require_recording(first_seen_run)
    from (select distinct first_seen_run from added) a;
  if exists (
    select from added where state not in ('open', 'closed')
      or (state = 'closed' and reconciling_item is null)
  ) then
    raise exception 'insert on %.% is refused: only a run opens an exception',
      tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
