-- Money that came into the bank in the period, but for what the processor paid out: each names an
-- invoice, or is as much as somebody recorded as paid outside Stripe in those days.
with receipts as (
  select *
  from populations.payer_receipts
  where value_date >= :period_start and value_date < :period_end
),
words as (
  select r.bank_account, r.txn_id, w.word
  from receipts r
  join populations.receipt_words w on w.line_id = r.line_id
),
named as (
  select distinct w.bank_account, w.txn_id
  from words w
  join books.invoices i on upper(i.number) = w.word and i.entity_id = :entity
),
payouts as (
  select distinct w.bank_account, w.txn_id
  from words w
  join books.payouts p on p.trace_id = w.word and p.entity_id = :entity
),
recorded as (
  select distinct r.bank_account, r.txn_id
  from receipts r
  join books.payments m
    on m.entity_id = :entity
    and m.is_off_stripe
    and m.currency = r.currency
    and m.amount_captured = r.amount
    and m.posting_date >= r.value_date - :days_around
    and m.posting_date <= r.value_date + :days_around
)
select
  r.bank_account,
  r.txn_id,
  r.amount,
  r.currency,
  r.value_date,
  r.reference,
  r.counterparty,
  n.txn_id is null and k.txn_id is null as is_unidentified,
  'bank:' || r.bank_account || ':' || r.txn_id as source_ref
from receipts r
left join named n on n.bank_account = r.bank_account and n.txn_id = r.txn_id
left join recorded k on k.bank_account = r.bank_account and k.txn_id = r.txn_id
left join payouts p on p.bank_account = r.bank_account and p.txn_id = r.txn_id
where p.txn_id is null
