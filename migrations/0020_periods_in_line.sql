-- A function that is strict is called for each row; one that is not becomes part of the statement, and
-- these two give null for null by themselves. Every exception is dated by them.
alter function tieout.period_start(text) called on null input;
alter function tieout.period_end(text) called on null input;
