-- Clears what a run no longer found, once all of its findings are recorded. Settings as for
-- record-findings.sql, and tieout.asked. Out: how many were cleared.

-- Only this run, which evaluated the whole population, can say that an exception is gone, and only
-- of what it looked for: a finding that the control no longer asks for stays open.
create temp table gone on commit drop as
select exception_id, state
from tieout.exceptions
where control_id = current_setting('tieout.control')
  and entity_id = current_setting('tieout.entity')
  and period_key = current_setting('tieout.period')
  and state <> 'cleared'
  and current_setting('tieout.asked')::jsonb ? (procedure || '/' || code)
  and last_seen_run <> current_setting('tieout.run')::uuid;

insert into tieout.exception_events (exception_id, run_id, kind, at, from_state, to_state)
select exception_id, current_setting('tieout.run')::uuid, 'cleared',
  current_setting('tieout.at')::timestamptz, state, 'cleared'
from gone;

-- From what is gone alone: of tables that this transaction fills Postgres may believe that they are
-- empty, and would go through all events for each exception.
update tieout.exceptions e
set state = 'cleared', cleared_run = current_setting('tieout.run')::uuid,
  cleared_at = current_setting('tieout.at')::timestamptz,
  last_event = (select v.event_id from tieout.exception_events v
    where v.exception_id = g.exception_id
      and v.run_id = current_setting('tieout.run')::uuid)
from gone g
where e.exception_id = g.exception_id;

select count(*)::text as n from gone;
