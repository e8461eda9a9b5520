-- Money that Stripe captured in the period, less what was refunded, and what explains it: an invoice,
-- or a sale without one. A sale through Checkout has no invoice: its amount is a price on the list,
-- or the ledger has taken it out of unapplied cash. What came back, was refunded or was taken off its
-- invoice after the as-of day had not been so on it.
with applied as (
  select distinct p.payment_id
  from books.invoice_payments p
  where p.entity_id = :entity
    and (p.status <> 'canceled' or p.canceled_at >= :as_of + interval '1 day')
),
refunded_later as (
  select r.payment_id, sum(r.amount) as amount
  from books.refunds r
  where r.entity_id = :entity
    and r.posting_date > :as_of
    and r.status not in ('failed', 'canceled')
  group by r.payment_id
),
listed as (
  select distinct p.currency, p.unit_amount
  from books.prices p
  where p.entity_id = :entity
    and p.price_type = 'one_time'
    and p.is_active
    and p.unit_amount > 0
),
in_ledger as (
  -- What stands for a payment in accounts of unapplied cash and what is owed back.
  select
    l.document_ref,
    l.currency,
    sum(l.credit) as came,
    sum(l.credit - l.debit) as unapplied
  from books.gl_lines l
  join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
  join books.gl_journals j on j.journal_id = l.journal_id
  where l.entity_id = :entity
    and a.control_type = 'REFUND_LIAB'
    and j.effective_date <= :as_of
  group by l.document_ref, l.currency
)
select
  coalesce(m.payment_intent_id, m.payment_id) as payment_id,
  m.amount_captured - m.amount_refunded + coalesce(r.amount, 0) as amount,
  m.currency,
  m.posting_date,
  coalesce(c.name, m.customer_id, 'an unknown customer') as customer_name,
  coalesce(m.method, 'unknown') as method,
  not (
    a.payment_id is not null
    or b.payment_id is not null
    or m.invoice_id is not null
    or n.invoice_id is not null
    or listed.unit_amount is not null
    or coalesce(g.came > 0 and g.unapplied = 0, false)
  ) as is_unexplained,
  'stripe:charge:' || m.payment_id as source_ref
from books.payments m
left join books.payment_intents n on n.payment_intent_id = m.payment_intent_id
left join books.customers c on c.system = 'stripe' and c.customer_id = m.customer_id
left join applied a on a.payment_id = m.payment_intent_id
left join applied b on b.payment_id = m.payment_id
left join refunded_later r on r.payment_id = m.payment_id
left join books.balance_transactions f
  on f.balance_transaction_id = m.failure_balance_transaction_id
left join listed on listed.currency = m.currency and listed.unit_amount = m.amount_captured
left join in_ledger g
  on g.document_ref = coalesce(m.payment_intent_id, m.payment_id) and g.currency = m.currency
where m.entity_id = :entity
  and (m.status = 'succeeded' or f.posting_date > :as_of)
  and m.is_captured
  and not m.is_off_stripe
  and m.posting_date >= :period_start
  and m.posting_date < :period_end
