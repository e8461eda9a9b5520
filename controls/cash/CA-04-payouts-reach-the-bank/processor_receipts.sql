-- What the bank booked from the processor in the period, with the payout that it is; wires
-- of customers belong to CA-02. A receipt of a payout that arrived outside the period was, or is, in
-- transit.
with lines as (
  select
    b.bank_account,
    b.txn_id,
    coalesce(r.amount, b.amount) as amount,
    b.currency,
    b.value_date,
    b.reference,
    p.payout_id,
    p.amount = r.amount and p.currency = b.currency
      and (p.status = 'paid' or coalesce(f.posting_date > :as_of, false)) as is_whole,
    p.arrival_date
  from books.bank_transactions b
  left join populations.receipts_of_payouts r
    on r.bank_account = b.bank_account and r.txn_id = b.txn_id
  left join books.payouts p on p.payout_id = r.payout_id
  left join books.balance_transactions f
    on f.balance_transaction_id = p.failure_balance_transaction_id
  where b.entity_id = :entity
    and (
      upper(coalesce(b.counterparty, '')) like :processor || '%'
      or upper(coalesce(b.reference, '')) like :processor || '%'
      or p.payout_id is not null
    )
    and b.value_date >= :period_start
    and b.value_date < :period_end
    and b.value_date <= :as_of
)
select
  coalesce(payout_id, 'bank line ' || txn_id) as payout_id,
  bank_account,
  txn_id,
  amount,
  currency,
  value_date,
  coalesce(reference, 'no reference') as reference,
  case
    when is_whole and arrival_date < :period_start
      then 'Payouts in transit at the end of the last period'
    when is_whole and arrival_date >= :period_end
      then 'Payouts of the next period that the bank has already'
  end as reconciling,
  'bank:' || bank_account || ':' || txn_id as source_ref
from lines
