-- Receipts on the bank statements up to the day that is looked back from, but for those of the
-- processor (parameter of the control: how the bank names it, in capitals).
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
