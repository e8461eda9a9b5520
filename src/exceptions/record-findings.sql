-- Brings the exceptions of one control, entity and period up to date with some of a run's findings.
-- In: temp table finding_rows, and the settings tieout.run, tieout.at, tieout.as_of, tieout.due (days by
-- severity), tieout.control, tieout.entity and tieout.period, since several statements can have no
-- bound parameters; each is read once per statement, not for each row. An event stands before the
-- change it tells of: tieout.legal_moves is asked then. Out: how many findings of each kind.

-- What becomes of each, without its facts: they are long, and stand in finding_rows already.
create temp table found on commit drop as
with expected as (
  -- Two items may know the same difference; the one that explains more counts.
  select distinct on (procedure, code, key, currency) item_id, procedure, code, key, currency,
    amount
  from tieout.reconciling_items
  where control_id = current_setting('tieout.control')
    and entity_id = current_setting('tieout.entity')
    and approved_at is not null and revoked_at is null
    and valid_until >= current_setting('tieout.as_of')::date
  order by procedure, code, key, currency, amount desc nulls last, item_id
), known as (
  select f.new_id, f.facts_sha256, e.exception_id as known_id, e.state as was,
    e.facts_sha256 as was_facts, e.disposition as was_disposition, x.item_id,
    coalesce(e.cleared_at, e.closed_at) as was_gone_at,
    (e.left_amount, e.right_amount, e.difference, e.impact)
      is not distinct from (f.left_amount, f.right_amount, f.difference, f.impact) as same_amounts,
    e.accepted_until >= current_setting('tieout.as_of')::date
      and coalesce(f.impact, 0) <= coalesce(e.accepted_impact, 0) as still_accepted
  from pg_temp.finding_rows f
  -- Asked for each: joined, a batch goes through every exception there ever was.
  left join lateral (
    select exception_id, state, facts_sha256, disposition, cleared_at, closed_at, left_amount,
      right_amount, difference, impact, accepted_until, accepted_impact
    from tieout.exceptions where fingerprint = f.fingerprint offset 0
  ) e on true
  left join expected x on x.procedure = f.procedure and x.code = f.code and x.key = f.key
    and x.currency is not distinct from f.currency
    and coalesce(f.impact, 0) <= coalesce(x.amount, 0)
), judged as (
  select k.*, case
    when known_id is null or was = 'cleared'
      then case when item_id is null then 'open' else 'closed' end
    -- What was closed stays so while that which closed it still holds.
    when was = 'closed' and not coalesce(case was_disposition
        when 'reconciling_item' then item_id is not null
        when 'risk_accepted' then still_accepted
        when 'corrected' then false
        else same_amounts end, false) then 'open'
    -- A proposal rests on the amounts it was made for.
    when was = 'proposed' and not same_amounts then 'acknowledged'
    else was end as state
  from known k
)
select new_id, coalesce(known_id, new_id) as exception_id, was, was_gone_at, state, item_id,
  case when known_id is null then 'opened'
    when was = 'cleared' or (was = 'closed' and state = 'open') then 'reopened'
    when was_facts = facts_sha256 and was = state then 'seen'
    else 'changed' end as kind
from judged j;

with s as materialized (
  select current_setting('tieout.run')::uuid as run, current_setting('tieout.at')::timestamptz as at,
    current_setting('tieout.control') as control, current_setting('tieout.entity') as entity,
    current_setting('tieout.period') as period
), due as materialized (
  select key as severity, value::date as due_on
  from jsonb_each_text(current_setting('tieout.due')::jsonb)
)
insert into tieout.exceptions (exception_id, fingerprint, control_id, entity_id, period_key,
  procedure, code, key, currency, severity, left_amount, right_amount, difference, impact,
  explanation, facts_sha256, first_seen_run, first_seen_at, last_seen_run, last_seen_at, due_on,
  state, disposition, reconciling_item, closed_at)
select d.exception_id, f.fingerprint, s.control, s.entity, s.period, f.procedure, f.code, f.key,
  f.currency, f.severity, f.left_amount, f.right_amount, f.difference, f.impact, f.explanation,
  f.facts_sha256, s.run, s.at, s.run, s.at, due.due_on, d.state,
  case when d.state = 'closed' then 'reconciling_item' end, d.item_id,
  case when d.state = 'closed' then s.at end
from found d
join pg_temp.finding_rows f using (new_id)
cross join s
left join due on due.severity = f.severity
where d.kind = 'opened';

with s as materialized (
  select current_setting('tieout.run')::uuid as run, current_setting('tieout.at')::timestamptz as at
)
insert into tieout.exception_events (exception_id, run_id, kind, at, clean_days, severity,
  left_amount, right_amount, difference, impact, explanation, left_items, right_items, left_count,
  right_count, from_state, to_state)
select d.exception_id, s.run, d.kind, s.at,
  case when d.kind = 'reopened' then s.at::date - d.was_gone_at::date end,
  f.severity, f.left_amount, f.right_amount, f.difference, f.impact,
  case when d.kind <> 'seen' then f.explanation end,
  case when d.kind <> 'seen' then f.left_items end,
  case when d.kind <> 'seen' then f.right_items end,
  f.left_count, f.right_count, d.was, d.state
from found d
join pg_temp.finding_rows f using (new_id)
cross join s;

with s as materialized (
  select current_setting('tieout.run')::uuid as run, current_setting('tieout.at')::timestamptz as at,
    current_setting('tieout.due')::jsonb as due
)
update tieout.exceptions e
set state = d.state, severity = f.severity, left_amount = f.left_amount,
  right_amount = f.right_amount, difference = f.difference, impact = f.impact,
  explanation = f.explanation, facts_sha256 = f.facts_sha256,
  -- Asked for each: joined, the run's events are taken for one row and gone through for every other.
  last_event = (select v.event_id from tieout.exception_events v
    where v.exception_id = d.exception_id and v.run_id = s.run),
  last_seen_run = s.run, last_seen_at = s.at,
  -- Graver than before is due sooner.
  due_on = case when e.severity = f.severity then e.due_on
    else least(e.due_on, (s.due ->> f.severity)::date) end
from found d
join pg_temp.finding_rows f using (new_id)
cross join s
where e.exception_id = d.exception_id and d.kind <> 'opened' and d.state = d.was;

-- The few that a run moves: what was decided of them before no longer stands.
with s as materialized (
  select current_setting('tieout.run')::uuid as run, current_setting('tieout.at')::timestamptz as at,
    current_setting('tieout.due')::jsonb as due
)
update tieout.exceptions e
set state = d.state, severity = f.severity, left_amount = f.left_amount,
  right_amount = f.right_amount, difference = f.difference, impact = f.impact,
  explanation = f.explanation, facts_sha256 = f.facts_sha256,
  last_event = (select v.event_id from tieout.exception_events v
    where v.exception_id = d.exception_id and v.run_id = s.run),
  last_seen_run = s.run, last_seen_at = s.at, cleared_run = null, cleared_at = null,
  reopened = e.reopened + (d.kind = 'reopened')::integer,
  due_on = (s.due ->> f.severity)::date, escalations = 0,
  disposition = case when d.state = 'closed' then 'reconciling_item' end,
  reconciling_item = case when d.state = 'closed' then d.item_id end,
  closed_at = case when d.state = 'closed' then s.at end,
  root_cause = null, accepted_until = null, accepted_impact = null, proposed_by = null,
  proposed_at = null, closed_by = null
from found d
join pg_temp.finding_rows f using (new_id)
cross join s
where e.exception_id = d.exception_id and d.kind <> 'opened' and d.state <> d.was;

select kind, count(*)::text as n from found group by kind;

drop table found;
truncate pg_temp.finding_rows;
