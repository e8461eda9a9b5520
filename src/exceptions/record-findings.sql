-- Brings the exceptions of one control, entity and period up to date with what a run found.
-- In: temp table finding_lines, one canonical finding per row as the evidence has it, and the
-- settings tieout.run, tieout.at, tieout.control, tieout.entity, tieout.period and tieout.asked,
-- since several statements can have no bound parameters.

create temp table found on commit drop as
with facts as (
  select f.*, encode(sha256(convert_to(l.line, 'UTF8')), 'hex') as facts_sha256
  from finding_lines l
  cross join json_to_record(l.line::json) as f (fingerprint text, procedure text, code text,
    key jsonb, currency text, severity text, "leftAmount" numeric, "rightAmount" numeric,
    difference numeric, impact numeric, explanation text, "leftItems" jsonb, "rightItems" jsonb,
    "leftCount" bigint, "rightCount" bigint)
)
select f.*, coalesce(e.exception_id, gen_random_uuid()) as exception_id,
  e.cleared_at as was_cleared_at,
  case when e.exception_id is null then 'opened'
    when e.state = 'cleared' then 'reopened'
    when e.facts_sha256 = f.facts_sha256 then 'seen'
    else 'changed' end as kind
from facts f
left join tieout.exceptions e on e.fingerprint = f.fingerprint;

insert into tieout.exceptions (exception_id, fingerprint, control_id, entity_id, period_key,
  procedure, code, key, currency, severity, left_amount, right_amount, difference, impact,
  explanation, facts_sha256, first_seen_run, first_seen_at, last_seen_run, last_seen_at)
select f.exception_id, f.fingerprint, s.control, s.entity, s.period, f.procedure, f.code, f.key,
  f.currency, f.severity, f."leftAmount", f."rightAmount", f.difference, f.impact, f.explanation,
  f.facts_sha256, s.run, s.at, s.run, s.at
from found f
cross join (
  select current_setting('tieout.run')::uuid as run, current_setting('tieout.at')::timestamptz as at,
    current_setting('tieout.control') as control, current_setting('tieout.entity') as entity,
    current_setting('tieout.period') as period
) s
where f.kind = 'opened';

update tieout.exceptions e
set state = 'open', severity = f.severity, left_amount = f."leftAmount",
  right_amount = f."rightAmount", difference = f.difference, impact = f.impact,
  explanation = f.explanation, facts_sha256 = f.facts_sha256,
  last_seen_run = current_setting('tieout.run')::uuid,
  last_seen_at = current_setting('tieout.at')::timestamptz, cleared_run = null, cleared_at = null,
  reopened = e.reopened + (f.kind = 'reopened')::integer
from found f
where e.exception_id = f.exception_id and f.kind <> 'opened';

insert into tieout.exception_events (exception_id, run_id, kind, at, clean_days, severity,
  left_amount, right_amount, difference, impact, explanation, left_items, right_items, left_count,
  right_count)
select f.exception_id, s.run, f.kind, s.at,
  case when f.kind = 'reopened' then s.at::date - f.was_cleared_at::date end,
  f.severity, f."leftAmount", f."rightAmount", f.difference, f.impact,
  case when f.kind <> 'seen' then f.explanation end,
  case when f.kind <> 'seen' then f."leftItems" end,
  case when f.kind <> 'seen' then f."rightItems" end,
  f."leftCount", f."rightCount"
from found f
cross join (
  select current_setting('tieout.run')::uuid as run, current_setting('tieout.at')::timestamptz as at
) s;

-- Only this run, which evaluated the whole population, can say that an exception is gone, and only
-- of what it looked for: a finding that the control no longer asks for stays open.
with gone as (
  update tieout.exceptions
  set state = 'cleared', cleared_run = current_setting('tieout.run')::uuid,
    cleared_at = current_setting('tieout.at')::timestamptz
  where control_id = current_setting('tieout.control')
    and entity_id = current_setting('tieout.entity')
    and period_key = current_setting('tieout.period')
    and state = 'open'
    and current_setting('tieout.asked')::jsonb ? (procedure || '/' || code)
    and last_seen_run <> current_setting('tieout.run')::uuid
  returning exception_id
)
insert into tieout.exception_events (exception_id, run_id, kind, at)
select exception_id, current_setting('tieout.run')::uuid, 'cleared',
  current_setting('tieout.at')::timestamptz
from gone;
