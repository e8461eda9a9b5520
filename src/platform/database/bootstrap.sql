-- What Tieout needs of a Postgres before its first migration. Run once, as a superuser, connected to
-- the database that Tieout shall have ("create database tieout"). Running it again changes nothing.
-- Passwords are the operator's: alter role ... password, or another way to authenticate.

-- 1. Roles: the owner migrates, the app works, the reader runs the SQL of controls.
do $$
declare
  login text;
begin
  foreach login in array array['tieout_owner', 'tieout_app', 'tieout_reader'] loop
    if not exists (select from pg_roles where rolname = login) then
      execute format('create role %I login noinherit', login);
    end if;
    if exists (select from pg_roles where rolname = login and (rolsuper or rolcreaterole
      or rolcreatedb or rolreplication or rolbypassrls)) then
      raise exception 'role % has more rights than Tieout may have', login
        using hint = 'Drop it, or take superuser, createrole, createdb, replication and bypassrls away.';
    end if;
    if exists (select from pg_auth_members m join pg_roles r on r.oid = m.member
      where r.rolname = login) then
      raise exception 'role % is a member of another role', login
        using hint = 'Revoke the membership: set role would lead out of its rights.';
    end if;
  end loop;
end $$;

-- 2. Limits of the reader, whoever connects as it. It can lift those that a statement may set; the
-- guard on control SQL admits no such statement, and what it may read and write stays the same.
alter role tieout_reader set default_transaction_read_only = on;
alter role tieout_reader set search_path = '';
alter role tieout_reader set statement_timeout = '30min';
alter role tieout_reader set lock_timeout = '10s';
alter role tieout_reader set idle_in_transaction_session_timeout = '30min';
do $$
begin
  alter role tieout_reader set temp_file_limit = '20GB';
exception when insufficient_privilege then
  raise notice 'temp_file_limit of tieout_reader can only be set by a superuser';
end $$;

-- 3. The database belongs to the owner; nobody but the three comes in.
do $$
begin
  execute format('alter database %I owner to tieout_owner', current_database());
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to tieout_app, tieout_reader', current_database());
  -- The findings of a run pass through a temporary table on their way into the record.
  execute format('grant temporary on database %I to tieout_app', current_database());
end $$;
revoke all on schema public from public;

-- 4. Built-in functions with a side effect or another answer each time (sleep, locks, settings,
-- large objects, notifications, files, signals, random) and those that run SQL given as text are
-- for the owner and the app. Every volatile function is meant, so a later Postgres adds no hole.
-- Trigger and handler functions stay: SQL cannot call them.
do $$
declare
  callable text;
begin
  for callable in
    select p.oid::regprocedure::text
    from pg_proc p
    where (
        p.pronamespace = 'pg_catalog'::regnamespace
        and (p.provolatile = 'v'
          or p.proname ~ '_to_xml'
          or p.proname in ('txid_current', 'pg_current_xact_id'))
        or p.proname like 'dblink%'
      )
      and p.prokind <> 'a'
      and p.prorettype <> all (array['trigger', 'event_trigger', 'language_handler',
        'fdw_handler', 'index_am_handler', 'table_am_handler', 'tsm_handler', 'internal']::regtype[])
      and exists (
        select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl
        where acl.grantee = 0 and acl.privilege_type = 'EXECUTE'
      )
  loop
    execute format('grant execute on function %s to tieout_owner, tieout_app', callable);
    execute format('revoke execute on function %s from public', callable);
  end loop;
end $$;

-- What a freeze on several connections records of its snapshot; neither changes anything.
grant execute on function pg_catalog.pg_export_snapshot() to tieout_reader;
grant execute on function pg_catalog.pg_current_wal_lsn() to tieout_reader;
