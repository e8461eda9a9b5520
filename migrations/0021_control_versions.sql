-- Versions of controls, with their text. The first one that an installation sees is what it was
-- installed with; each later one needs an author who submits it and another person who approves it
-- before a scheduled run may use it.
create table tieout.control_versions (
  control_id text not null,
  version text not null check (length(version) = 64),
  title text not null,
  -- [{path, sha256, text}]
  files jsonb not null,
  initial boolean not null,
  registered_at timestamptz not null,
  registered_event uuid not null references tieout.audit_events,
  submitted_by uuid references tieout.people,
  submitted_at timestamptz,
  submitted_event uuid references tieout.audit_events,
  approved_by uuid references tieout.people,
  approved_at timestamptz,
  approved_event uuid references tieout.audit_events,
  primary key (control_id, version),
  check (num_nonnulls(submitted_by, submitted_at, submitted_event) in (0, 3)),
  check (num_nonnulls(approved_by, approved_at, approved_event) in (0, 3)),
  check (approved_by is null or submitted_by is not null),
  constraint control_versions_need_two_people check (approved_by <> submitted_by)
);
create unique index control_versions_initial on tieout.control_versions (control_id) where initial;

create function tieout.require_version_roles() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.submitted_by is not null or new.approved_by is not null or new.initial <> not exists (
      select from tieout.control_versions where control_id = new.control_id) then
      raise exception 'a version begins undecided, and only the first one is initial'
        using errcode = 'integrity_constraint_violation';
    end if;
    return new;
  end if;
  if (old.submitted_by is not null and new.submitted_by is distinct from old.submitted_by)
    or (old.approved_by is not null and new.approved_by is distinct from old.approved_by) then
    raise exception 'a decision on a version is not changed'
      using errcode = 'integrity_constraint_violation';
  end if;
  -- An entity of null: who speaks for every entity.
  if old.submitted_by is null and new.submitted_by is not null
    and not tieout.holds_role(new.submitted_by, array['control_author'], null, new.submitted_at) then
    raise exception 'only a control author submits a version'
      using errcode = 'integrity_constraint_violation';
  end if;
  if old.approved_by is null and new.approved_by is not null
    and not tieout.holds_role(new.approved_by, array['reviewer'], null, new.approved_at) then
    raise exception 'only a reviewer approves a version'
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger version_roles before insert or update on tieout.control_versions
  for each row execute function tieout.require_version_roles();
create trigger never_removed before delete on tieout.control_versions
  for each row execute function tieout.refuse_change();
create trigger never_emptied before truncate on tieout.control_versions
  for each statement execute function tieout.refuse_change();
grant select, insert on tieout.control_versions to tieout_app;
grant update (submitted_by, submitted_at, submitted_event, approved_by, approved_at, approved_event)
  on tieout.control_versions to tieout_app;
