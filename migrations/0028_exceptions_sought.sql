-- What a search of exceptions looks through, in small letters once instead of at every search: a value
-- of the key, or a part of the explanation, never a piece that reaches from one into the other.
alter table tieout.exceptions add column search_text text collate "C"
  generated always as (lower(explanation || e'\n' || cast(key as text))) stored;

-- What raised or ended a risk, among the many events that only say that it is still there.
create index exception_events_of_risk on tieout.exception_events (event_id)
  where kind in ('opened', 'changed', 'reopened', 'recalled', 'cleared', 'closed', 'reconciled');
