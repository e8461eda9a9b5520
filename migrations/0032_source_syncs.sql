-- What each sync of a declared source could not read.
--
-- Decision: a sync writes down, once it is over, what it could not read and why. Context: windows tell
-- what was read; what a source refused, or answered in a form that proves nothing, left no trace but
-- on the terminal of whoever ran the sync. Consequence: the last sync of each source says what it left
-- out, also of objects of which no window was ever read. Kept by: the triggers below,
-- src/sources/sync-apis.ts, test/db/source-syncs.spec.ts.
create table books.source_syncs (
  sync_no bigint generated always as identity primary key,
  source text not null check (source in ('stripe', 'salesforce', 'warehouse')),
  name text not null,
  started_at timestamptz not null,
  finished_at timestamptz not null check (finished_at >= started_at),
  outcome text not null check (outcome in ('read', 'failed')),
  unread jsonb not null check (jsonb_typeof(unread) = 'array'),
  -- Who could not be reached was not read.
  check (outcome = 'read' or jsonb_array_length(unread) > 0)
);
create index source_syncs_latest on books.source_syncs (source, name, sync_no desc);

comment on table books.source_syncs is 'Each sync of a declared source, and what it could not read.';

create trigger kept_as_it_was before update or delete on books.source_syncs
  for each row execute function books.refuse_change();
create trigger never_emptied before truncate on books.source_syncs
  for each statement execute function books.refuse_change();
grant select, insert on books.source_syncs to tieout_app;
