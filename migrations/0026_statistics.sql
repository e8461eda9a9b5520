-- Statistics of tables just filled, and no index that nothing asks.

-- Only the owner of a table may analyze it before PostgreSQL 17, and the app owns none: it asks this
-- function. `begun` rows are many when they are a tenth of those there were when it was last done.
create function tieout.analyze_books(name text, begun bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  known bigint;
begin
  select c.reltuples::bigint into known from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'books' and c.relname = name and c.relkind = 'r';
  if not found or begun < known / 10 then
    return false;
  end if;
  execute pg_catalog.format('analyze books.%I', name);
  return true;
end $$;
revoke all on function tieout.analyze_books(text, bigint) from public;
grant execute on function tieout.analyze_books(text, bigint) to tieout_app;

-- The rows of these come from files and queries alone, where a row's id is its key: the objects that
-- rows are derived from are never looked up in them.
drop index books.usage_hours_of_object;
drop index books.seat_days_of_object;
drop index books.bank_transactions_of_object;
drop index books.gl_accounts_of_object;
drop index books.gl_lines_of_object;
drop index books.gl_balances_of_object;
drop index books.gl_periods_of_object;
