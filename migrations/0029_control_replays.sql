-- What a version that waits for its approval would have found in the periods before, kept with it:
-- an approval names the replay that its approver could see. It opens nothing and alerts nobody.
create table tieout.control_replays (
  replay_id uuid primary key,
  control_id text not null,
  version text not null,
  -- The version that was approved then.
  against text not null,
  requested_by text not null,
  recorded_at timestamptz not null,
  -- By entity and period: what both versions found, and what differs.
  result jsonb not null,
  audit_event uuid not null references tieout.audit_events,
  foreign key (control_id, version) references tieout.control_versions,
  foreign key (control_id, against) references tieout.control_versions,
  check (version <> against)
);
create index control_replays_by_version
  on tieout.control_replays (control_id, version, recorded_at desc);
create trigger append_only before update or delete on tieout.control_replays
  for each row execute function tieout.refuse_change();
create trigger never_emptied before truncate on tieout.control_replays
  for each statement execute function tieout.refuse_change();
grant select, insert on tieout.control_replays to tieout_app;

alter table tieout.work_progress drop constraint work_progress_kind_check,
  add constraint work_progress_kind_check check (kind in ('run', 'sync', 'replay'));
