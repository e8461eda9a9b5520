-- The product's own work, as the control of the controls reads it (CTRL-00): what was due and what
-- ran, by which version, what its canaries said, what is overdue, and whether the log holds. Views of
-- facts alone; nothing a person wrote and no row of a population stands in them.

-- What the schedule asks of whom. Written whenever it changes, never over what it said before.
create table tieout.control_schedules (
  schedule_no bigint generated always as identity primary key,
  control_id text not null,
  entity_id text not null,
  frequency text not null check (frequency in ('daily', 'weekly', 'monthly', 'quarterly')),
  -- What a run covers; longer than the frequency where it looks at a period that is not over.
  period text not null check (period in ('daily', 'weekly', 'monthly', 'quarterly')),
  time_zone text not null,
  -- First day whose periods are run; null: it is no longer run by the calendar.
  since date,
  recorded_at timestamptz not null
);
create index control_schedules_current
  on tieout.control_schedules (control_id, entity_id, schedule_no desc);
create trigger append_only before update or delete on tieout.control_schedules
  for each row execute function tieout.refuse_change();
create trigger never_emptied before truncate on tieout.control_schedules
  for each statement execute function tieout.refuse_change();
grant select, insert on tieout.control_schedules to tieout_app;

create view books.control_runs as
  select run_id, control_id, control_title, control_version, entity_id, period_key, period_start,
    period_end, seq, cause, as_of, outcome, outcome_reason, findings, started_at, recorded_at
  from tieout.runs;

create view books.control_versions as
  select control_id, version, title, initial, registered_at, submitted_at, approved_at
  from tieout.control_versions;

create view books.planted_canaries as
  select r.run_id, r.control_id, r.control_title, r.entity_id, r.period_key, r.period_start,
    r.period_end, r.seq, r.recorded_at, c ->> 'procedure' as procedure, c ->> 'code' as code,
    cast(c ->> 'found' as boolean) as found, c ->> 'note' as note
  from tieout.runs r cross join lateral jsonb_array_elements(r.canaries) c;

create view books.control_exceptions as
  select exception_id, control_id, entity_id, period_key, procedure, code, severity, state, currency,
    impact, due_on, first_seen_at, closed_at, cleared_at
  from tieout.exceptions;

-- Every run that the calendar asks for, up to the day after which somebody last looked: its control,
-- entity and period, the day it is due, and the first run that looked at the period as of that day
-- or later. A period that is not over is due every day, week or month of its frequency, from when
-- that was first asked; one that is over once, however long ago.
create view books.due_runs as
  with current as (
    select distinct on (control_id, entity_id) *
    from tieout.control_schedules order by control_id, entity_id, schedule_no desc
  ), begun as (
    select control_id, entity_id, min(recorded_at) as recorded_at
    from tieout.control_schedules where since is not null group by control_id, entity_id
  ), looked as (
    select max(as_of) + 1 as until from tieout.run_claims
  ), steps as (
    select * from (values ('daily', 'day', interval '1 day'), ('weekly', 'week', interval '1 week'),
      ('monthly', 'month', interval '1 month'), ('quarterly', 'quarter', interval '3 months')
    ) as t (name, unit, step)
  ), periods as (
    select c.control_id, c.entity_id, c.frequency, c.time_zone,
      (b.recorded_at at time zone c.time_zone)::date as asked_on,
      s.at::date as period_start, (s.at + p.step)::date as period_end,
      case c.period when 'daily' then to_char(s.at, 'YYYY-MM-DD')
        when 'weekly' then to_char(s.at, 'IYYY"-W"IW') when 'monthly' then to_char(s.at, 'YYYY-MM')
        else to_char(s.at, 'YYYY"-Q"Q') end as period_key
    from current c
      join begun b using (control_id, entity_id)
      join steps p on p.name = c.period
      cross join looked k
      cross join lateral generate_series(date_trunc(p.unit, c.since + interval '0 days'),
        k.until + interval '0 days', p.step) as s (at)
    where c.since is not null
  ), due as (
    select p.*, d.at::date as due_on
    from periods p
      join steps f on f.name = p.frequency
      cross join looked k
      cross join lateral (
        select p.period_end + interval '0 days' as at
        union
        select at from generate_series(date_trunc(f.unit, p.period_start + interval '0 days') + f.step,
          p.period_end - interval '1 day', f.step) as g (at)
        where at > p.period_start and at >= p.asked_on
      ) d
    where d.at <= k.until
  )
  select d.control_id, d.entity_id, d.frequency, d.period_key, d.period_start, d.period_end, d.due_on,
    d.due_on = d.period_end as is_final, greatest(d.due_on, d.asked_on) as run_by, r.run_id, r.outcome,
    (r.recorded_at at time zone d.time_zone)::date as run_on
  from due d
    left join lateral (
      select x.run_id, x.outcome, x.recorded_at from tieout.runs x
      where x.control_id = d.control_id and x.entity_id = d.entity_id
        and x.period_key = d.period_key and x.as_of >= d.due_on - 1
      order by x.seq limit 1
    ) r on true;

-- Every record whose leaf stands in the log, and what is wrong with it; null: it holds.
create view books.evidence_checks as
  select 'run'::text as subject, r.run_id::text as subject_id, r.control_id, r.entity_id,
    r.recorded_at as at, nullif(concat_ws('; ',
      case when l.body is null then 'the log has no leaf of it' end,
      case when l.leaf_sha256 <> encode(sha256('\x00'::bytea || convert_to(l.body, 'UTF8')), 'hex')
        then 'its leaf is not what was hashed' end,
      case when l.body is not null and not coalesce((l.body::jsonb ->> 'outcome') = r.outcome
          and (l.body::jsonb ->> 'manifest_sha256') = r.manifest_sha256
          and (l.body::jsonb ->> 'control') = r.control_id
          and (l.body::jsonb ->> 'entity') = r.entity_id
          and (l.body::jsonb ->> 'period') = r.period_key
          and (l.body::jsonb ->> 'id') = r.run_id::text, false)
        then 'its row says something else than its leaf' end,
      case when r.previous_manifest_sha256 is not null and not exists (
          select from tieout.runs p where p.control_id = r.control_id and p.entity_id = r.entity_id
            and p.manifest_sha256 = r.previous_manifest_sha256)
        then 'the run it follows is gone' end,
      case when exists (
          select from (
            select procedure, side, currency, sum(items) as items, sum(amount) as amount from (
              select procedure, 'left' as side, currency, left_items as items, left_amount as amount
                from tieout.statement_lines where run_id = r.run_id
              union all
              select procedure, 'right', currency, right_items, right_amount
                from tieout.statement_lines where run_id = r.run_id
              union all
              select procedure, side, currency, -items, -amount
                from tieout.run_totals where run_id = r.run_id
            ) as line group by procedure, side, currency
          ) as gap where items <> 0 or amount <> 0)
        then 'its statement no longer foots' end), '') as fault
  from tieout.runs r left join tieout.evidence_leaves l on l.run_id = r.run_id
  union all
  select 'change', e.event_id::text, e.control_id, e.entity_id, e.at, nullif(concat_ws('; ',
      case when l.body is null then 'the log has no leaf of it' end,
      case when l.leaf_sha256 <> encode(sha256('\x00'::bytea || convert_to(l.body, 'UTF8')), 'hex')
        then 'its leaf is not what was hashed' end,
      case when l.body is not null and not coalesce((l.body::jsonb ->> 'type') = e.action
          and (l.body::jsonb #>> '{actor,name}') = e.actor
          and (l.body::jsonb #>> '{subject,id}') = e.subject_id
          and (l.body::jsonb ->> 'reason') is not distinct from e.reason
          and (l.body::jsonb -> 'facts') = e.facts, false)
        then 'its row says something else than its leaf' end), '')
  from tieout.audit_events e left join tieout.evidence_leaves l on l.event_id = e.event_id;

grant select on books.control_runs, books.control_versions, books.planted_canaries,
  books.control_exceptions, books.due_runs, books.evidence_checks to tieout_app;

-- A run that looked at a period while it lasted is no ground to sign the period.
create function tieout.require_whole_period() returns trigger language plpgsql as $$
begin
  if new.step <> 'reopened' and exists (select from tieout.runs r
      where r.run_id = new.run_id and r.as_of < r.period_end - 1) then
    raise exception 'only a run of a period that is over can be signed'
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger whole_period before insert on tieout.signoffs
  for each row execute function tieout.require_whole_period();
