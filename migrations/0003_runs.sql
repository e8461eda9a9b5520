-- Runs, their statements, exceptions and evidence. What a run recorded is never changed: the app may
-- insert and read it, and triggers refuse anything else to everyone, the owner included.

create function tieout.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on %.% is refused: it is append-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$;

-- Work under way. Mutable and disposable; a row here is not yet a run.
create table tieout.run_claims (
  control_id text not null,
  entity_id text not null,
  period_key text not null,
  seq integer not null check (seq > 0),
  run_id uuid not null unique,
  cause text not null check (cause in ('scheduled', 'requested')),
  reason text,
  requested_by text not null,
  as_of date not null,
  worker text not null,
  fence integer not null default 1 check (fence > 0),
  lease_until timestamptz not null,
  claimed_at timestamptz not null default clock_timestamp(),
  recorded boolean not null default false,
  primary key (control_id, entity_id, period_key, seq)
);
-- Only one run of a control, entity and period may be under way.
create unique index run_claims_under_way on tieout.run_claims (control_id, entity_id, period_key)
  where not recorded;

create table tieout.runs (
  run_id uuid primary key,
  control_id text not null,
  control_title text not null,
  control_version text not null check (control_version ~ '^[0-9a-f]{64}$'),
  entity_id text not null,
  period_key text not null,
  period_start date not null,
  period_end date not null check (period_end > period_start),
  seq integer not null check (seq > 0),
  cause text not null check (cause in ('scheduled', 'requested')),
  reason text,
  requested_by text not null,
  as_of date not null,
  outcome text not null check (outcome in ('passed', 'exceptions', 'not_evaluated', 'errored')),
  outcome_reason text,
  attempts integer not null check (attempts > 0),
  started_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  step_ms jsonb not null,
  findings bigint not null check (findings >= 0),
  findings_sha256 text check (findings_sha256 ~ '^[0-9a-f]{64}$'),
  manifest_sha256 text not null check (manifest_sha256 ~ '^[0-9a-f]{64}$'),
  previous_manifest_sha256 text check (previous_manifest_sha256 ~ '^[0-9a-f]{64}$'),
  unique (control_id, entity_id, period_key, seq),
  check ((outcome in ('not_evaluated', 'errored')) = (outcome_reason is not null)),
  check ((outcome = 'exceptions') = (findings > 0)),
  check ((outcome in ('passed', 'exceptions')) = (findings_sha256 is not null))
);
create index runs_by_time on tieout.runs (recorded_at desc, run_id);
-- Manifests of a control and entity form one chain: no two runs follow the same one.
create unique index runs_chain on tieout.runs
  (control_id, entity_id, previous_manifest_sha256) nulls not distinct;

-- Each population as frozen: the file that was judged.
create table tieout.run_populations (
  run_id uuid not null references tieout.runs deferrable initially deferred,
  procedure text not null,
  side text not null check (side in ('left', 'right')),
  population text not null,
  label text not null,
  source text not null check (source in ('books', 'files')),
  items bigint not null check (items >= 0),
  file_sha256 text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
  file_bytes bigint not null,
  verified text not null,
  primary key (run_id, procedure, side)
);

-- Counted on the frozen file, apart from the tie-out; the statement must foot to it.
create table tieout.run_totals (
  run_id uuid not null references tieout.runs deferrable initially deferred,
  procedure text not null,
  side text not null check (side in ('left', 'right')),
  currency text not null,
  items bigint not null check (items >= 0),
  amount numeric(38, 6) not null,
  primary key (run_id, procedure, side, currency)
);

create table tieout.statement_lines (
  run_id uuid not null references tieout.runs deferrable initially deferred,
  procedure text not null,
  currency text not null,
  line_no integer not null check (line_no > 0),
  category text not null
    check (category in ('matched', 'tolerance', 'timing', 'reconciling', 'exception')),
  code text check ((code is not null) = (category in ('reconciling', 'exception'))),
  side text not null check (side in ('both', 'left', 'right')),
  keys bigint not null check (keys >= 0),
  left_items bigint not null check (left_items >= 0),
  left_amount numeric(38, 6) not null,
  right_items bigint not null check (right_items >= 0),
  right_amount numeric(38, 6) not null,
  primary key (run_id, procedure, currency, line_no)
);

-- The residual must foot, whatever the application believes: at commit, each population's items and
-- amounts equal the lines of its statement per currency, and the outcome is what the lines say.
create function tieout.require_footing() returns trigger language plpgsql as $$
declare
  run tieout.runs;
  gap record;
begin
  select * into run from tieout.runs where run_id = new.run_id;
  for gap in
    with lines as (
      select procedure, currency, 'left' as side, left_items as items, left_amount as amount
        from tieout.statement_lines where run_id = new.run_id
      union all
      select procedure, currency, 'right', right_items, right_amount
        from tieout.statement_lines where run_id = new.run_id
    ), summed as (
      select procedure, currency, side, sum(items) as items, sum(amount) as amount
        from lines group by procedure, currency, side
    ), totals as (
      select procedure, currency, side, items, amount from tieout.run_totals where run_id = new.run_id
    )
    select procedure, currency, side from totals t full join summed s
      using (procedure, currency, side)
      where coalesce(t.items, 0) <> coalesce(s.items, 0)
        or coalesce(t.amount, 0) <> coalesce(s.amount, 0)
  loop
    raise exception 'run % does not foot: procedure %, % side, currency %',
      new.run_id, gap.procedure, gap.side, gap.currency
      using errcode = 'integrity_constraint_violation';
  end loop;
  if run.outcome in ('passed', 'exceptions') then
    if not exists (select from tieout.run_populations where run_id = new.run_id) then
      raise exception 'run % has an outcome and no population', new.run_id
        using errcode = 'integrity_constraint_violation';
    end if;
    if run.outcome = 'passed' and exists (
      select from tieout.statement_lines where run_id = new.run_id and category = 'exception'
    ) then
      raise exception 'run % passed with exceptions in its statement', new.run_id
        using errcode = 'integrity_constraint_violation';
    end if;
    if exists (
      select from tieout.run_populations p where p.run_id = new.run_id and p.items <> (
        select coalesce(sum(t.items), 0) from tieout.run_totals t
        where t.run_id = p.run_id and t.procedure = p.procedure and t.side = p.side)
    ) then
      raise exception 'run % has a population whose totals do not cover it', new.run_id
        using errcode = 'integrity_constraint_violation';
    end if;
  end if;
  return null;
end $$;

create constraint trigger runs_foot after insert on tieout.runs
  deferrable initially deferred for each row execute function tieout.require_footing();
create constraint trigger totals_foot after insert on tieout.run_totals
  deferrable initially deferred for each row execute function tieout.require_footing();
create constraint trigger lines_foot after insert on tieout.statement_lines
  deferrable initially deferred for each row execute function tieout.require_footing();

-- One row per thing that is wrong, over all runs that saw it. The runs it and its events name are
-- those that wrote them: a run writes only in the transaction that inserts it.
create table tieout.exceptions (
  exception_id uuid primary key default gen_random_uuid(),
  fingerprint text not null unique check (fingerprint ~ '^[0-9a-f]{64}$'),
  control_id text not null,
  entity_id text not null,
  period_key text not null,
  procedure text not null,
  code text not null,
  key jsonb not null,
  currency text,
  state text not null default 'open' check (state in ('open', 'cleared')),
  severity text not null check (severity in ('low', 'medium', 'high', 'critical')),
  left_amount numeric(38, 6),
  right_amount numeric(38, 6),
  difference numeric(38, 6),
  impact numeric(38, 6) check (impact >= 0),
  explanation text not null,
  facts_sha256 text not null,
  first_seen_run uuid not null,
  first_seen_at timestamptz not null,
  last_seen_run uuid not null,
  last_seen_at timestamptz not null,
  cleared_run uuid,
  cleared_at timestamptz,
  reopened integer not null default 0,
  check ((state = 'cleared') = (cleared_run is not null)),
  check ((cleared_run is null) = (cleared_at is null))
);
create index exceptions_by_scope on tieout.exceptions (control_id, entity_id, period_key, state);

-- What each run saw of it. Facts and items are kept when they are new or differ from before.
create table tieout.exception_events (
  event_id bigint generated always as identity primary key,
  exception_id uuid not null references tieout.exceptions,
  run_id uuid not null,
  kind text not null check (kind in ('opened', 'seen', 'changed', 'reopened', 'cleared')),
  at timestamptz not null,
  clean_days integer check ((clean_days is not null) = (kind = 'reopened')),
  severity text,
  left_amount numeric(38, 6),
  right_amount numeric(38, 6),
  difference numeric(38, 6),
  impact numeric(38, 6),
  explanation text,
  left_items jsonb,
  right_items jsonb,
  left_count bigint,
  right_count bigint,
  check ((explanation is not null) = (kind in ('opened', 'changed', 'reopened'))),
  unique (exception_id, run_id)
);

-- The evidence of a run: path in the manifest and content in the evidence store.
create table tieout.run_files (
  run_id uuid not null references tieout.runs deferrable initially deferred,
  path text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bigint not null,
  primary key (run_id, path)
);
create index run_files_by_content on tieout.run_files (sha256);

-- One leaf per governed event, exact canonical text and its RFC 6962 leaf hash.
create table tieout.evidence_leaves (
  leaf_no bigint generated always as identity primary key,
  run_id uuid not null unique references tieout.runs deferrable initially deferred,
  body text not null,
  leaf_sha256 text not null check (leaf_sha256 ~ '^[0-9a-f]{64}$')
);

-- What belongs to a run is written in the transaction that inserts the run, or never.
create function tieout.require_own_run() returns trigger language plpgsql as $$
begin
  if exists (
    select from (select distinct run_id from added) a
    where not exists (
      select from tieout.runs r where r.run_id = a.run_id and r.xmin = pg_current_xact_id()::xid)
  ) then
    raise exception 'insert on %.% is refused: the run is recorded already, or is none',
      tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['run_populations', 'run_totals', 'statement_lines',
    'exception_events', 'run_files', 'evidence_leaves']
  loop
    execute format('create trigger own_run after insert on tieout.%I
      referencing new table as added for each statement
      execute function tieout.require_own_run()', name);
  end loop;
  foreach name in array array['runs', 'run_populations', 'run_totals', 'statement_lines',
    'exception_events', 'run_files', 'evidence_leaves']
  loop
    execute format('create trigger append_only before update or delete on tieout.%I
      for each row execute function tieout.refuse_change()', name);
    execute format('create trigger never_emptied before truncate on tieout.%I
      for each statement execute function tieout.refuse_change()', name);
    execute format('grant select, insert on tieout.%I to tieout_app', name);
  end loop;
end $$;

create trigger never_removed before delete on tieout.exceptions
  for each row execute function tieout.refuse_change();
create trigger never_emptied before truncate on tieout.exceptions
  for each statement execute function tieout.refuse_change();
grant select, insert on tieout.exceptions to tieout_app;
-- Identity and first sight of an exception never change.
grant update (state, severity, left_amount, right_amount, difference, impact, explanation,
  facts_sha256, last_seen_run, last_seen_at, cleared_run, cleared_at, reopened)
  on tieout.exceptions to tieout_app;
grant select, insert, update, delete on tieout.run_claims to tieout_app;
