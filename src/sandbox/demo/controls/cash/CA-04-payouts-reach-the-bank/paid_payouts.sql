-- Payouts Stripe reports as paid, by their arrival date. One that the bank booked after the cut-off
-- is in transit at the end of the period: explained, and shown under that name.
select
  coalesce(p.trace_id, 'payout ' || p.payout_id) as trace_id,
  p.payout_id,
  p.amount,
  p.currency,
  p.arrival_date,
  case
    when exists (
      select 1
      from files.bank_statement b
      where b.trace_id = p.trace_id
        and b.amount = p.amount
        and b.currency = p.currency
        and b.value_date >= :period_end
        and b.value_date <= :as_of
    ) then 'Payouts in transit at period end, in the bank since'
  end as reconciling,
  'stripe:payout:' || p.payout_id as source_ref
from files.stripe_payouts p
where p.entity_id = :entity
  and p.status = 'paid'
  and p.arrival_date >= :period_start
  and p.arrival_date < :period_end
