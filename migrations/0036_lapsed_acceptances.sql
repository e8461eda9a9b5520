-- A risk is accepted until a day. Once that day is over the exception is somebody's work again.
--
-- Decision: the system opens it, as an event of its own. Context: a later run does not open it where the
-- period has ended and nobody runs it again. Consequence: what was accepted for a year comes back after
-- it, with a new due date. Kept by: tieout.legal_moves, src/exceptions/day-watch.ts,
-- test/api/workflow.spec.ts.
insert into tieout.legal_moves (kind, by, from_state, to_state) values
  ('lapsed', 'system', 'closed', 'open');

create index exceptions_accepted on tieout.exceptions (entity_id, accepted_until)
  where state = 'closed' and disposition = 'risk_accepted';
