-- Payouts Stripe reports as paid, by their arrival date. One that came back after the as-of day was
-- paid on it. One that the bank booked after the cut-off is in transit at the end of the period:
-- explained, and shown under that name.
with receipts as (
  select r.payout_id, r.amount, b.currency, b.value_date
  from populations.receipts_of_payouts r
  join books.bank_transactions b on b.bank_account = r.bank_account and b.txn_id = r.txn_id
)
select
  p.payout_id,
  p.amount,
  p.currency,
  p.arrival_date,
  coalesce(p.trace_id, 'none') as trace_id,
  case
    when exists (
      select 1
      from receipts r
      where r.payout_id = p.payout_id
        and r.amount = p.amount
        and r.currency = p.currency
        and r.value_date >= :period_end
    ) then 'Payouts in transit at period end, in the bank since'
    when exists (
      select 1
      from receipts r
      where r.payout_id = p.payout_id
        and r.amount = p.amount
        and r.currency = p.currency
        and r.value_date < :period_start
    ) then 'Payouts in the bank before the period began'
  end as reconciling,
  'stripe:payout:' || p.payout_id as source_ref
from books.payouts p
left join books.balance_transactions f
  on f.balance_transaction_id = p.failure_balance_transaction_id
where p.entity_id = :entity
  and (p.status = 'paid' or f.posting_date > :as_of)
  and p.arrival_date >= :period_start
  and p.arrival_date < :period_end
  and p.arrival_date <= :as_of
