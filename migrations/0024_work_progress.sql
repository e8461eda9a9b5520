-- What is being read and run just now, in whatever process: what a screen and a command line show
-- while it goes on. It proves nothing and is kept for a day; what came of it is recorded elsewhere.
create sequence tieout.work_progress_changes;
create unlogged table tieout.work_progress (
  work_id uuid primary key,
  kind text not null check (kind in ('run', 'sync')),
  -- The control that runs, or the source that is read.
  name text not null,
  entity_id text,
  period_key text,
  -- A step of a run; of a sync, what is being done.
  step text not null,
  items bigint not null check (items >= 0),
  -- Of a sync, from 0 to 1; a run has steps.
  share numeric(4, 3) check (share >= 0 and share <= 1),
  -- null: under way.
  outcome text,
  started_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  change_no bigint not null default nextval('tieout.work_progress_changes')
);
create index work_progress_by_change on tieout.work_progress (changed_at);
grant select, insert, update, delete on tieout.work_progress to tieout_app;
grant usage on sequence tieout.work_progress_changes to tieout_app;
