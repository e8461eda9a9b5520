-- Movements of customers' credit balances in the period (Stripe), positive when we owe more, under
-- the document by which the ledger knows them: the movement itself where the ledger names it, else
-- the invoice or credit note behind it.
with named as (
  select distinct l.document_ref
  from books.gl_lines l
  where l.entity_id = :entity
    and l.document_ref is not null
)
select
  case
    when n.document_ref is not null then t.transaction_id
    when w.currency is not null then 'all credit'
    else coalesce(t.credit_note_id, t.invoice_id, t.transaction_id)
  end as document,
  t.delta_credit as amount,
  t.currency,
  t.created_on,
  replace(t.kind, '_', ' ') as kind,
  coalesce(c.name, t.customer_id) as customer_name,
  'stripe:customer_balance_transaction:' || t.transaction_id as source_ref
from books.customer_credit_transactions t
left join named n on n.document_ref = t.transaction_id
left join populations.credit_without_names w on w.currency = t.currency
left join books.customers c on c.system = 'stripe' and c.customer_id = t.customer_id
where t.entity_id = :entity
  and t.delta_credit <> 0
  and t.created_on >= :period_start
  and t.created_on < :period_end
