-- What each customer has in its credit balance when the period ends, and how much of that is older
-- than may be kept: what remains after all credit given since then is taken off. Negative: the
-- customer owes us, and receivables should say so, but for what was too small to charge: the next
-- invoice asks for it.
with moved as (
  select
    t.customer_id,
    t.currency,
    sum(t.delta_credit) as amount,
    coalesce(
      sum(t.delta_credit) filter (
        where t.delta_credit > 0 and t.created_on >= :period_end - :keep_days
      ),
      0
    ) as recent,
    coalesce(
      sum(0 - t.delta_credit) filter (where t.kind = 'invoice_too_small' and t.delta_credit < 0),
      0
    ) as carried,
    max(t.created_on) as last_moved_on,
    min(t.transaction_id) as first_transaction_id
  from books.customer_credit_transactions t
  where t.entity_id = :entity
    and t.created_on < :period_end
  group by t.customer_id, t.currency
),
owed as (
  -- Debts that moved to the balance and that receivables hold under the movement's own number.
  select t.customer_id, t.currency, sum(l.debit - l.credit) as amount
  from books.customer_credit_transactions t
  join books.gl_lines l on l.document_ref = t.transaction_id and l.currency = t.currency
  join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
  where t.entity_id = :entity
    and a.control_type = 'AR'
    and t.created_on < :period_end
  group by t.customer_id, t.currency
)
select
  m.customer_id,
  m.currency as balance_currency,
  m.amount,
  m.currency,
  greatest(m.amount - m.recent, 0) as aged,
  to_char(greatest(m.amount - m.recent, 0), 'FM999,999,999,999,990.009999') as aged_text,
  greatest(0 - m.amount, 0) as debt,
  to_char(abs(m.amount), 'FM999,999,999,999,990.009999') as size_text,
  m.amount < 0 and greatest(0 - m.amount, 0) > coalesce(o.amount, 0) + m.carried as is_debt_unknown,
  m.last_moved_on,
  coalesce(c.name, m.customer_id) as customer_name,
  'stripe:customer:' || m.customer_id as source_ref
from moved m
left join owed o on o.customer_id = m.customer_id and o.currency = m.currency
left join books.customers c on c.system = 'stripe' and c.customer_id = m.customer_id
where m.amount <> 0
