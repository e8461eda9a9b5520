-- The warehouse of Northwind Intelligence, as its data team keeps it (CONTROLS §1.5): what the
-- product, the subledger, the general ledger, the banks and HR deliver. Tieout reads it as a role
-- that can read and nothing else.
create schema warehouse;

-- Who uses the product, and who that is to the biller and to sales.
create table warehouse.organization (
  organization_id text not null,
  legal_entity text not null,
  name text not null,
  stripe_customer_id text,
  salesforce_account_id text,
  internal boolean not null,
  created_at timestamptz not null
);

create table warehouse.usage_hourly (
  customer_id text not null,
  meter_key text not null,
  hour_utc timestamptz not null,
  quantity numeric(38, 12) not null,
  event_count bigint not null,
  first_event_at timestamptz not null,
  last_event_at timestamptz not null,
  ingested_at_max timestamptz not null,
  store_version bigint not null
);

create table warehouse.usage_watermark (
  hour_utc timestamptz not null,
  meter_key text not null,
  partitions_expected bigint not null,
  partitions_closed bigint not null,
  row_count bigint not null,
  quantity numeric(38, 12) not null,
  closed_at timestamptz
);

create table warehouse.usage_batch (
  batch_id text not null,
  customer_id text not null,
  meter_key text not null,
  date_utc date not null,
  sent_events bigint not null,
  accepted_events bigint not null,
  duplicate_events bigint not null,
  rejected_events bigint not null,
  replayed_events bigint not null,
  sent_quantity numeric(38, 12) not null,
  accepted_quantity numeric(38, 12) not null,
  duplicate_quantity numeric(38, 12) not null,
  rejected_quantity numeric(38, 12) not null,
  replayed_quantity numeric(38, 12) not null
);

create table warehouse.meter_error (
  error_id text not null,
  customer_id text not null,
  meter_key text not null,
  code text not null,
  occurred_at timestamptz not null,
  event_count bigint not null,
  quantity numeric(38, 12) not null,
  replayed_at timestamptz
);

create table warehouse.seat_daily (
  customer_id text not null,
  workspace_id text not null,
  date_utc date not null,
  seats_assigned bigint not null,
  seats_active bigint not null,
  plan text not null
);

create table warehouse.entitlement (
  entitlement_id text not null,
  customer_id text not null,
  workspace_id text not null,
  plan text not null,
  status text not null,
  granted_at timestamptz not null,
  revoked_at timestamptz,
  internal boolean not null
);

create table warehouse.rev_contract (
  contract_id text not null,
  customer_id text not null,
  sf_order_id text,
  sf_opportunity_id text,
  legal_entity text not null,
  currency text not null,
  contract_date date not null,
  transaction_price numeric(24, 6) not null,
  variable_consideration_estimate numeric(24, 6) not null,
  modification_of text,
  mod_type text,
  status text not null
);

create table warehouse.performance_obligation (
  pob_id text not null,
  contract_id text not null,
  product_code text not null,
  ssp numeric(24, 6) not null,
  allocated_price numeric(24, 6) not null,
  method text not null,
  service_start date not null,
  service_end date not null,
  qty numeric(38, 12) not null
);

create table warehouse.rev_schedule_line (
  schedule_line_id text not null,
  pob_id text not null,
  invoice_line_id text,
  period text not null,
  start date not null,
  "end" date not null,
  amount numeric(24, 6) not null,
  currency text not null,
  functional_amount numeric(24, 6) not null,
  fx_rate numeric(24, 12) not null,
  status text not null,
  recognised_at timestamptz
);

create table warehouse.rev_entry (
  entry_id text not null,
  schedule_line_id text,
  account text not null,
  dr_cr text not null,
  amount numeric(24, 6) not null,
  currency text not null,
  functional_amount numeric(24, 6) not null,
  period text not null,
  entry_date date not null,
  posted_at timestamptz not null,
  journal_id text not null,
  source text not null,
  created_by text not null,
  approved_by text,
  reversal_of text
);

create table warehouse.gl_account (
  entity text not null,
  account text not null,
  name text not null,
  class text not null,
  control_type text not null
);

create table warehouse.gl_period (
  entity text not null,
  ledger text not null,
  period text not null,
  start date not null,
  "end" date not null,
  status text not null,
  soft_closed_at timestamptz,
  closed_at timestamptz,
  closed_by text,
  reopened_at timestamptz,
  reopened_by text
);

create table warehouse.gl_journal (
  journal_id text not null,
  journal_number text not null,
  entity text not null,
  ledger text not null,
  source text not null,
  category text not null,
  period text not null,
  effective_date date not null,
  posted_at timestamptz not null,
  created_by text not null,
  approved_by text,
  approved_at timestamptz,
  reversed_by text,
  description text
);

create table warehouse.gl_line (
  journal_id text not null,
  line_id bigint not null,
  account text not null,
  cost_center text,
  debit numeric(24, 6) not null,
  credit numeric(24, 6) not null,
  currency text not null,
  functional_debit numeric(24, 6) not null,
  functional_credit numeric(24, 6) not null,
  customer_ref text,
  doc_ref text
);

create table warehouse.gl_balance (
  entity text not null,
  ledger text not null,
  account text not null,
  period text not null,
  currency text not null,
  opening numeric(24, 6) not null,
  debit numeric(24, 6) not null,
  credit numeric(24, 6) not null,
  closing numeric(24, 6) not null
);

-- The monthly report of receivables by age, an open invoice a row.
create table warehouse.ar_ageing (
  entity text not null,
  as_of date not null,
  invoice_id text not null,
  customer_id text not null,
  currency text not null,
  due_on date not null,
  bucket text not null,
  amount numeric(24, 6) not null,
  reported_at timestamptz not null
);

-- The migration: the last invoices of the old system as frozen then, and what was loaded of them.
create table warehouse.legacy_invoice (
  legacy_invoice_id text not null,
  legal_entity text not null,
  customer_id text not null,
  currency text not null,
  period_start date not null,
  period_end date not null,
  issued_on date not null,
  amount numeric(24, 6) not null,
  open_amount numeric(24, 6) not null
);

create table warehouse.migrated_receivable (
  legacy_invoice_id text not null,
  legal_entity text not null,
  customer_id text not null,
  currency text not null,
  amount numeric(24, 6) not null,
  loaded_at timestamptz not null
);

create table warehouse.bank_txn (
  bank_account text not null,
  txn_id text not null,
  value_date date not null,
  booking_date date not null,
  amount numeric(24, 6) not null,
  currency text not null,
  reference text not null,
  counterparty text not null,
  statement_id text not null
);

create table warehouse.fx_rate (
  rate_type text not null,
  "from" text not null,
  "to" text not null,
  date date not null,
  rate numeric(24, 12) not null,
  source text not null
);

create table warehouse.hr_roster (
  hr_id text not null,
  name text not null,
  email text not null,
  title text not null,
  department text not null,
  manager_hr_id text,
  hired_on date not null,
  terminated_on date,
  status text not null
);

-- How far the loader has come: one row per load.
create table warehouse.load (
  loaded_through timestamptz not null,
  loaded_at timestamptz not null
);
