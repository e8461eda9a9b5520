-- What changes money at risk is found by index, an accepted risk whose day is over among it.
--
-- Decision: the index of events of risk holds 'lapsed' too. Context: the overview asks for these kinds,
-- and an index that lacks one of them is of no use to it. Consequence: none for what is recorded. Kept
-- by: src/runs/overview/overview.queries.ts, npm run bench:api.
drop index tieout.exception_events_of_risk;
create index exception_events_of_risk on tieout.exception_events (event_id)
  where kind in (
    'opened', 'changed', 'reopened', 'recalled', 'lapsed', 'cleared', 'closed', 'reconciled');
