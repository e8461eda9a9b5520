-- What makes a table of schema books one: its versions end once and stay, its current rows are a
-- view that controls read, and what is read next is staged beside it. Called after `create table`
-- and after each `alter table` of <singular>_versions. It stands in full in 0006 and four later
-- migrations, and from here on nowhere else:
--
--   create table books.parcel_versions (parcel_id text not null, weight numeric(38, 12));
--   select tieout.keep_books_table('parcels', 'parcel_versions', 'parcel_id');
--
-- A view over books.<name> of another migration is dropped before, and made again afterwards.
create function tieout.keep_books_table(name text, versions text, key text) returns void
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
      add column payload_sha256 text not null check (length(payload_sha256) = 64),
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
-- For migrations, which the owner runs.
revoke all on function tieout.keep_books_table(text, text, text) from public;
