-- Leg A. Automatic payouts that arrived in the period and that Stripe has reconciled, against the
-- sum of the movements that Stripe says they are made of. A payout with no movements at all counts
-- as made of nothing. Payouts made by hand, or at once, have no composition.
select
  p.payout_id,
  p.amount,
  p.currency,
  p.arrival_date,
  coalesce(
    sum(c.net) filter (where b.type is null or b.type not like 'payout%'),
    0
  ) as composed,
  to_char(
    coalesce(sum(c.net) filter (where b.type is null or b.type not like 'payout%'), 0),
    'FM999,999,999,999,990.009999'
  ) as composed_text,
  count(c.balance_transaction_id) as movement_count,
  -- Stripe pays these out in whole units; the rest stays in the balance (CONTROLS S1).
  case when p.currency in ('HUF', 'TWD') then 0.999999 else 0 end::numeric(24, 6)
    as rest_allowed,
  'stripe:payout:' || p.payout_id as source_ref
from books.payouts p
left join books.payout_balance_transactions c
  on c.payout_id = p.payout_id and c.currency = p.currency
left join books.balance_transactions b on b.balance_transaction_id = c.balance_transaction_id
where p.entity_id = :entity
  and p.automatic
  and p.recon_status = 'completed'
  and p.arrival_date >= :period_start
  and p.arrival_date < :period_end
group by p.payout_id, p.amount, p.currency, p.arrival_date
