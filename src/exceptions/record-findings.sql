-- Brings the exceptions of one control, entity and period up to date with what a run found.
-- In: temp table found, one row per finding, and the settings tieout.run, tieout.at, tieout.control,
-- tieout.entity, tieout.period and tieout.asked, since several statements can have no bound parameters.

create temp table told on commit drop as
select f.fingerprint, coalesce(e.exception_id, gen_random_uuid()) as exception_id, e.cleared_at,
  case when e.exception_id is null then 'opened'
    when e.state = 'cleared' then 'reopened'
    when e.facts_sha256 = f.facts_sha256 then 'seen'
    else 'changed' end as kind
from found f
left join tieout.exceptions e on e.fingerprint = f.fingerprint;

analyze told;

insert into tieout.exceptions (exception_id, fingerprint, control_id, entity_id, period_key,
  procedure, code, key, currency, severity, left_amount, right_amount, difference, impact,
  explanation, facts_sha256, first_seen_run, first_seen_at, last_seen_run, last_seen_at)
select t.exception_id, f.fingerprint, s.control, s.entity, s.period, f.procedure, f.code, f.key,
  f.currency, f.severity, f.left_amount, f.right_amount, f.difference, f.impact, f.explanation,
  f.facts_sha256, s.run, s.at, s.run, s.at
from found f
join told t on t.fingerprint = f.fingerprint
cross join (
  select current_setting('tieout.run')::uuid as run, current_setting('tieout.at')::timestamptz as at,
    current_setting('tieout.control') as control, current_setting('tieout.entity') as entity,
    current_setting('tieout.period') as period
) s
where t.kind = 'opened';

update tieout.exceptions e
set state = 'open', severity = f.severity, left_amount = f.left_amount,
  right_amount = f.right_amount, difference = f.difference, impact = f.impact,
  explanation = f.explanation, facts_sha256 = f.facts_sha256,
  last_seen_run = current_setting('tieout.run')::uuid,
  last_seen_at = current_setting('tieout.at')::timestamptz, cleared_run = null, cleared_at = null,
  reopened = e.reopened + (t.kind = 'reopened')::integer
from found f
join told t on t.fingerprint = f.fingerprint
where e.exception_id = t.exception_id and t.kind <> 'opened';

insert into tieout.exception_events (exception_id, run_id, kind, at, clean_days, severity,
  left_amount, right_amount, difference, impact, explanation, left_items, right_items, left_count,
  right_count)
select t.exception_id, s.run, t.kind, s.at,
  case when t.kind = 'reopened' then s.at::date - t.cleared_at::date end,
  f.severity, f.left_amount, f.right_amount, f.difference, f.impact,
  case when t.kind <> 'seen' then f.explanation end,
  case when t.kind <> 'seen' then f.left_items end,
  case when t.kind <> 'seen' then f.right_items end,
  f.left_count, f.right_count
from found f
join told t on t.fingerprint = f.fingerprint
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
