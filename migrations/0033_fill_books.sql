-- A table of the books that is filled for the first time: an index built when all rows are there costs
-- a third of one that follows each of them. Only the owner may drop and create indexes, and the app
-- owns none: it asks these functions, and cannot commit with one of them missing.
create table tieout.open_fillings (
  versions text not null,
  index_name text not null,
  definition text not null,
  primary key (versions, index_name)
);

create function tieout.must_be_filled() returns trigger
language plpgsql set search_path = '' as $$
begin
  if exists (select from tieout.open_fillings f
      where f.versions = new.versions and f.index_name = new.index_name) then
    raise exception 'books.% is without its index %', new.versions, new.index_name
      using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create constraint trigger filled after insert on tieout.open_fillings
  deferrable initially deferred for each row execute function tieout.must_be_filled();

-- True when the table was empty and is without its indexes now, for this transaction alone. Whoever
-- reads or writes it waits until the transaction ends; when somebody does already, nothing is done.
create function tieout.begin_filling(name text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  found_index record;
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
  return true;
end $$;

create function tieout.end_filling(name text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  open_index record;
begin
  for open_index in delete from tieout.open_fillings f where f.versions = name returning *
  loop
    execute open_index.definition;
  end loop;
end $$;

revoke all on function tieout.begin_filling(text), tieout.end_filling(text) from public;
grant execute on function tieout.begin_filling(text), tieout.end_filling(text) to tieout_app;
