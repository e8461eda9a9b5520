-- Money that came into the bank in the period, but for what the processor paid out: each names an
-- invoice or a purchase order, or is as much as somebody recorded as paid outside Stripe in those days,
-- of one payment or of all that one customer made on one day, or comes from the customer of a payment
-- that was recorded as a little more (fees, tax withheld).
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
named as materialized (
  select distinct w.bank_account, w.txn_id
  from words w
  join books.invoices i on replace(upper(i.number), '-', '') = w.word and i.entity_id = :entity
  union
  select distinct w.bank_account, w.txn_id
  from words w
  join books.orders o on replace(upper(o.po_number), '-', '') = w.word and o.entity_id = :entity
),
payouts as materialized (
  select distinct w.bank_account, w.txn_id
  from words w
  join books.payouts p on replace(upper(p.trace_id), '-', '') = w.word and p.entity_id = :entity
),
outside as (
  select m.customer_id, m.currency, m.posting_date, m.amount_captured as amount, '' as name
  from books.payments m
  where m.entity_id = :entity and m.is_off_stripe
  union all
  select m.customer_id, m.currency, m.posting_date, sum(m.amount_captured), ''
  from books.payments m
  where m.entity_id = :entity and m.is_off_stripe
  group by m.customer_id, m.currency, m.posting_date
  having count(*) > 1
  union all
  select distinct m.customer_id, m.currency, m.posting_date, m.amount_captured,
    replace(replace(replace(upper(i.customer_name), ' ', ''), '.', ''), ',', '')
  from books.payments m
  join books.invoices i on i.invoice_id = m.invoice_id
  where m.entity_id = :entity and m.is_off_stripe
),
recorded as materialized (
  select distinct r.bank_account, r.txn_id
  from receipts r
  join outside m
    on m.currency = r.currency
    and m.posting_date >= r.value_date - :days_around
    and m.posting_date <= r.value_date + :days_around
    and (
      m.amount = r.amount
      or (m.name <> '' and r.amount < m.amount and r.amount >= m.amount * 0.8
        and strpos(
          replace(replace(replace(upper(r.counterparty), ' ', ''), '.', ''), ',', ''), m.name
        ) > 0)
    )
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
