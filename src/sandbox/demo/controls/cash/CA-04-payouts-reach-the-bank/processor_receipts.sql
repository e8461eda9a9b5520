-- What the bank booked from the processor in the period; wires of customers belong to CA-02. A
-- receipt of a payout that arrived before the period was in transit when the period began.
select
  coalesce(b.trace_id, 'bank line ' || b.txn_id) as trace_id,
  b.bank_account,
  b.txn_id,
  b.amount,
  b.currency,
  b.value_date,
  coalesce(b.reference, 'no reference') as reference,
  case
    when exists (
      select 1
      from files.stripe_payouts p
      where p.trace_id = b.trace_id
        and p.amount = b.amount
        and p.currency = b.currency
        and p.status = 'paid'
        and p.arrival_date < :period_start
    ) then 'Payouts in transit at the end of the last period'
  end as reconciling,
  'bank:' || b.bank_account || ':' || b.txn_id as source_ref
from files.bank_statement b
where b.entity_id = :entity
  and b.counterparty = 'STRIPE'
  and b.value_date >= :period_start
  and b.value_date < :period_end
