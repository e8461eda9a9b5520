-- What a row of a run's findings costs to check, without checking less.

-- The counted repetition made each check walk an automaton of its own for 64 states.
alter table tieout.exceptions
  drop constraint exceptions_fingerprint_check,
  add constraint exceptions_fingerprint_check
    check (length(fingerprint) = 64 and fingerprint !~ '[^0-9a-f]');

-- A foreign key asks row by row and locks, which rewrites, every exception it finds. An exception is
-- never deleted (never_removed, never_emptied) and from here on keeps its identity whoever asks, so
-- one look per statement at what was added says the same.
create trigger keeps_identity before update of exception_id, fingerprint on tieout.exceptions
  for each row
  when (old.exception_id <> new.exception_id or old.fingerprint <> new.fingerprint)
  execute function tieout.refuse_change();

create function tieout.require_exception() returns trigger language plpgsql as $$
begin
  if exists (
    select from added a
    where not exists (select from tieout.exceptions e where e.exception_id = a.exception_id)
  ) then
    raise exception 'insert on %.% is refused: it names no exception', tg_table_schema, tg_table_name
      using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;

create trigger own_exception after insert on tieout.exception_events
  referencing new table as added for each statement execute function tieout.require_exception();

alter table tieout.exception_events drop constraint exception_events_exception_id_fkey;
