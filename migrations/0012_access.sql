-- Who may do what: people, their roles, how they are known, and the trail of every governed change.

-- The trail. Each change of people, exceptions, sign-offs and controls stands here once, written in
-- the transaction that makes it, together with its leaf of the evidence log.
create table tieout.audit_events (
  event_id uuid primary key,
  event_no bigint generated always as identity unique,
  at timestamptz not null,
  -- person:ann@example.com, token:nightly, system; as it was then.
  actor text not null,
  actor_person uuid,
  via text not null check (via in ('session', 'token', 'cli', 'run', 'system')),
  action text not null check (action ~ '^[a-z_]+(\.[a-z_]+)+$'),
  subject_kind text not null,
  subject_id text not null,
  control_id text,
  entity_id text,
  period_key text,
  reason text,
  facts jsonb not null
);
create index audit_events_by_time on tieout.audit_events (at desc, event_id);
create index audit_events_by_subject on tieout.audit_events (subject_kind, subject_id);

-- One log for both: a leaf is of a run or of a governed change.
alter table tieout.evidence_leaves alter column run_id drop not null;
alter table tieout.evidence_leaves
  add column event_id uuid unique references tieout.audit_events deferrable initially deferred,
  add check (num_nonnulls(run_id, event_id) = 1);
alter table tieout.audit_events add foreign key (event_id)
  references tieout.evidence_leaves (event_id) deferrable initially deferred;

create or replace function tieout.require_own_run() returns trigger language plpgsql as $$
begin
  if exists (
    select from (select distinct run_id from added where run_id is not null) a
    where not exists (
      select from tieout.runs r where r.run_id = a.run_id and r.xmin = pg_current_xact_id()::xid)
  ) then
    raise exception 'insert on %.% is refused: the run is recorded already, or is none',
      tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;

-- The leaf of a change is written with it, or never.
create function tieout.require_own_event() returns trigger language plpgsql as $$
begin
  if exists (
    select from (select distinct event_id from added where event_id is not null) a
    where not exists (
      select from tieout.audit_events e
      where e.event_id = a.event_id and e.xmin = pg_current_xact_id()::xid)
  ) then
    raise exception 'insert on %.% is refused: the event is recorded already, or is none',
      tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create trigger own_event after insert on tieout.evidence_leaves
  referencing new table as added for each statement execute function tieout.require_own_event();

create table tieout.people (
  person_id uuid primary key,
  email text not null unique check (email = lower(email) and email ~ '^[^@[:space:]]+@[^@[:space:]]+$'
    and length(email) <= 254),
  name text not null check (length(name) >= 1 and length(name) <= 200),
  -- As the identity provider knows them; null while they sign in by link alone.
  issuer text,
  subject text,
  created_at timestamptz not null,
  disabled_at timestamptz,
  unique (issuer, subject),
  check ((issuer is null) = (subject is null))
);
alter table tieout.audit_events add foreign key (actor_person) references tieout.people;

-- A grant is never edited: it ends, and another begins.
create table tieout.role_grants (
  grant_id uuid primary key,
  person_id uuid not null references tieout.people,
  role text not null
    check (role in ('viewer', 'preparer', 'reviewer', 'control_author', 'auditor', 'admin')),
  -- null: every entity.
  entity_id text,
  -- The periods an auditor may see: those that lie in [window_start, window_end).
  window_start date,
  window_end date,
  expires_at timestamptz,
  origin text not null check (origin in ('local', 'oidc')),
  granted_at timestamptz not null,
  granted_by uuid references tieout.people,
  granted_event uuid not null references tieout.audit_events,
  revoked_at timestamptz,
  revoked_event uuid references tieout.audit_events,
  check ((role = 'auditor') = (window_start is not null)),
  check ((window_start is null) = (window_end is null) and window_end > window_start),
  check (role <> 'auditor' or expires_at is not null),
  check ((revoked_at is null) = (revoked_event is null)),
  check (expires_at > granted_at),
  constraint role_grants_nobody_grants_themselves check (granted_by <> person_id)
);
create index role_grants_by_person on tieout.role_grants (person_id) where revoked_at is null;

-- Whether somebody holds one of some roles for an entity; an entity of null asks for a grant that
-- names none. The rules on moves and sign-offs ask this, whatever the application believes.
create function tieout.holds_role(person uuid, wanted text[], entity text, at timestamptz)
returns boolean language sql stable as $$
  select exists (
    select from tieout.role_grants g join tieout.people p using (person_id)
    where g.person_id = person and g.role = any (wanted)
      and (g.entity_id is null or g.entity_id = entity)
      and g.revoked_at is null and (g.expires_at is null or g.expires_at > at)
      and p.disabled_at is null)
$$;

-- Who administers access decides nothing about findings, and who audits does neither.
create function tieout.keep_roles_apart() returns trigger language plpgsql as $$
declare
  apart constant text[] := array['preparer', 'reviewer', 'control_author'];
  held text[];
begin
  perform pg_advisory_xact_lock(hashtextextended('tieout roles of ' || new.person_id, 0));
  select array_agg(role) into held from tieout.role_grants
    where person_id = new.person_id and grant_id <> new.grant_id
      and revoked_at is null and (expires_at is null or expires_at > new.granted_at);
  if (new.role = 'admin' and held && (apart || 'auditor'::text))
    or (new.role = 'auditor' and held && (apart || 'admin'::text))
    or (new.role = any (apart) and held && array['admin', 'auditor']) then
    raise exception 'the role % cannot be held together with %', new.role, held
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create trigger roles_apart after insert on tieout.role_grants
  for each row execute function tieout.keep_roles_apart();

create function tieout.ended_stays_ended() returns trigger language plpgsql as $$
begin
  raise exception 'a row of %.% has ended and stays so', tg_table_schema, tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$;
create trigger ended before update on tieout.role_grants
  for each row when (old.revoked_at is not null)
  execute function tieout.ended_stays_ended();

-- Printed for a person, exchanged once for a session. Only hashes: whoever reads this signs in as nobody.
create table tieout.sign_in_links (
  link_sha256 text primary key check (link_sha256 ~ '^[0-9a-f]{64}$'),
  person_id uuid not null references tieout.people,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  used_at timestamptz
);
create trigger ended before update on tieout.sign_in_links
  for each row when (old.used_at is not null) execute function tieout.ended_stays_ended();

create table tieout.sessions (
  session_sha256 text primary key check (session_sha256 ~ '^[0-9a-f]{64}$'),
  person_id uuid not null references tieout.people,
  via text not null check (via in ('link', 'oidc')),
  started_at timestamptz not null,
  last_seen_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > started_at),
  ended_at timestamptz
);
create index sessions_by_person on tieout.sessions (person_id) where ended_at is null;
create trigger ended before update on tieout.sessions
  for each row when (old.ended_at is not null) execute function tieout.ended_stays_ended();

-- A token of a person acts as that person, within its scope; one of no person is a machine's.
alter table tieout.api_tokens
  add column person_id uuid references tieout.people,
  -- null: every entity.
  add column entity_id text;

do $$
declare
  name text;
begin
  foreach name in array array['audit_events', 'people', 'role_grants', 'sign_in_links', 'sessions']
  loop
    execute format('grant select, insert on tieout.%I to tieout_app', name);
  end loop;
  foreach name in array array['people', 'role_grants', 'sessions'] loop
    execute format('create trigger never_removed before delete on tieout.%I
      for each row execute function tieout.refuse_change()', name);
    execute format('create trigger never_emptied before truncate on tieout.%I
      for each statement execute function tieout.refuse_change()', name);
  end loop;
end $$;
create trigger append_only before update or delete on tieout.audit_events
  for each row execute function tieout.refuse_change();
create trigger never_emptied before truncate on tieout.audit_events
  for each statement execute function tieout.refuse_change();
grant update (name, issuer, subject, disabled_at) on tieout.people to tieout_app;
grant update (revoked_at, revoked_event) on tieout.role_grants to tieout_app;
grant update (used_at) on tieout.sign_in_links to tieout_app;
grant update (last_seen_at, ended_at) on tieout.sessions to tieout_app;
grant execute on function tieout.holds_role(uuid, text[], text, timestamptz) to tieout_app;

-- The days of a period, from its key: what an auditor's window and the filters of lists go by.
create function tieout.period_start(key text) returns date
language sql immutable strict parallel safe as $$
  select case
    when key like '____-__-__' then make_date(left(key, 4)::int, substr(key, 6, 2)::int,
      substr(key, 9, 2)::int)
    -- ISO 8601: week 1 holds 4 January.
    when key like '____-W__' then make_date(left(key, 4)::int, 1, 4)
      - (extract(isodow from make_date(left(key, 4)::int, 1, 4))::int - 1)
      + (substr(key, 7, 2)::int - 1) * 7
    when key like '____-Q_' then make_date(left(key, 4)::int, substr(key, 7, 1)::int * 3 - 2, 1)
    when key like '____-__' then make_date(left(key, 4)::int, substr(key, 6, 2)::int, 1)
  end
$$;
create function tieout.period_end(key text) returns date
language sql immutable strict parallel safe as $$
  select case
    when key like '____-__-__' then tieout.period_start(key) + 1
    when key like '____-W__' then tieout.period_start(key) + 7
    when key like '____-Q_' then (tieout.period_start(key) + interval '3 months')::date
    when key like '____-__' then (tieout.period_start(key) + interval '1 month')::date
  end
$$;
grant execute on function tieout.period_start(text), tieout.period_end(text) to tieout_app;

alter table tieout.exceptions
  add column period_start date generated always as (tieout.period_start(period_key)) stored,
  add column period_end date generated always as (tieout.period_end(period_key)) stored;
