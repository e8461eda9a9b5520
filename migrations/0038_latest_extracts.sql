-- Two warehouses may fill a table under the same name: the last landing of each is shown, not the
-- last of either.
create or replace view books.latest_extracts as
  select distinct on (table_name, source, account, object) *
  from books.extracts order by table_name, source, account, object, landed_at desc;
