-- What a first landing costs Postgres is for a good part reading the same five values in each row,
-- and counting the letters of a hash. Values that all rows of the landing share are defaults of the
-- table until its indexes are made again; a hash is measured in bytes, which no letter has to be
-- read for.
do $$
declare
  old record;
begin
  for old in
    select k.conrelid::regclass as versions, k.conname
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_class c on c.oid = k.conrelid
    where c.relnamespace = 'books'::regnamespace and c.relname like '%\_versions' and k.contype = 'c'
      and pg_catalog.pg_get_constraintdef(k.oid) = 'CHECK ((length(payload_sha256) = 64))'
  loop
    execute format('alter table %s drop constraint %I, add check (octet_length(payload_sha256) = 64)',
      old.versions, old.conname);
  end loop;
end $$;

-- As in 0027, but for the measure of the hash.
create or replace function tieout.keep_books_table(name text, versions text, key text) returns void
language plpgsql set search_path = pg_catalog as $$
declare
  business text;
  staged constant text := 'staged_' || name;
  provenance constant text[] := array['source', 'source_object', 'source_id', 'extract_id',
    'payload_sha256', 'sys_from', 'sys_to', 'source_account', 'raw_sha256'];
begin
  if to_regclass(format('books.%I', name)) is not null then
    execute format('drop view books.%I', name);
    execute format('drop table tieout.%I', staged);
  else
    execute format('alter table books.%I
      add column source text not null,
      add column source_object text not null,
      add column source_id text not null,
      add column extract_id uuid not null,
      add column payload_sha256 text not null check (octet_length(payload_sha256) = 64),
      add column sys_from timestamptz not null,
      add column sys_to timestamptz not null default %L,
      add column source_account text not null default %L,
      add column raw_sha256 text,
      add check (sys_to > sys_from)', versions, 'infinity', '');
    -- `key` is a list of columns; what is not one is refused by Postgres here.
    execute format('create unique index %I on books.%I (%s) where sys_to = %L',
      name || '_current', versions, key, 'infinity');
    execute format('create index %I on books.%I (source_id) where sys_to = %L',
      name || '_of_object', versions, 'infinity');
    execute format('create trigger closed_once before update on books.%I for each row
      when (old.sys_to <> %L or new.sys_to = %L
        or to_jsonb(old) - %L is distinct from to_jsonb(new) - %L)
      execute function books.refuse_change()',
      versions, 'infinity', 'infinity', 'sys_to', 'sys_to');
    execute format('create trigger never_removed before delete on books.%I
      for each row execute function books.refuse_change()', versions);
    execute format('create trigger never_emptied before truncate on books.%I
      for each statement execute function books.refuse_change()', versions);
    execute format('grant select, insert, update (sys_to) on books.%I to tieout_app', versions);
  end if;
  select string_agg(quote_ident(attname), ', ' order by attnum) into business
    from pg_attribute
    where attrelid = format('books.%I', versions)::regclass and attnum > 0
      and not attisdropped and attname <> all (provenance);
  execute format('create unlogged table tieout.%I as
    select %s, payload_sha256, source_account, source_object, source_id, extract_id, raw_sha256
    from books.%I with no data', staged, business, versions);
  execute format('alter table tieout.%I alter column source_account set default %L', staged, '');
  execute format('create view books.%I as select %s, source, source_account, source_object,
    source_id, extract_id, payload_sha256, raw_sha256, sys_from from books.%I where sys_to = %L',
    name, business, versions, 'infinity');
  execute format('grant select on books.%I to tieout_app', name);
  execute format('grant select, insert, truncate on tieout.%I to tieout_app', staged);
end $$;

-- True when the table was empty and is without its indexes now, for this transaction alone, and rows
-- that name none of the columns of `shared` get the values there. Whoever reads or writes the table
-- waits until the transaction ends; when somebody does already, nothing is done.
drop function tieout.begin_filling(text);
create function tieout.begin_filling(name text, shared jsonb default '{}') returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  found_index record;
  given record;
  is_filled boolean;
begin
  if name not like '%\_versions' or not exists (select from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'books' and c.relname = name and c.relkind = 'r') then
    return false;
  end if;
  begin
    execute pg_catalog.format('lock table books.%I in access exclusive mode nowait', name);
  exception when lock_not_available then
    return false;
  end;
  execute pg_catalog.format('select exists (select from books.%I)', name) into is_filled;
  if is_filled then
    return false;
  end if;
  for found_index in
    select c.relname, pg_catalog.pg_get_indexdef(i.indexrelid) as definition
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    where i.indrelid = pg_catalog.format('books.%I', name)::pg_catalog.regclass
      and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid)
  loop
    insert into tieout.open_fillings (versions, index_name, definition)
      values (name, found_index.relname, found_index.definition);
    execute pg_catalog.format('drop index books.%I', found_index.relname);
  end loop;
  for given in select * from pg_catalog.jsonb_each_text(shared) loop
    if given.key not in ('source', 'source_account', 'source_object', 'extract_id', 'sys_from') then
      raise exception 'books.% gives each row its own %', name, given.key
        using errcode = 'invalid_parameter_value';
    end if;
    execute pg_catalog.format('alter table books.%I alter column %I set default %L', name,
      given.key, given.value);
  end loop;
  return true;
end $$;

create or replace function tieout.end_filling(name text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  open_index record;
begin
  if not exists (select from tieout.open_fillings f where f.versions = name) then
    return;
  end if;
  -- What tieout.keep_books_table says of these columns.
  execute pg_catalog.format('alter table books.%I alter column source drop default,
    alter column source_object drop default, alter column extract_id drop default,
    alter column sys_from drop default, alter column source_account set default %L', name, '');
  for open_index in delete from tieout.open_fillings f where f.versions = name returning *
  loop
    execute open_index.definition;
  end loop;
end $$;

revoke all on function tieout.begin_filling(text, jsonb) from public;
grant execute on function tieout.begin_filling(text, jsonb) to tieout_app;
