-- Charges of the period that Stripe says succeeded and were captured: each moved its balance. Money
-- that came outside Stripe does not, and belongs to CA-02.
select
  m.payment_id,
  m.amount_captured as amount,
  m.currency,
  m.posting_date,
  coalesce(c.name, m.customer_id, 'an unknown customer') as customer_name,
  coalesce(m.method, 'unknown') as method,
  b.balance_transaction_id is null as has_no_movement,
  'stripe:charge:' || m.payment_id as source_ref
from books.payments m
left join books.balance_transactions b on b.balance_transaction_id = m.balance_transaction_id
left join books.customers c on c.system = 'stripe' and c.customer_id = m.customer_id
where m.entity_id = :entity
  and m.status = 'succeeded'
  and m.is_captured
  and not m.is_off_stripe
  and m.posting_date >= :period_start
  and m.posting_date < :period_end
