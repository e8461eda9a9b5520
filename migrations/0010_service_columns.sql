-- What the controls over service, usage and document numbers need to know beyond 0006.

-- Who may use what of the product, as the product itself has it.
create table books.entitlement_versions (
  entitlement_id text not null,
  entity_id text not null,
  customer_id text not null,
  workspace text,
  plan text,
  status text not null, -- active | revoked
  granted_at timestamptz not null,
  revoked_at timestamptz,
  is_internal boolean not null -- our own people and tests, on the list reviewed each quarter
);

-- A customer that numbers its own invoices says with which prefix, and which number comes next.
alter table books.customer_versions
  add column invoice_prefix text,
  add column next_invoice_sequence bigint;

-- The published list a price stands on; null for a price made for one customer.
alter table books.price_versions add column price_list text;

-- The workspace of the product that it pays for.
alter table books.subscription_versions add column workspace text;
alter table books.subscription_item_versions add column workspace text;

-- Which part of an amount invoiced in instalments.
alter table books.invoice_versions add column instalment_no text;

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
      ('entitlements', 'entitlement_versions', 'entitlement_id', true),
      ('customers', 'customer_versions', 'customer_id', false),
      ('prices', 'price_versions', 'source_account, price_id', false),
      ('subscriptions', 'subscription_versions', 'subscription_id', false),
      ('subscription_items', 'subscription_item_versions', 'subscription_item_id', true),
      ('invoices', 'invoice_versions', 'invoice_id', false)
    ) as t (name, versions, key, has_several)
  loop
    if to_regclass('books.' || item.name) is not null then
      execute format('drop view books.%I', item.name);
      execute format('drop table tieout.%I', 'staged_' || item.name);
    else
      execute format('alter table books.%I
        add column source text not null,
        add column source_object text not null,
        add column source_id text not null,
        add column extract_id uuid not null,
        add column payload_sha256 text not null check (length(payload_sha256) = 64),
        add column sys_from timestamptz not null,
        add column sys_to timestamptz not null default %L,
        add column source_account text not null default %L,
        add column raw_sha256 text,
        add check (sys_to > sys_from)',
        item.versions, 'infinity', '');
      execute format('create unique index %I on books.%I (%s) where sys_to = %L',
        item.name || '_current', item.versions, item.key, 'infinity');
      execute format('create index %I on books.%I (source_id) where sys_to = %L',
        item.name || '_of_object', item.versions, 'infinity');
      execute format('create trigger closed_once before update on books.%I for each row
        when (old.sys_to <> %L or new.sys_to = %L
          or to_jsonb(old) - %L is distinct from to_jsonb(new) - %L)
        execute function books.refuse_change()',
        item.versions, 'infinity', 'infinity', 'sys_to', 'sys_to');
      execute format('create trigger never_removed before delete on books.%I
        for each row execute function books.refuse_change()', item.versions);
      execute format('create trigger never_emptied before truncate on books.%I
        for each statement execute function books.refuse_change()', item.versions);
      execute format('grant select, insert, update (sys_to) on books.%I to tieout_app',
        item.versions);
    end if;
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
