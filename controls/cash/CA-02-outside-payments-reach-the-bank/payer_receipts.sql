-- Receipts on the bank statements, but for those of the processor.
select
  b.bank_account,
  b.txn_id,
  b.bank_account || '/' || b.txn_id as line_id,
  b.amount,
  b.currency,
  b.value_date,
  coalesce(b.reference, 'no reference') as reference,
  coalesce(b.counterparty, 'an unknown payer') as counterparty
from books.bank_transactions b
where b.entity_id = :entity
  and b.amount > 0
  and upper(coalesce(b.counterparty, '')) not like :processor || '%'
  and upper(coalesce(b.reference, '')) not like :processor || '%'
  and b.value_date <= :as_of
