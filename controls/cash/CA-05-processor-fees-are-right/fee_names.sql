-- By which name a movement of the balance with a fee may stand in the ledger: its own id, or that of the
-- charge or payment behind it.
select b.balance_transaction_id, b.balance_transaction_id as document_ref
from books.balance_transactions b
where b.entity_id = :entity
  and (b.fee <> 0 or b.type in ('stripe_fee', 'stripe_fx_fee', 'tax_fee'))
union
select min(b.balance_transaction_id) as balance_transaction_id, b.document_id as document_ref
from books.balance_transactions b
where b.entity_id = :entity
  and b.document_id is not null
  and (b.fee <> 0 or b.type in ('stripe_fee', 'stripe_fx_fee', 'tax_fee'))
group by b.document_id
having count(*) = 1
