-- What each table of the books holds, in a sentence, for whoever writes a control: a column's name
-- alone does not say whose sign an amount has, or which of two dates counts. docs/books-columns.md is
-- written from these. They stand on the tables of versions, which are never made again, as views are.

comment on table books.app_entitlement_versions is
  'Which user of an application may do what in it: profiles, permission sets, roles.';
comment on table books.app_user_versions is
  'Logins of the applications that are read, and the person each belongs to.';
comment on table books.approval_versions is
  'What somebody asked to be approved, and what became of it.';
comment on table books.approval_step_versions is
  'Who decided what on the way of an approval.';
comment on table books.balance_transaction_versions is
  'Every movement of a Stripe balance, with Stripe''s sign: positive is money to us.';
comment on table books.balance_transaction_fee_versions is
  'What each fee of a balance transaction is made of.';
comment on table books.bank_transaction_versions is
  'Lines of bank statements; positive is money in.';
comment on table books.booking_change_versions is
  'Changes to deals, orders and contracts: the value before and after, when and by whom.';
comment on table books.config_change_versions is
  'Changes to the set-up of the applications that are read.';
comment on table books.contract_versions is 'Contracts of Salesforce.';
comment on table books.contract_line_versions is
  'Subscriptions of Salesforce CPQ: what a contract obliges us to deliver, and at which price.';
comment on table books.coupon_versions is 'Coupons of Stripe.';
comment on table books.credit_grant_versions is
  'Billing credits of Stripe: prepaid by a customer, or given.';
comment on table books.credit_grant_transaction_versions is
  'What was added to and taken from billing credits.';
comment on table books.credit_note_versions is
  'Credit notes; amounts are positive, and reduce what the invoice asks for.';
comment on table books.credit_note_line_versions is
  'Lines of credit notes; amounts are positive.';
comment on table books.customer_versions is
  'Customers as each system knows them: one row per system, joined by customer_links.';
comment on table books.customer_link_versions is
  'Which customers of two systems are the same, and what says so.';
comment on table books.customer_credit_transaction_versions is
  'Movements of the credit balance of customers (Stripe''s customer balance).';
comment on table books.discount_versions is
  'Which coupon reduces which customer, subscription, invoice or item, and how long.';
comment on table books.dispute_versions is 'Disputes of payments; amounts are positive.';
comment on table books.entitlement_versions is
  'Who may use what of the product, as the product itself has it.';
comment on table books.fx_rate_versions is 'Exchange rates by type and day.';
comment on table books.gl_account_versions is 'The chart of accounts.';
comment on table books.gl_balance_versions is
  'Balances of the ledger by account, currency and period.';
comment on table books.gl_journal_versions is 'Journals of the general ledger.';
comment on table books.gl_line_versions is 'Lines of journals.';
comment on table books.gl_period_versions is 'Accounting periods, and whether they are closed.';
comment on table books.interface_batch_versions is
  'Hand-offs from one system to another: sent = accepted + known already + rejected.';
comment on table books.invoice_versions is 'Invoices of Stripe, drafts and voided ones too.';
comment on table books.invoice_item_versions is
  'What waits for, or went into, an invoice beside subscriptions.';
comment on table books.invoice_line_versions is 'Lines of invoices.';
comment on table books.invoice_payment_versions is
  'Which payment was applied to which invoice, and how much of it.';
comment on table books.mapping_problem_versions is
  'Objects of a source that could not be mapped: while there is one, its tables are not whole.';
comment on table books.meter_versions is 'Billing meters of Stripe.';
comment on table books.opportunity_versions is 'Deals of Salesforce, open, won and lost.';
comment on table books.opportunity_line_versions is 'Products of deals.';
comment on table books.order_versions is 'Orders of Salesforce.';
comment on table books.order_line_versions is 'Lines of orders.';
comment on table books.payment_intent_versions is
  'Attempts to be paid. The money is in payments: never add the two.';
comment on table books.payment_versions is
  'Movements of money from customers: charges, and payments recorded outside Stripe.';
comment on table books.payout_versions is 'Payouts from Stripe to the bank.';
comment on table books.payout_balance_transaction_versions is
  'What an automatic payout is made of; a manual payout has no composition.';
comment on table books.performance_obligation_versions is
  'Performance obligations of the revenue subledger (ASC 606-10-25-14).';
comment on table books.person_versions is 'People of the company, as the personnel system has them.';
comment on table books.price_versions is 'Prices of Stripe and price-book entries of Salesforce.';
comment on table books.product_versions is 'Products of Stripe and Salesforce.';
comment on table books.quote_versions is 'Quotes of Salesforce CPQ.';
comment on table books.quote_line_versions is 'Lines of quotes.';
comment on table books.refund_versions is 'Refunds of payments; amounts are positive.';
comment on table books.revenue_contract_versions is
  'Contracts of the revenue subledger, with the transaction price (ASC 606-10-32).';
comment on table books.revenue_entry_versions is 'Entries of the revenue subledger.';
comment on table books.revenue_schedule_line_versions is
  'What is to be recognised of an obligation in a period, and whether it was.';
comment on table books.seat_day_versions is 'Seats of a workspace by day.';
comment on table books.subscription_versions is 'Subscriptions of Stripe.';
comment on table books.subscription_item_versions is 'What a subscription bills, item by item.';
comment on table books.subscription_schedule_phase_versions is
  'Phases of subscription schedules: what a subscription is going to be.';
comment on table books.usage_error_versions is
  'Usage events that a meter refused, counted by reason and time.';
comment on table books.usage_hour_versions is
  'Usage by customer, meter and hour, from the product''s own store.';
comment on table books.usage_summary_versions is
  'Usage as the billing meter counted it.';
comment on view books.changed_documents is
  'Documents that are final and of which a later version says another amount.';
comment on view books.hard_deletions is 'Objects that vanished from their source.';
comment on view books.latest_extracts is
  'What was landed as a whole, last: rows, totals, and whether its control total agreed.';
comment on view books.source_scopes is 'Accounts and orgs that are read, and the entities they hold.';
comment on view books.source_windows is
  'Each window of a source as its last read left it, with the source''s own total.';

comment on view books.control_runs is 'Runs that were recorded.';
comment on view books.control_versions is 'Versions of controls, and who approved them.';
comment on view books.planted_canaries is 'What scheduled runs planted, and whether it was found.';
comment on view books.control_exceptions is 'Exceptions of all controls, and when each is due.';
comment on view books.due_runs is 'Runs that the calendar asks for, and the first that did it.';
comment on view books.evidence_checks is
  'Every record of the log, and what is wrong with it; null: it holds.';

comment on column books.balance_transaction_versions.category is
  'Stripe''s reporting category: charge, refund, dispute, fee, payout, …';
comment on column books.balance_transaction_versions.posting_date is
  'Day in the book time zone on which it moved the balance.';
comment on column books.balance_transaction_versions.document_id is
  'What it came from: the id of a charge, a refund, a payout, …';
comment on column books.booking_change_versions.booking_kind is 'opportunity, order, contract, …';
comment on column books.booking_change_versions.detection is
  'How it was noticed: FIELD_HISTORY, STAGE_HISTORY, DELETE (the record is no longer given).';
comment on column books.contract_line_versions.net_price is 'For the whole term, as CPQ prices.';
comment on column books.customer_versions.system is 'stripe, salesforce, …';
comment on column books.customer_versions.credit_balance is
  'Positive when we owe the customer; Stripe writes it the other way round.';
comment on column books.customer_versions.currency is
  'The currency it is billed in; null before its first document.';
comment on column books.customer_versions.merged_into_id is
  'The customer that took its place in a merge.';
comment on column books.customer_link_versions.link_method is
  'EXPLICIT_ID (a field names the other), METADATA, MERGE.';
comment on column books.customer_credit_transaction_versions.delta_credit is
  'Positive when it makes what we owe the customer larger.';
comment on column books.order_versions.status is
  'Salesforce''s StatusCode: Activated, Draft, Canceled, Expired; status_label is the org''s own word.';
comment on column books.order_versions.activated_on is
  'Day of activation in the book time zone; null until it is activated.';
comment on column books.order_versions.is_reduction is
  'A reduction order; its amounts are negative.';
comment on column books.order_line_versions.unit_price_term is
  'For the whole term, as CPQ prices; unit_price_billing is for one billing period.';
comment on column books.opportunity_versions.order_after is
  'Its order may wait until this day; null where nothing was agreed.';
comment on column books.payment_versions.is_off_stripe is
  'Recorded in Stripe, paid outside of it: no cash passed through Stripe.';
comment on column books.payment_versions.marked_by is
  'Who recorded a payment as received outside Stripe.';
comment on column books.payout_versions.trace_id is 'What the bank shows as reference.';
comment on column books.price_versions.price_list is
  'The published list a price stands on; null for a price made for one customer.';
comment on column books.price_versions.tiers is 'Tiers in Stripe''s own form.';
comment on column books.subscription_versions.status is
  'Stripe''s: incomplete, incomplete_expired, trialing, active, past_due, canceled, unpaid, paused.';
comment on column books.subscription_versions.workspace is
  'The workspace of the product that is paid for (metadata).';
comment on column books.usage_error_versions.window_end_at is
  'When what was refused was sent again; null until then.';
comment on column books.usage_hour_versions.store_version is
  'Late events give an hour a later version, a row of its own.';
