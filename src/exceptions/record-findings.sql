-- Brings the exceptions of one control, entity and period up to date with what a run found.
-- In: temp table found(line), one canonical finding per line. Parameters by setting, since this file
-- is several statements: tieout.run, tieout.control, tieout.entity, tieout.period, tieout.at.

create temp table seen on commit drop as
select f.body, f.body ->> 'fingerprint' as fingerprint, f.facts_sha256,
  e.exception_id, e.state, e.facts_sha256 as known_sha256, e.cleared_at
from (
  select line::jsonb as body, encode(sha256(convert_to(line, 'UTF8')), 'hex') as facts_sha256
  from found
) f
left join tieout.exceptions e on e.fingerprint = f.body ->> 'fingerprint';

analyze seen;

insert into tieout.exceptions (fingerprint, control_id, entity_id, period_key, procedure, code, key,
  currency, severity, left_amount, right_amount, difference, impact, explanation, facts_sha256,
  first_seen_run, first_seen_at, last_seen_run, last_seen_at)
select s.fingerprint, current_setting('tieout.control'), current_setting('tieout.entity'),
  current_setting('tieout.period'), body ->> 'procedure', body ->> 'code', body -> 'key',
  body ->> 'currency', body ->> 'severity', (body ->> 'leftAmount')::numeric,
  (body ->> 'rightAmount')::numeric, (body ->> 'difference')::numeric,
  (body ->> 'impact')::numeric, body ->> 'explanation', s.facts_sha256,
  current_setting('tieout.run')::uuid, current_setting('tieout.at')::timestamptz,
  current_setting('tieout.run')::uuid, current_setting('tieout.at')::timestamptz
from seen s
where s.exception_id is null;

update tieout.exceptions e
set state = 'open', severity = body ->> 'severity', left_amount = (body ->> 'leftAmount')::numeric,
  right_amount = (body ->> 'rightAmount')::numeric, difference = (body ->> 'difference')::numeric,
  impact = (body ->> 'impact')::numeric, explanation = body ->> 'explanation',
  facts_sha256 = s.facts_sha256, last_seen_run = current_setting('tieout.run')::uuid,
  last_seen_at = current_setting('tieout.at')::timestamptz, cleared_run = null, cleared_at = null,
  reopened = e.reopened + (s.state = 'cleared')::integer
from seen s
where e.exception_id = s.exception_id;

insert into tieout.exception_events (exception_id, run_id, kind, at, clean_days, severity,
  left_amount, right_amount, difference, impact, explanation, left_items, right_items, left_count,
  right_count)
select exception_id, current_setting('tieout.run')::uuid, kind,
  current_setting('tieout.at')::timestamptz,
  case when kind = 'reopened'
    then current_setting('tieout.at')::timestamptz::date - cleared_at::date end,
  body ->> 'severity', (body ->> 'leftAmount')::numeric, (body ->> 'rightAmount')::numeric,
  (body ->> 'difference')::numeric, (body ->> 'impact')::numeric,
  case when kind <> 'seen' then body ->> 'explanation' end,
  case when kind <> 'seen' then body -> 'leftItems' end,
  case when kind <> 'seen' then body -> 'rightItems' end,
  (body ->> 'leftCount')::bigint, (body ->> 'rightCount')::bigint
from (
  select e.exception_id, s.body, s.cleared_at,
    case when s.exception_id is null then 'opened'
      when s.state = 'cleared' then 'reopened'
      when s.known_sha256 = s.facts_sha256 then 'seen'
      else 'changed' end as kind
  from seen s
  join tieout.exceptions e on e.fingerprint = s.fingerprint
) told;

-- Only this run, which evaluated the whole population, can say that an exception is gone.
with gone as (
  update tieout.exceptions
  set state = 'cleared', cleared_run = current_setting('tieout.run')::uuid,
    cleared_at = current_setting('tieout.at')::timestamptz
  where control_id = current_setting('tieout.control')
    and entity_id = current_setting('tieout.entity')
    and period_key = current_setting('tieout.period')
    and state = 'open'
    and last_seen_run <> current_setting('tieout.run')::uuid
  returning exception_id
)
insert into tieout.exception_events (exception_id, run_id, kind, at)
select exception_id, current_setting('tieout.run')::uuid, 'cleared',
  current_setting('tieout.at')::timestamptz
from gone;
