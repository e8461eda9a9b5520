-- The rest of the canonical model (CONTROLS §2.1), in the pattern of 0002_books.sql: every version
-- in `<singular>_versions`, the current rows in a view that controls read by its plural name.
--
-- Decision: two more facts stand in every row. `source_account` says which Stripe account or
-- Salesforce org it came from ('' for files): product, price and coupon ids are chosen by people,
-- so that two accounts may use the same one. `raw_sha256` is the hash of the raw payload from which
-- this version was first derived, null for rows that came from a file. Kept by: the keys and rights
-- at the end of this file, test/db/books.spec.ts.
--
-- Columns that a source may not have are nullable; nothing is filled with a guess. Amounts are in
-- major units with the signs of CONTROLS §2.2: what a customer owes us is positive on documents,
-- credit notes, refunds and disputes are positive in tables of their own, a credit of the customer
-- is positive, and balance transactions keep the sign of Stripe.

-- Who: customers as each system knows them, and what says that two of them are the same.

create table books.customer_versions (
  customer_id text not null,
  entity_id text not null,
  system text not null, -- stripe | salesforce | subledger | …
  name text,
  country text,
  segment text,
  currency text,
  parent_id text,
  merged_into_id text,
  owner_id text,
  is_delinquent boolean,
  is_deleted boolean not null default false,
  tax_exempt text,
  credit_balance numeric(24, 6), -- positive: we owe the customer
  created_at timestamptz,
  created_on date,
  created_by text,
  modified_at timestamptz,
  modified_by text
);

create table books.customer_link_versions (
  from_system text not null,
  from_id text not null,
  to_system text not null,
  to_id text not null,
  link_method text not null, -- EXPLICIT_ID | METADATA | MERGE | MANUAL | FUZZY
  entity_id text not null,
  confidence numeric(4, 3),
  linked_by text,
  linked_at timestamptz,
  approved_by text,
  valid_from timestamptz,
  valid_to timestamptz
);

create table books.person_versions (
  person_id text not null,
  entity_id text not null,
  name text,
  email text,
  status text,
  hired_on date,
  terminated_on date
);

create table books.app_user_versions (
  app text not null,
  user_id text not null,
  entity_id text not null,
  person_id text,
  login text,
  is_active boolean,
  user_type text,
  profile_id text,
  role_id text,
  last_login_at timestamptz,
  created_at timestamptz
);

create table books.app_entitlement_versions (
  app text not null,
  user_id text not null,
  entitlement text not null,
  via text not null,
  entity_id text not null,
  granted_at timestamptz,
  granted_by text,
  expires_at timestamptz
);

create table books.config_change_versions (
  app text not null,
  change_id text not null,
  entity_id text not null,
  action text not null,
  object_ref text,
  before jsonb,
  after jsonb,
  actor_user_id text,
  delegate_user text,
  changed_at timestamptz not null,
  changed_on date not null,
  ticket_ref text
);

-- What is sold, and at which price.

create table books.product_versions (
  product_id text not null,
  entity_id text not null,
  code text,
  name text not null,
  family text,
  is_active boolean,
  is_deleted boolean not null default false,
  pob_type text,
  recognition_method text,
  revenue_account text,
  ssp numeric(24, 6),
  ssp_low numeric(24, 6),
  ssp_high numeric(24, 6),
  created_at timestamptz,
  modified_at timestamptz
);

create table books.price_versions (
  price_id text not null,
  entity_id text not null,
  product_id text,
  price_book_id text,
  currency text not null,
  unit_amount numeric(30, 12), -- null where tiers decide
  price_type text, -- one_time | recurring
  scheme text,
  tiers_mode text,
  tiers jsonb, -- amounts in major units, as text
  transform_divide_by numeric(38, 12),
  transform_round text,
  currency_options jsonb,
  billing_interval text,
  interval_count bigint,
  usage_type text,
  meter_id text,
  tax_behavior text,
  lookup_key text,
  nickname text,
  is_active boolean,
  is_deleted boolean not null default false,
  order_line_id text, -- made for one order line by the CPQ connector (CONTROLS S30)
  created_at timestamptz,
  modified_at timestamptz
);

create table books.coupon_versions (
  coupon_id text not null,
  entity_id text not null,
  name text,
  percent_off numeric(9, 6),
  amount_off numeric(24, 6),
  currency text,
  duration text not null,
  duration_in_months bigint,
  redeem_by_at timestamptz,
  max_redemptions bigint,
  times_redeemed bigint,
  is_valid boolean,
  created_at timestamptz
);

create table books.discount_versions (
  discount_id text not null,
  entity_id text not null,
  coupon_id text,
  promotion_code_id text,
  customer_id text,
  subscription_id text,
  subscription_item_id text,
  invoice_id text,
  invoice_item_id text,
  start_at timestamptz,
  start_on date,
  end_at timestamptz,
  end_on date
);

-- Bookings.

create table books.opportunity_line_versions (
  opportunity_line_id text not null,
  opportunity_id text not null,
  entity_id text not null,
  product_id text,
  product_code text,
  price_book_entry_id text,
  description text,
  currency text not null,
  quantity numeric(38, 12),
  unit_price numeric(30, 12),
  list_price numeric(30, 12),
  discount_pct numeric(9, 6),
  subtotal numeric(24, 6),
  total_amount numeric(24, 6) not null,
  service_date date,
  is_deleted boolean not null default false,
  created_at timestamptz,
  created_by text,
  modified_at timestamptz,
  modified_by text
);

create table books.quote_versions (
  quote_id text not null,
  entity_id text not null,
  opportunity_id text,
  customer_id text,
  contract_id text,
  quote_type text,
  status text not null,
  approval_status text,
  is_primary boolean,
  is_ordered boolean,
  currency text not null,
  list_amount numeric(24, 6),
  net_amount numeric(24, 6),
  discount_pct numeric(9, 6),
  start_date date,
  end_date date,
  term_months numeric(9, 3),
  payment_terms text,
  billing_frequency text,
  is_deleted boolean not null default false,
  created_at timestamptz,
  created_by text,
  modified_at timestamptz,
  modified_by text
);

create table books.quote_line_versions (
  quote_line_id text not null,
  quote_id text not null,
  entity_id text not null,
  product_id text,
  product_code text,
  currency text not null,
  quantity numeric(38, 12),
  prior_quantity numeric(38, 12),
  effective_quantity numeric(38, 12),
  list_price numeric(30, 12),
  regular_price numeric(30, 12),
  customer_price numeric(30, 12),
  net_price numeric(30, 12),
  special_price numeric(30, 12),
  net_total numeric(24, 6),
  discount_pct numeric(9, 6),
  additional_discount numeric(24, 6),
  prorate_multiplier numeric(18, 9),
  charge_type text,
  billing_frequency text,
  billing_type text,
  subscription_pricing text,
  upgraded_subscription_id text,
  is_existing boolean,
  segment_index bigint,
  start_date date,
  end_date date,
  is_deleted boolean not null default false,
  created_at timestamptz,
  modified_at timestamptz
);

create table books.order_line_versions (
  order_line_id text not null,
  order_id text not null,
  entity_id text not null,
  number text,
  product_id text,
  product_code text,
  price_book_entry_id text,
  quote_line_id text,
  original_order_line_id text,
  description text,
  charge_type text, -- ONE_TIME | RECURRING | USAGE
  currency text not null,
  quantity numeric(38, 12) not null, -- a reduction order takes away: negative
  available_quantity numeric(38, 12),
  unit_price_term numeric(30, 12), -- of the whole term (CPQ)
  prorate_multiplier numeric(18, 9),
  unit_price_billing numeric(30, 12), -- of one billing unit
  list_price_billing numeric(30, 12),
  discount_pct numeric(9, 6),
  total_amount numeric(24, 6) not null,
  start_date date,
  end_date date,
  billing_frequency text,
  billing_type text,
  contract_action text,
  commit_amount numeric(24, 6),
  overage_price numeric(30, 12),
  segment_index bigint,
  is_delta boolean not null default false,
  is_deleted boolean not null default false,
  created_at timestamptz,
  created_by text,
  modified_at timestamptz,
  modified_by text
);

create table books.contract_versions (
  contract_id text not null,
  entity_id text not null,
  number text,
  customer_id text,
  opportunity_id text,
  status text not null, -- StatusCode
  status_label text,
  currency text,
  start_date date,
  end_date date,
  term_months numeric(9, 3),
  activated_at timestamptz,
  activated_on date,
  activated_by text,
  customer_signed_date date,
  company_signed_date date,
  is_deleted boolean not null default false,
  created_at timestamptz,
  created_by text,
  modified_at timestamptz,
  modified_by text
);

create table books.contract_line_versions (
  contract_line_id text not null,
  contract_id text,
  entity_id text not null,
  customer_id text,
  product_id text,
  quote_line_id text,
  revises_line_id text, -- deltas chained: sum the chain, never dedupe by product
  currency text not null,
  quantity numeric(38, 12) not null,
  net_price numeric(30, 12),
  list_price numeric(30, 12),
  prorate_multiplier numeric(18, 9),
  start_date date,
  end_date date,
  terminated_date date,
  is_deleted boolean not null default false,
  created_at timestamptz,
  modified_at timestamptz
);

create table books.booking_change_versions (
  change_id text not null,
  entity_id text not null,
  booking_kind text not null, -- opportunity | order | order_line | contract | …
  booking_id text not null,
  booking_line_id text,
  field text not null,
  old_value text,
  new_value text,
  changed_at timestamptz not null,
  changed_on date not null,
  changed_by text,
  detection text not null -- FIELD_HISTORY | STAGE_HISTORY | SNAPSHOT_DIFF | DELETE
);

create table books.approval_versions (
  approval_id text not null,
  entity_id text not null,
  app text not null,
  target_kind text,
  target_id text not null,
  rule text,
  requested_by text,
  requested_at timestamptz,
  requested_on date,
  decided_by text,
  decided_at timestamptz,
  decided_on date,
  decision text not null,
  approved_values jsonb,
  values_sha256 text
);

create table books.approval_step_versions (
  approval_step_id text not null,
  approval_id text not null,
  entity_id text not null,
  decision text not null,
  decided_by text,
  original_approver text, -- differs from decided_by: delegated or reassigned
  decided_at timestamptz,
  decided_on date,
  comments text
);

-- Billing.

create table books.subscription_versions (
  subscription_id text not null,
  entity_id text not null,
  customer_id text not null,
  status text not null,
  billing_mode text,
  collection_method text,
  currency text not null,
  created_at timestamptz not null,
  start_at timestamptz not null,
  start_on date not null,
  ended_at timestamptz,
  ended_on date,
  canceled_at timestamptz,
  cancel_at timestamptz,
  cancel_at_period_end boolean,
  trial_start_at timestamptz,
  trial_end_at timestamptz,
  is_paused boolean not null,
  pause_behavior text,
  pause_resumes_at timestamptz,
  anchor_at timestamptz,
  days_until_due bigint,
  schedule_id text,
  latest_invoice_id text,
  order_id text
);

create table books.subscription_item_versions (
  subscription_item_id text not null,
  subscription_id text not null,
  entity_id text not null,
  price_id text not null,
  product_id text,
  quantity numeric(38, 12), -- null for metered prices
  usage_type text,
  period_start_at timestamptz,
  period_end_at timestamptz,
  billed_until_at timestamptz,
  created_at timestamptz,
  order_line_id text
);

create table books.subscription_schedule_phase_versions (
  schedule_id text not null,
  phase_no bigint not null, -- from 1
  entity_id text not null,
  subscription_id text,
  customer_id text,
  status text not null, -- of the schedule
  end_behavior text,
  currency text,
  start_at timestamptz not null,
  end_at timestamptz not null,
  trial_end_at timestamptz,
  proration_behavior text,
  items jsonb not null, -- [{price, quantity}]
  order_id text
);

create table books.invoice_item_versions (
  invoice_item_id text not null,
  entity_id text not null,
  customer_id text not null,
  invoice_id text, -- null: pending, not billed yet
  subscription_id text,
  subscription_item_id text,
  price_id text,
  product_id text,
  description text,
  currency text not null,
  amount numeric(24, 6) not null,
  quantity numeric(38, 12),
  unit_amount numeric(30, 12),
  is_proration boolean not null,
  is_discountable boolean,
  dated_at timestamptz not null,
  dated_on date not null,
  period_start_at timestamptz,
  period_end_at timestamptz,
  service_start date,
  service_end_excl date,
  order_line_id text
);

create table books.credit_note_versions (
  credit_note_id text not null,
  entity_id text not null,
  number text,
  invoice_id text not null,
  customer_id text,
  status text not null, -- issued | void
  credit_type text,
  reason text,
  currency text not null,
  amount numeric(24, 6) not null,
  subtotal numeric(24, 6),
  discount_total numeric(24, 6) not null,
  amount_ex_tax numeric(24, 6),
  tax numeric(24, 6) not null,
  pre_payment numeric(24, 6),
  post_payment numeric(24, 6),
  refunded numeric(24, 6) not null,
  to_balance numeric(24, 6),
  out_of_band numeric(24, 6) not null,
  customer_credit_transaction_id text,
  created_at timestamptz not null,
  created_on date not null,
  effective_at timestamptz,
  effective_date date not null,
  voided_at timestamptz,
  voided_on date,
  requested_by text,
  approval_id text
);

create table books.credit_note_line_versions (
  credit_note_line_id text not null,
  credit_note_id text not null,
  entity_id text not null,
  invoice_line_id text,
  line_type text,
  description text,
  currency text not null,
  amount numeric(24, 6) not null,
  discount numeric(24, 6) not null,
  tax_excl numeric(24, 6) not null,
  tax_incl numeric(24, 6) not null,
  quantity numeric(38, 12),
  unit_amount numeric(30, 12)
);

-- Cash and credit. A payment is a movement of money (a charge, or one recorded outside Stripe); a
-- payment intent is the attempt that leads to it. Never add the two.

create table books.payment_intent_versions (
  payment_intent_id text not null,
  entity_id text not null,
  customer_id text,
  currency text not null,
  amount numeric(24, 6) not null,
  amount_received numeric(24, 6) not null,
  status text not null,
  latest_payment_id text,
  invoice_id text, -- before API 2025-03-31 only; since then books.invoice_payments
  created_at timestamptz not null,
  created_on date not null,
  canceled_at timestamptz,
  cancellation_reason text
);

create table books.payment_versions (
  payment_id text not null,
  entity_id text not null,
  payment_intent_id text,
  customer_id text,
  invoice_id text, -- before API 2025-03-31 only; since then books.invoice_payments
  method text,
  currency text not null,
  amount numeric(24, 6) not null,
  amount_captured numeric(24, 6) not null,
  amount_refunded numeric(24, 6) not null,
  status text not null,
  is_paid boolean not null,
  is_captured boolean not null,
  is_refunded boolean not null,
  is_disputed boolean not null,
  is_off_stripe boolean not null,
  failure_code text,
  created_at timestamptz not null,
  posting_date date not null,
  failed_at timestamptz,
  balance_transaction_id text,
  failure_balance_transaction_id text,
  bank_txn_id text
);

create table books.refund_versions (
  refund_id text not null,
  entity_id text not null,
  payment_id text,
  payment_intent_id text,
  currency text not null,
  amount numeric(24, 6) not null,
  status text not null,
  reason text,
  failure_reason text,
  created_at timestamptz not null,
  posting_date date not null,
  balance_transaction_id text,
  failure_balance_transaction_id text,
  requested_by text,
  approval_id text
);

create table books.dispute_versions (
  dispute_id text not null,
  entity_id text not null,
  payment_id text not null,
  payment_intent_id text,
  currency text not null,
  amount numeric(24, 6) not null,
  status text not null,
  reason text not null,
  is_charge_refundable boolean,
  created_at timestamptz not null,
  created_on date not null,
  due_by_at timestamptz,
  closed_at timestamptz,
  withdrawal_balance_transaction_id text,
  reinstatement_balance_transaction_id text
);

create table books.customer_credit_transaction_versions (
  transaction_id text not null,
  entity_id text not null,
  customer_id text not null,
  kind text not null,
  currency text not null,
  delta_credit numeric(24, 6) not null, -- positive: the customer is owed more
  credit_after numeric(24, 6) not null,
  invoice_id text,
  credit_note_id text,
  description text,
  created_at timestamptz not null,
  created_on date not null
);

create table books.credit_grant_versions (
  grant_id text not null,
  entity_id text not null,
  customer_id text not null,
  name text,
  category text not null, -- paid | promotional
  currency text not null,
  amount numeric(24, 6) not null,
  effective_at timestamptz,
  effective_on date,
  expires_at timestamptz,
  expires_on date,
  voided_at timestamptz,
  priority bigint,
  applicability jsonb,
  created_at timestamptz not null,
  purchase_invoice_id text
);

create table books.credit_grant_transaction_versions (
  transaction_id text not null,
  grant_id text not null,
  entity_id text not null,
  kind text not null, -- credit kinds and debit kinds as Stripe names them
  direction text not null, -- credit | debit
  currency text not null,
  amount numeric(24, 6) not null, -- positive; direction says which way
  invoice_id text,
  invoice_line_id text,
  effective_at timestamptz not null,
  effective_on date not null,
  created_at timestamptz not null
);

create table books.balance_transaction_versions (
  balance_transaction_id text not null,
  entity_id text not null,
  type text not null,
  category text not null,
  balance_type text,
  status text not null,
  currency text not null,
  amount numeric(24, 6) not null,
  fee numeric(24, 6) not null,
  net numeric(24, 6) not null,
  exchange_rate numeric(24, 12),
  document_id text, -- what caused it: a charge, refund, payout, …
  description text,
  created_at timestamptz not null,
  posting_date date not null,
  available_at timestamptz not null,
  available_on date not null
);

create table books.balance_transaction_fee_versions (
  balance_transaction_id text not null,
  fee_no bigint not null, -- from 1
  entity_id text not null,
  fee_type text not null,
  currency text not null,
  amount numeric(24, 6) not null,
  application text,
  description text
);

-- What an automatic payout is made of, as Stripe lists it; manual payouts have no composition.
create table books.payout_balance_transaction_versions (
  payout_id text not null,
  balance_transaction_id text not null,
  entity_id text not null,
  currency text not null,
  net numeric(24, 6) not null
);

-- Usage: hourly from the product's own store, summaries from the billing meter.

create table books.meter_versions (
  meter_id text not null,
  entity_id text not null,
  event_name text not null,
  display_name text,
  formula text not null,
  customer_payload_key text,
  value_payload_key text,
  event_time_window text,
  status text not null,
  unit text,
  created_at timestamptz,
  modified_at timestamptz
);

create table books.usage_hour_versions (
  customer_id text not null,
  meter_key text not null,
  hour_at timestamptz not null,
  store_version bigint not null,
  entity_id text not null,
  quantity numeric(38, 12) not null,
  event_count bigint,
  first_event_at timestamptz,
  last_event_at timestamptz,
  ingested_at_max timestamptz
);

create table books.usage_summary_versions (
  customer_id text not null,
  meter_id text not null,
  start_at timestamptz not null,
  end_at timestamptz not null,
  entity_id text not null,
  quantity numeric(38, 12) not null
);

create table books.usage_error_versions (
  error_id text not null,
  entity_id text not null,
  meter_key text,
  code text not null,
  error_count bigint not null,
  window_start_at timestamptz,
  window_end_at timestamptz,
  sample jsonb
);

create table books.seat_day_versions (
  customer_id text not null,
  workspace text not null,
  day_on date not null, -- a UTC day, as the store counts
  entity_id text not null,
  seats_assigned bigint not null,
  seats_active bigint,
  plan text
);

-- Revenue subledger, ledger and rates.

create table books.revenue_contract_versions (
  revenue_contract_id text not null,
  entity_id text not null,
  customer_id text,
  order_id text,
  opportunity_id text,
  currency text not null,
  transaction_price numeric(24, 6) not null,
  variable_consideration numeric(24, 6),
  contract_date date not null,
  modification_of text,
  modification_type text,
  status text not null
);

create table books.performance_obligation_versions (
  performance_obligation_id text not null,
  revenue_contract_id text not null,
  entity_id text not null,
  product_code text,
  currency text,
  ssp numeric(24, 6),
  allocated_price numeric(24, 6) not null,
  method text not null,
  service_start date,
  service_end_excl date,
  quantity numeric(38, 12)
);

create table books.revenue_schedule_line_versions (
  schedule_line_id text not null,
  performance_obligation_id text not null,
  entity_id text not null,
  invoice_line_id text,
  period text not null,
  start_date date not null,
  end_date_excl date not null,
  currency text not null,
  amount numeric(24, 6) not null,
  functional_amount numeric(24, 6),
  fx_rate numeric(24, 12),
  status text not null,
  recognised_at timestamptz
);

create table books.revenue_entry_versions (
  entry_id text not null,
  schedule_line_id text,
  entity_id text not null,
  account text not null,
  dr_cr text not null,
  currency text not null,
  amount numeric(24, 6) not null,
  functional_amount numeric(24, 6),
  period text not null,
  entry_date date not null,
  posted_at timestamptz,
  journal_id text,
  origin text not null, -- AUTO | MANUAL
  created_by text,
  approved_by text,
  reversal_of text
);

create table books.gl_account_versions (
  account text not null,
  entity_id text not null,
  name text not null,
  class text not null,
  control_type text
);

create table books.gl_journal_versions (
  journal_id text not null,
  entity_id text not null,
  number text,
  ledger text not null,
  origin text not null, -- the journal's own source
  category text,
  period text not null,
  effective_date date not null,
  created_at timestamptz,
  posted_at timestamptz,
  posted_on date,
  created_by text,
  approved_by text,
  approved_at timestamptz,
  reversed_by text,
  reversal_of text,
  description text
);

create table books.gl_line_versions (
  journal_id text not null,
  line_no bigint not null,
  entity_id text not null,
  account text not null,
  cost_center text,
  currency text not null,
  debit numeric(24, 6) not null,
  credit numeric(24, 6) not null,
  functional_debit numeric(24, 6),
  functional_credit numeric(24, 6),
  customer_ref text,
  document_ref text
);

create table books.gl_balance_versions (
  entity_id text not null,
  ledger text not null,
  account text not null,
  currency text not null,
  period text not null,
  opening numeric(24, 6) not null,
  debit numeric(24, 6) not null,
  credit numeric(24, 6) not null,
  closing numeric(24, 6) not null
);

create table books.gl_period_versions (
  entity_id text not null,
  ledger text not null,
  period text not null,
  start_date date not null,
  end_date_excl date not null,
  status text not null, -- FUTURE | OPEN | SOFT_CLOSED | CLOSED | REOPENED
  soft_closed_at timestamptz,
  closed_at timestamptz,
  closed_by text,
  reopened_at timestamptz,
  reopened_by text
);

create table books.fx_rate_versions (
  rate_type text not null,
  from_currency text not null,
  to_currency text not null,
  rate_date date not null,
  rate numeric(24, 12) not null,
  end_date_excl date
);

-- Objects of a source that could not be mapped: what is wrong, until it maps again. While there is
-- one, the tables named in it are not whole, and a control that reads them is not evaluated.
create table books.mapping_problem_versions (
  object text not null,
  object_id text not null,
  entity_id text not null,
  field text not null,
  code text not null,
  message text not null,
  tables text[] not null
);

-- What tables of 0002_books.sql lacked. A deal may have no account yet.

alter table books.opportunity_versions
  alter column customer_id drop not null,
  alter column customer_name drop not null,
  add column opportunity_type text,
  add column probability numeric(9, 6),
  add column contract_id text,
  add column quote_id text,
  add column price_book_id text,
  add column has_lines boolean,
  add column owner_id text,
  add column stage_changed_at timestamptz,
  add column created_at timestamptz,
  add column created_by text,
  add column modified_at timestamptz,
  add column modified_by text;

alter table books.order_versions
  add column status_label text,
  add column order_type text,
  add column quote_id text,
  add column original_order_id text,
  add column is_reduction boolean not null default false,
  add column subscription_id text, -- in billing, where the order names it
  add column payment_terms text,
  add column list_amount numeric(24, 6),
  add column discount_pct numeric(9, 6),
  add column owner_id text,
  add column activated_by text,
  add column created_at timestamptz,
  add column created_by text,
  add column modified_at timestamptz,
  add column modified_by text;

alter table books.invoice_versions
  -- Not told by every answer; the rows of invoice_payments tell it.
  alter column amount_paid_oob drop not null,
  add column effective_at timestamptz,
  add column due_on date,
  add column paid_on date,
  add column voided_on date,
  add column uncollectible_on date,
  add column created_on date,
  add column period_start_at timestamptz, -- picks up invoice items; not the service period
  add column period_end_at timestamptz,
  add column next_attempt_at timestamptz,
  add column finalizes_at timestamptz,
  add column finalization_error_code text,
  add column auto_advance boolean,
  add column shipping_total numeric(24, 6),
  add column schedule_id text,
  add column quote_id text,
  add column revises_invoice_id text,
  add column revised_by_invoice_id text;

alter table books.invoice_line_versions
  add column line_no bigint,
  add column price_id text,
  add column product_id text,
  add column usage_type text,
  add column meter_id text,
  add column subscription_id text,
  add column subscription_item_id text,
  add column invoice_item_id text,
  add column order_line_id text,
  add column is_proration boolean,
  add column is_discountable boolean,
  add column revenue_base numeric(24, 6), -- amount − discount − inclusive tax
  add column period_start_at timestamptz,
  add column period_end_at timestamptz,
  add column credits_line_ids text[];

alter table books.invoice_payment_versions
  add column created_at timestamptz,
  add column canceled_at timestamptz;

alter table books.payout_versions
  add column method text,
  add column destination_id text,
  add column statement_descriptor text,
  add column balance_transaction_id text,
  add column failure_balance_transaction_id text,
  add column original_payout_id text,
  add column reversed_by_id text,
  add column failure_code text;

-- As at the end of 0002_books.sql, but for the digits of hashes: landing writes them, and looking at
-- each costs a third of its time. A table whose rows may come several from one object of the
-- source is found by that object, too.
do $$
declare
  item record;
  business text;
  provenance constant text[] := array['source', 'source_object', 'source_id', 'extract_id',
    'payload_sha256', 'sys_from', 'sys_to', 'source_account', 'raw_sha256'];
begin
  for item in
    select * from (values
      ('customers', 'customer_versions', 'customer_id', false),
      ('customer_links', 'customer_link_versions',
        'from_system, from_id, to_system, to_id, link_method', true),
      ('people', 'person_versions', 'person_id', false),
      ('app_users', 'app_user_versions', 'app, user_id', true),
      ('app_entitlements', 'app_entitlement_versions', 'app, user_id, entitlement, via', true),
      ('config_changes', 'config_change_versions', 'app, change_id', true),
      ('products', 'product_versions', 'source_account, product_id', false),
      ('prices', 'price_versions', 'source_account, price_id', false),
      ('coupons', 'coupon_versions', 'source_account, coupon_id', false),
      ('discounts', 'discount_versions', 'discount_id', true),
      ('opportunities', 'opportunity_versions', 'opportunity_id', false),
      ('opportunity_lines', 'opportunity_line_versions', 'opportunity_line_id', false),
      ('quotes', 'quote_versions', 'quote_id', false),
      ('quote_lines', 'quote_line_versions', 'quote_line_id', false),
      ('orders', 'order_versions', 'order_id', false),
      ('order_lines', 'order_line_versions', 'order_line_id', false),
      ('contracts', 'contract_versions', 'contract_id', false),
      ('contract_lines', 'contract_line_versions', 'contract_line_id', false),
      ('booking_changes', 'booking_change_versions', 'change_id', true),
      ('approvals', 'approval_versions', 'approval_id', false),
      ('approval_steps', 'approval_step_versions', 'approval_step_id', false),
      ('subscriptions', 'subscription_versions', 'subscription_id', false),
      ('subscription_items', 'subscription_item_versions', 'subscription_item_id', true),
      ('subscription_schedule_phases', 'subscription_schedule_phase_versions',
        'schedule_id, phase_no', true),
      ('invoices', 'invoice_versions', 'invoice_id', false),
      ('invoice_lines', 'invoice_line_versions', 'invoice_line_id', true),
      ('invoice_items', 'invoice_item_versions', 'invoice_item_id', false),
      ('invoice_payments', 'invoice_payment_versions', 'invoice_payment_id', true),
      ('payment_intents', 'payment_intent_versions', 'payment_intent_id', false),
      ('payments', 'payment_versions', 'payment_id', false),
      ('refunds', 'refund_versions', 'refund_id', false),
      ('credit_notes', 'credit_note_versions', 'credit_note_id', false),
      ('credit_note_lines', 'credit_note_line_versions', 'credit_note_line_id', true),
      ('disputes', 'dispute_versions', 'dispute_id', false),
      ('customer_credit_transactions', 'customer_credit_transaction_versions',
        'transaction_id', false),
      ('credit_grants', 'credit_grant_versions', 'grant_id', false),
      ('credit_grant_transactions', 'credit_grant_transaction_versions', 'transaction_id', false),
      ('balance_transactions', 'balance_transaction_versions', 'balance_transaction_id', false),
      ('balance_transaction_fees', 'balance_transaction_fee_versions',
        'balance_transaction_id, fee_no', true),
      ('payouts', 'payout_versions', 'payout_id', false),
      ('payout_balance_transactions', 'payout_balance_transaction_versions',
        'payout_id, balance_transaction_id', true),
      ('bank_transactions', 'bank_transaction_versions', 'bank_account, txn_id', true),
      ('meters', 'meter_versions', 'meter_id', false),
      ('usage_hours', 'usage_hour_versions',
        'customer_id, meter_key, hour_at, store_version', true),
      ('usage_summaries', 'usage_summary_versions', 'customer_id, meter_id, start_at, end_at', true),
      ('usage_errors', 'usage_error_versions', 'error_id', true),
      ('seat_days', 'seat_day_versions', 'customer_id, workspace, day_on', true),
      ('revenue_contracts', 'revenue_contract_versions', 'revenue_contract_id', false),
      ('performance_obligations', 'performance_obligation_versions',
        'performance_obligation_id', false),
      ('revenue_schedule_lines', 'revenue_schedule_line_versions', 'schedule_line_id', false),
      ('revenue_entries', 'revenue_entry_versions', 'entry_id', false),
      ('gl_accounts', 'gl_account_versions', 'entity_id, account', true),
      ('gl_journals', 'gl_journal_versions', 'journal_id', false),
      ('gl_lines', 'gl_line_versions', 'journal_id, line_no', true),
      ('gl_balances', 'gl_balance_versions',
        'entity_id, ledger, account, currency, period', true),
      ('gl_periods', 'gl_period_versions', 'entity_id, ledger, period', true),
      ('fx_rates', 'fx_rate_versions', 'rate_type, from_currency, to_currency, rate_date', true),
      ('mapping_problems', 'mapping_problem_versions',
        'source_account, object, object_id', true)
    ) as t (name, versions, key, has_several)
  loop
    if to_regclass('books.' || item.name) is not null then
      execute format('drop view books.%I', item.name);
      execute format('drop table tieout.%I', 'staged_' || item.name);
      execute format('alter table books.%I
        drop constraint %I,
        add check (length(payload_sha256) = 64),
        add column source_account text not null default %L,
        add column raw_sha256 text', item.versions, item.versions || '_payload_sha256_check', '');
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
      if exists (select from pg_attribute where attrelid = format('books.%I', item.versions)::regclass
          and attname = 'currency') then
        execute format('alter table books.%I
          add check (length(currency) = 3 and translate(currency, %L, '''') = '''')',
          item.versions, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ');
      end if;
      execute format('create unique index %I on books.%I (%s) where sys_to = %L',
        item.name || '_current', item.versions, item.key, 'infinity');
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
    if item.has_several then
      execute format('create index %I on books.%I (source_id) where sys_to = %L',
        item.name || '_of_object', item.versions, 'infinity');
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

-- Which objects of a source a batch of staged rows stands for: their rows, and no others, end when
-- they are not staged again.
create unlogged table tieout.staged_objects (
  object_id text not null
);
grant select, insert, truncate on tieout.staged_objects to tieout_app;

-- The last instant at which rows of a table became current: versions of one table follow each other
-- even when a clock stands still, and whoever lands in a table holds its row.
create table tieout.last_landings (
  table_name text primary key,
  landed_at timestamptz not null
);
insert into tieout.last_landings
  select table_name, max(landed_at) from books.extracts group by table_name;
grant select, insert, update on tieout.last_landings to tieout_app;

-- What is landed no longer comes from files alone: the hash is of the content as it was staged.
comment on column books.extracts.file_sha256 is
  'SHA-256 of the file; of the staged rows where there is no file';
alter table books.extracts add column account text not null default '';
