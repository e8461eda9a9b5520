-- Leg C. Stripe's balance per currency: what it was when the period began, what moved, what was paid
-- out and what came back, against what the movements leave at its end. Movements count on the day
-- they were made, automatic payouts on the day they arrive, as in Stripe's balance report. What was
-- paid out is taken from the payouts themselves, what is left from the movements: a payout without
-- its movement, or a movement without its payout, keeps the two apart.
with movements as (
  select
    b.currency,
    b.net,
    b.type like 'payout%' and b.type not like 'payout_minimum%' as is_payout,
    case when b.type = 'payout' and p.automatic then p.arrival_date else b.posting_date end
      as counts_on
  from books.balance_transactions b
  left join books.payouts p on p.payout_id = b.document_id
  where b.entity_id = :entity
),
rolled as (
  select
    m.currency,
    sum(m.net) filter (where m.counts_on < :period_start) as opening,
    sum(m.net) filter (where m.counts_on >= :period_start and not m.is_payout) as activity,
    sum(m.net) as closing
  from movements m
  where m.counts_on < :period_end
  group by m.currency
),
sent as (
  select
    p.currency,
    sum(p.amount) filter (
      where case when p.automatic then p.arrival_date else p.created_on end >= :period_start
    ) as paid_out,
    sum(p.amount) filter (where f.posting_date >= :period_start and f.posting_date < :period_end)
      as came_back
  from books.payouts p
  left join books.balance_transactions f
    on f.balance_transaction_id = p.failure_balance_transaction_id
  where p.entity_id = :entity
    and p.status <> 'canceled'
    and case when p.automatic then p.arrival_date else p.created_on end < :period_end
  group by p.currency
),
lines as (
  select
    r.currency,
    coalesce(r.opening, 0) as opening,
    coalesce(r.activity, 0) as activity,
    coalesce(s.paid_out, 0) - coalesce(s.came_back, 0) as paid_out,
    coalesce(r.closing, 0) as amount
  from rolled r
  left join sent s on s.currency = r.currency
)
select
  currency,
  amount,
  opening + activity - paid_out as expected,
  to_char(opening, 'FM999,999,999,999,990.009999') as opening_text,
  to_char(activity, 'FM999,999,999,999,990.009999') as activity_text,
  to_char(paid_out, 'FM999,999,999,999,990.009999') as paid_out_text,
  to_char(opening + activity - paid_out, 'FM999,999,999,999,990.009999') as expected_text,
  'stripe:balance:' || currency as source_ref
from lines
