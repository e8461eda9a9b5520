-- Which account each declared source turned out to be.
--
-- Decision: the raw store and the windows name accounts by the ids of their systems, which no
-- configuration can put another in the place of; the configuration names sources. A sync writes down
-- which is which. Context: before a run, the gate must know whether everything that a population is
-- made of was read in full, and what was never read at all has left no trace to find it by.
-- Consequence: a source that is declared and was never read stops the run. A source that is pointed
-- at another account gets a new row, and the old one stays. Kept by: the triggers below,
-- src/runs/gate-windows.ts, test/db/gate-windows.spec.ts.
create table books.source_accounts (
  source text not null check (source in ('stripe', 'salesforce', 'warehouse')),
  name text not null,
  account text not null,
  entity_ids text[] not null,
  since_on date not null,
  recorded_at timestamptz not null,
  primary key (source, name, recorded_at)
);

create trigger kept_as_it_was before update or delete on books.source_accounts
  for each row execute function books.refuse_change();
create trigger never_emptied before truncate on books.source_accounts
  for each statement execute function books.refuse_change();
grant select, insert on books.source_accounts to tieout_app;
