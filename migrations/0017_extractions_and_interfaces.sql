-- What the controls over extraction and interfaces read: hand-offs, and the product's own record of
-- what it read, as views that hold no payload.

-- A hand-off from one system to another: what was sent and what became of it.
create table books.interface_batch_versions (
  interface text not null, -- product_to_meter, stripe_to_subledger, …
  batch_id text not null,
  entity_id text not null,
  customer_id text,
  subject text, -- what was sent: the meter, the ledger
  sent_on date not null,
  sent_count bigint not null,
  accepted_count bigint not null,
  duplicate_count bigint not null, -- refused because it was there already
  rejected_count bigint not null,
  replayed_count bigint not null, -- of the rejected, sent again and accepted
  sent_quantity numeric(38, 12),
  accepted_quantity numeric(38, 12),
  duplicate_quantity numeric(38, 12),
  rejected_quantity numeric(38, 12)
);

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
      ('interface_batches', 'interface_batch_versions', 'interface, batch_id', true)
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

-- Every source as the last sync found it, once for each entity that it has records of.
create view books.source_scopes as
  select latest.source, latest.name, latest.account, e.entity_id, latest.since_on
  from (select distinct on (source, name) * from books.source_accounts
        order by source, name, recorded_at desc) latest
    cross join lateral unnest(latest.entity_ids) as e (entity_id);

-- The last landing of every object of a source in every table.
create view books.latest_extracts as
  select distinct on (table_name, source, object) *
  from books.extracts order by table_name, source, object, landed_at desc;

-- Objects that a source no longer gave and never showed as deleted.
create view books.hard_deletions as
  select source, account, object, object_id, min(observed_at) as noticed_at
  from books.raw_objects where is_deleted and payload = ''
  group by source, account, object, object_id;

-- Finalised documents of which a later version says something else in a field that never may change.
create view books.changed_documents as
  with versions as (
    select v.*, lag(sys_from) over w as earlier_from, lag(total) over w as earlier_total,
      lag(tax_total) over w as earlier_tax, lag(currency) over w as earlier_currency,
      lag(finalized_at) over w as earlier_finalized_at
    from books.invoice_versions v
    where invoice_id in (select invoice_id from books.invoice_versions where sys_to <> 'infinity')
    window w as (partition by invoice_id order by sys_from)
  )
  select 'invoice'::text as document, invoice_id as document_id, entity_id, number, customer_name,
    document_date, currency, earlier_currency, total, earlier_total, tax_total, earlier_tax,
    earlier_from as known_from, sys_from as changed_at
  from versions
  where earlier_finalized_at is not null
    and (total <> earlier_total or tax_total <> earlier_tax or currency <> earlier_currency
      or finalized_at is distinct from earlier_finalized_at);

grant select on books.source_scopes, books.latest_extracts, books.hard_deletions,
  books.changed_documents to tieout_app;
