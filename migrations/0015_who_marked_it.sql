-- What CA-02 needs to judge money that came outside Stripe: who said so, what the payer wrote, which
-- tax the payer withheld; and what people do here.

alter table books.payment_versions
  add column marked_by text, -- who recorded it, as the tool that records names them
  add column reference text, -- what the payer's bank wrote
  add column withholding_certificate text; -- the payer's proof of tax withheld from it

alter table books.person_versions
  add column title text,
  add column department text;

-- As at the end of 0006_order_to_cash.sql.
do $$
declare
  item record;
  business text;
  provenance constant text[] := array['source', 'source_object', 'source_id', 'extract_id',
    'payload_sha256', 'sys_from', 'sys_to', 'source_account', 'raw_sha256'];
begin
  for item in
    select * from (values
      ('payments', 'payment_versions'),
      ('people', 'person_versions')
    ) as t (name, versions)
  loop
    execute format('drop view books.%I', item.name);
    execute format('drop table tieout.%I', 'staged_' || item.name);
    select string_agg(quote_ident(attname), ', ' order by attnum) into business
      from pg_attribute
      where attrelid = format('books.%I', item.versions)::regclass and attnum > 0
        and not attisdropped and attname <> all (provenance);
    execute format('create unlogged table tieout.%I as
      select %s, payload_sha256, source_account, source_object, source_id, extract_id, raw_sha256
      from books.%I with no data', 'staged_' || item.name, business, item.versions);
    execute format('alter table tieout.%I alter column source_account set default %L',
      'staged_' || item.name, '');
    execute format('create view books.%I as select %s, source, source_account, source_object,
      source_id, extract_id, payload_sha256, raw_sha256, sys_from from books.%I where sys_to = %L',
      item.name, business, item.versions, 'infinity');
    execute format('grant select on books.%I to tieout_app', item.name);
    execute format('grant select, insert, truncate on tieout.%I to tieout_app',
      'staged_' || item.name);
  end loop;
end $$;
