-- Through when the events of a Stripe account were read and what they named was asked for again: the
-- next sync goes on from there, however long the last one took or wherever it was killed.
create table tieout.stripe_event_reads (
  name text primary key, -- of the account, as in tieout.yaml
  read_through timestamptz not null
);
grant select, insert, update on tieout.stripe_event_reads to tieout_app;
