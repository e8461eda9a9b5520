-- Leg A. Automatic payouts that arrived in the period and that Stripe has reconciled, against the
-- sum of the movements that Stripe says they are made of. A payout with no movements at all counts
-- as made of nothing. Payouts made by hand, or at once, have no composition. What an earlier payout
-- gave back when it failed is paid out again by this one, unless its own movements already say so.
with moved as (
  select
    c.payout_id,
    c.currency,
    coalesce(sum(c.net) filter (where b.type is null or b.type not like 'payout%'), 0) as net,
    coalesce(
      sum(c.net) filter (where b.type like 'payout%' and b.document_id <> c.payout_id), 0
    ) as given_back,
    count(*) as movement_count
  from books.payout_balance_transactions c
  left join books.balance_transactions b on b.balance_transaction_id = c.balance_transaction_id
  group by c.payout_id, c.currency
),
composed as (
  select
    p.payout_id,
    case
      when m.net + m.given_back = p.amount then p.amount
      else coalesce(m.net, 0)
    end as composed,
    coalesce(m.movement_count, 0) as movement_count
  from books.payouts p
  left join moved m on m.payout_id = p.payout_id and m.currency = p.currency
)
select
  p.payout_id,
  p.amount,
  p.currency,
  p.arrival_date,
  c.composed,
  to_char(c.composed, 'FM999,999,999,999,990.009999') as composed_text,
  c.movement_count,
  -- Stripe pays these out in whole units; the rest stays in the balance (CONTROLS S1).
  case when p.currency in ('HUF', 'TWD') then 0.999999 else 0 end::numeric(24, 6)
    as rest_allowed,
  'stripe:payout:' || p.payout_id as source_ref
from books.payouts p
join composed c on c.payout_id = p.payout_id
where p.entity_id = :entity
  and p.automatic
  and p.recon_status = 'completed'
  and p.arrival_date >= :period_start
  and p.arrival_date < :period_end
