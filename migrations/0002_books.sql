-- The books: canonical rows of order-to-cash, as CONTROLS §2 models them, one table per object.
--
-- Decision: a control reads `books.orders` and means the orders as they are known now; that is a
-- view. Every version there ever was stands in `books.order_versions`, from the instant it was
-- landed (sys_from) until it was replaced or left the source (sys_to, 'infinity' while current).
-- Context: rows are bitemporal, and a condition `sys_to = 'infinity'` that every population would
-- have to repeat is one that somebody forgets, who then counts an order twice. Consequence: the SQL
-- of a control stays readable to an auditor, and who needs history asks the versions by name.
-- Kept by: the rights and triggers at the end of this file, and test/db/books.spec.ts.
--
-- Amounts are in major units of their currency, with the signs of CONTROLS §2.2. `…_on` and the
-- dates CONTROLS names are days in the entity's book time zone; `…_at` are instants.

-- One row per landing: what was read, and what proves that it was all of it.
create table books.extracts (
  extract_id uuid primary key,
  table_name text not null,
  source text not null,
  object text not null,
  source_system text,
  file_sha256 text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
  rows bigint not null check (rows >= 0),
  inserted bigint not null check (inserted >= 0),
  changed bigint not null check (changed >= 0),
  unchanged bigint not null check (unchanged >= 0),
  closed bigint not null check (closed >= 0),
  totals jsonb not null,
  extracted_at timestamptz,
  control_total text not null check (control_total in ('agrees', 'absent')),
  landed_at timestamptz not null,
  -- Every row of the file is accounted for.
  check (inserted + changed + unchanged = rows)
);
create unique index extracts_latest on books.extracts (table_name, source, object, landed_at desc);

create table books.opportunity_versions (
  opportunity_id text not null,
  entity_id text not null,
  name text not null,
  customer_id text not null,
  customer_name text not null,
  status text not null,
  is_closed boolean not null,
  is_won boolean not null,
  is_deleted boolean not null default false,
  close_date date not null,
  term_start date,
  term_end date,
  total_amount numeric(24, 6) not null,
  currency text not null,
  owner_name text
);

create table books.order_versions (
  order_id text not null,
  entity_id text not null,
  order_number text,
  opportunity_id text,
  contract_id text,
  customer_id text not null,
  customer_name text not null,
  status text not null,
  is_deleted boolean not null default false,
  activated_at timestamptz,
  activated_on date,
  term_start date,
  term_end date,
  total_amount numeric(24, 6) not null,
  currency text not null,
  billing_frequency text,
  po_number text
);

create table books.invoice_versions (
  invoice_id text not null,
  entity_id text not null,
  number text,
  customer_id text not null,
  customer_name text not null,
  status text not null,
  currency text not null,
  billing_reason text,
  collection_method text,
  created_at timestamptz not null,
  finalized_at timestamptz,
  due_at timestamptz,
  paid_at timestamptz,
  voided_at timestamptz,
  uncollectible_at timestamptz,
  document_date date,
  posting_date date,
  subtotal numeric(24, 6) not null,
  discount_total numeric(24, 6) not null,
  credit_grant_total numeric(24, 6) not null,
  tax_total numeric(24, 6) not null,
  tax_inclusive_total numeric(24, 6) not null,
  total numeric(24, 6) not null,
  total_ex_tax numeric(24, 6) not null,
  starting_credit numeric(24, 6) not null,
  ending_credit numeric(24, 6) not null,
  cn_pre numeric(24, 6) not null,
  cn_post numeric(24, 6) not null,
  amount_due numeric(24, 6) not null,
  amount_paid numeric(24, 6) not null,
  amount_paid_oob numeric(24, 6) not null,
  amount_remaining numeric(24, 6) not null,
  amount_overpaid numeric(24, 6) not null,
  subscription_id text,
  order_id text,
  line_count bigint not null
);

create table books.invoice_line_versions (
  invoice_line_id text not null,
  invoice_id text not null,
  entity_id text not null,
  line_type text not null,
  description text,
  product_code text,
  currency text not null,
  amount numeric(24, 6) not null,
  discount numeric(24, 6) not null,
  credit_grant numeric(24, 6) not null,
  tax_excl numeric(24, 6) not null,
  tax_incl numeric(24, 6) not null,
  quantity numeric(38, 12),
  unit_amount numeric(30, 12),
  service_start date,
  service_end_excl date
);

create table books.invoice_payment_versions (
  invoice_payment_id text not null,
  invoice_id text not null,
  entity_id text not null,
  payment_id text not null,
  payment_type text not null,
  amount_requested numeric(24, 6) not null,
  amount_paid numeric(24, 6) not null,
  currency text not null,
  status text not null,
  is_default boolean,
  paid_at timestamptz,
  posting_date date
);

create table books.payout_versions (
  payout_id text not null,
  entity_id text not null,
  amount numeric(24, 6) not null,
  currency text not null,
  status text not null,
  automatic boolean not null,
  created_at timestamptz not null,
  created_on date not null,
  arrival_date date not null,
  trace_id text,
  recon_status text
);

create table books.bank_transaction_versions (
  bank_account text not null,
  txn_id text not null,
  entity_id text not null,
  value_date date not null,
  booking_date date,
  amount numeric(24, 6) not null,
  currency text not null,
  reference text,
  counterparty text,
  statement_id text
);

create function books.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on %.% is refused: versions are kept', tg_op, tg_table_schema, tg_table_name
    using errcode = 'integrity_constraint_violation',
    hint = 'A correction is a new version; the one it replaces is closed once, by its sys_to.';
end $$;

-- What all of them share: where a row came from, when it was true here, one current row per key, a
-- view of the current rows, a staging table that landing fills, and the rights. extract_id has no
-- foreign key: all rows of a landing name the one extract written with them, and a lookup for each
-- would halve the rate of landing. For the same reason the checks are no regular expressions.
do $$
declare
  item record;
  business text;
begin
  for item in
    select * from (values
      ('opportunities', 'opportunity_versions', 'opportunity_id'),
      ('orders', 'order_versions', 'order_id'),
      ('invoices', 'invoice_versions', 'invoice_id'),
      ('invoice_lines', 'invoice_line_versions', 'invoice_line_id'),
      ('invoice_payments', 'invoice_payment_versions', 'invoice_payment_id'),
      ('payouts', 'payout_versions', 'payout_id'),
      ('bank_transactions', 'bank_transaction_versions', 'bank_account, txn_id')
    ) as t (name, versions, key)
  loop
    select string_agg(quote_ident(attname), ', ' order by attnum) into business
      from pg_attribute
      where attrelid = format('books.%I', item.versions)::regclass and attnum > 0;
    execute format('create unlogged table tieout.%I as
      select %s, null::text as payload_sha256 from books.%I with no data',
      'staged_' || item.name, business, item.versions);
    execute format('alter table books.%I
      add column source text not null,
      add column source_object text not null,
      add column source_id text not null,
      add column extract_id uuid not null,
      add column payload_sha256 text not null check (length(payload_sha256) = 64
        and translate(payload_sha256, %L, '''') = ''''),
      add column sys_from timestamptz not null,
      add column sys_to timestamptz not null default %L,
      add check (sys_to > sys_from),
      add check (length(currency) = 3 and translate(currency, %L, '''') = '''')',
      item.versions, '0123456789abcdef', 'infinity', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    execute format('create unique index %I on books.%I (%s) where sys_to = %L',
      item.name || '_current', item.versions, item.key, 'infinity');
    execute format('create view books.%I as select %s, source, source_object, source_id,
      extract_id, payload_sha256, sys_from from books.%I where sys_to = %L',
      item.name, business, item.versions, 'infinity');
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
    execute format('grant select on books.%I to tieout_app', item.name);
    execute format('grant select, insert, truncate on tieout.%I to tieout_app',
      'staged_' || item.name);
  end loop;
end $$;

create trigger append_only before update or delete on books.extracts
  for each row execute function books.refuse_change();
create trigger never_emptied before truncate on books.extracts
  for each statement execute function books.refuse_change();
grant select, insert on books.extracts to tieout_app;
