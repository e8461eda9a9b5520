-- Objects that Stripe said, by a webhook, have changed. A hint is no evidence: it names an object
-- that the next sync asks for again, and is forgotten then. It holds ids and nothing else.
create table tieout.stripe_hints (
  name text not null, -- of the account, as in tieout.yaml
  object text not null,
  object_id text not null,
  created_s bigint, -- Unix seconds
  hinted_at timestamptz not null,
  primary key (name, object, object_id)
);
grant select, insert, update, delete on tieout.stripe_hints to tieout_app;
