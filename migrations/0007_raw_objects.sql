-- What sources answered, byte for byte, and what was read of them.
--
-- Decision: raw objects are one append-only table. Its index begins with source, account and object,
-- so that the versions of one kind of object stand together in it as in a partition of their own,
-- and a new version costs one lookup. Context: 10 million objects and more, read again each night,
-- few of them changed. Consequence: an object that is read again unchanged leaves no row; it is
-- counted in its extract. Not partitioned by time: "the latest version" would then look into every
-- partition. Kept by: the triggers below, test/db/books-raw.spec.ts.

-- One row per landing of raw objects: what was read in one go, from one account.
create table books.raw_extracts (
  extract_id uuid primary key,
  source text not null,
  account text not null,
  object text not null,
  api_version text,
  observations bigint not null check (observations >= 0),
  objects bigint not null check (objects >= 0),
  new_versions bigint not null check (new_versions >= 0),
  unchanged bigint not null check (unchanged >= 0),
  repeated bigint not null check (repeated >= 0),
  deletions bigint not null check (deletions >= 0),
  id_set_sha256 text not null check (id_set_sha256 ~ '^[0-9a-f]{64}$'),
  first_observed_at timestamptz,
  last_observed_at timestamptz,
  landed_at timestamptz not null,
  -- Every observation is a new version, one that was known, or one of the same extract again.
  check (new_versions + unchanged + repeated = observations)
);
create index raw_extracts_latest on books.raw_extracts (source, account, object, landed_at desc);

create table books.raw_objects (
  raw_id bigint generated always as identity,
  source text collate "C" not null,
  account text collate "C" not null,
  object text collate "C" not null,
  object_id text collate "C" not null,
  observed_at timestamptz not null,
  extract_id uuid not null,
  is_deleted boolean not null,
  -- As the source sent it; JSON is UTF-8 text, and text is kept byte for byte. Empty when a deletion
  -- was seen by absence.
  payload text not null,
  payload_sha256 text not null check (length(payload_sha256) = 64),
  api_version text,
  request_ref text
);
create index raw_objects_versions on books.raw_objects
  (source, account, object, object_id, observed_at desc, raw_id desc);
create index raw_objects_of_extract on books.raw_objects (extract_id, object_id);

-- One row per extract and time that the books were derived from it.
create table books.derivations (
  derivation_id bigint generated always as identity primary key,
  extract_id uuid not null,
  mapping_version text not null,
  objects bigint not null check (objects >= 0),
  rows bigint not null check (rows >= 0),
  inserted bigint not null check (inserted >= 0),
  changed bigint not null check (changed >= 0),
  unchanged bigint not null check (unchanged >= 0),
  closed bigint not null check (closed >= 0),
  problems bigint not null check (problems >= 0),
  derived_at timestamptz not null,
  check (inserted + changed + unchanged = rows)
);
create index derivations_of_extract on books.derivations (extract_id, derived_at desc);

-- One row per time that a window of a source was read. A window is closed by a read that proves it;
-- a later read that finds it different opens it again.
create table books.source_window_reads (
  read_id uuid primary key,
  source text not null,
  account text not null,
  object text not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  read_no bigint not null check (read_no >= 1),
  api_version text,
  query_text text,
  pages bigint not null check (pages >= 0),
  request_refs text[] not null,
  rows bigint not null check (rows >= 0),
  id_set_sha256 text not null check (id_set_sha256 ~ '^[0-9a-f]{64}$'),
  totals jsonb not null, -- [{"currency", "rows", "amount"}]
  -- What the source itself says it holds, asked in another way; or why it cannot be asked.
  source_total text not null check (source_total in ('agrees', 'differs', 'unavailable')),
  source_totals jsonb,
  source_total_query text,
  source_total_reason text,
  state text not null check (state in ('open', 'closed')),
  state_reason text,
  extract_ids uuid[] not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  closed_at timestamptz,
  unique (source, account, object, from_at, to_at, read_no),
  check (from_at < to_at),
  check (started_at <= finished_at),
  check ((source_total = 'unavailable') = (source_total_reason is not null)),
  check ((source_total = 'unavailable') = (source_totals is null)),
  check ((state = 'closed') = (closed_at is not null)),
  check ((state = 'open') = (state_reason is not null)),
  check (state = 'open' or source_total <> 'differs')
);

-- Every window as its last read left it.
create view books.source_windows as
  select distinct on (source, account, object, from_at, to_at) *
  from books.source_window_reads
  order by source, account, object, from_at, to_at, read_no desc;

do $$
declare
  kept text;
begin
  foreach kept in array array['raw_extracts', 'raw_objects', 'derivations', 'source_window_reads']
  loop
    execute format('create trigger append_only before update or delete on books.%I
      for each row execute function books.refuse_change()', kept);
    execute format('create trigger never_emptied before truncate on books.%I
      for each statement execute function books.refuse_change()', kept);
    execute format('grant select, insert on books.%I to tieout_app', kept);
  end loop;
end $$;
grant select on books.source_windows to tieout_app;

-- Payloads hold names, addresses and more that no control needs: what it needs stands in the books.
revoke select on books.raw_objects from tieout_reader;
