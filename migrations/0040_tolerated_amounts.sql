-- What a tolerance let pass, key by key and without sign: of a cent too much and a cent too little
-- nothing would remain, and the close would show that nothing was let pass.
--
-- Decision: a line within tolerance keeps the sum of its absolute differences. Context: a line holds
-- the totals of all its keys, and differences of both signs cancel out in them. Consequence: none for
-- runs recorded before; their close shows what remained. Kept by: src/signoff/signoff.queries.ts.
alter table tieout.statement_lines add column tolerated numeric(38, 6),
  add constraint tolerated_of_tolerance check (
    tolerated is null
    or (category = 'tolerance' and tolerated >= abs(left_amount - right_amount)));
