-- Refunds of the period: the processor keeps its fee, so nothing of it may come back in the ledger.
with in_ledger as (
  select l.document_ref, l.currency, sum(l.credit - l.debit) as taken_back
  from books.gl_lines l
  join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
  where l.entity_id = :entity
    and a.control_type = 'FEES'
    and l.document_ref is not null
  group by l.document_ref, l.currency
),
-- The ledger may name a refund or its movement of the balance.
refund_names as (
  select b.balance_transaction_id, b.balance_transaction_id as document_ref
  from books.balance_transactions b
  where b.entity_id = :entity and b.category = 'refund'
  union
  select b.balance_transaction_id, b.document_id
  from books.balance_transactions b
  where b.entity_id = :entity and b.category = 'refund' and b.document_id is not null
),
by_refund as (
  select n.balance_transaction_id, g.currency, sum(g.taken_back) as taken_back
  from refund_names n
  join in_ledger g on g.document_ref = n.document_ref
  group by n.balance_transaction_id, g.currency
)
select
  b.balance_transaction_id as movement_id,
  abs(b.amount) as amount,
  b.currency,
  b.posting_date,
  coalesce(g.taken_back, 0) + b.fee as misbooked,
  to_char(abs(coalesce(g.taken_back, 0) + b.fee), 'FM999,999,999,999,990.009999')
    as misbooked_text,
  'stripe:balance_transaction:' || b.balance_transaction_id as source_ref
from books.balance_transactions b
left join by_refund g
  on g.balance_transaction_id = b.balance_transaction_id and g.currency = b.currency
where b.entity_id = :entity
  and b.category = 'refund'
  and b.posting_date >= :period_start
  and b.posting_date < :period_end
