-- What the booking controls ask of the books and 0006 had no place for: days in the entity's book
-- time zone where a control would otherwise have to cut them from an instant, the day until which
-- an order may wait, contracts that go on after their term, and what a login's role is called.
alter table books.opportunity_versions
  add column order_after date; -- the order may wait until this day
alter table books.contract_versions
  add column is_evergreen boolean; -- goes on after its end until somebody ends it
alter table books.app_user_versions
  add column role_name text;
alter table books.subscription_versions
  add column cancel_on date;
alter table books.subscription_item_versions
  add column created_on date;
alter table books.subscription_schedule_phase_versions
  add column start_on date,
  add column end_on date;

-- As in 0006: the view and the staging table of each show the new columns, too.
do $$
declare
  item record;
  business text;
  provenance constant text[] := array['source', 'source_object', 'source_id', 'extract_id',
    'payload_sha256', 'sys_from', 'sys_to', 'source_account', 'raw_sha256'];
begin
  for item in
    select * from (values
      ('opportunities', 'opportunity_versions'),
      ('contracts', 'contract_versions'),
      ('app_users', 'app_user_versions'),
      ('subscriptions', 'subscription_versions'),
      ('subscription_items', 'subscription_item_versions'),
      ('subscription_schedule_phases', 'subscription_schedule_phase_versions')
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
