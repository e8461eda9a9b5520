-- Processing fees of the period by line of the contract and currency, against what the contract says:
-- a share of the amount, a fixed part, and a cap; rounded half up per movement. A line of another
-- company's contract goes here.
with contract (entity_id, fee_name, percent, cap) as (
  values
    ('ni-us', 'Stripe processing fees: card, domestic', 2.9, null::numeric),
    ('ni-us', 'Stripe processing fees: card, international', 4.4, null),
    ('ni-us', 'Stripe processing fees: ACH direct debit', 0.8, 5.00),
    ('ni-ie', 'Stripe processing fees: card, EEA', 1.5, null),
    ('ni-ie', 'Stripe processing fees: card, UK', 2.5, null),
    ('ni-ie', 'Stripe processing fees: card, international', 3.25, null),
    ('ni-ie', 'Stripe processing fees: SEPA direct debit', 0, null)
),
fixed_part (fee_kind, currency, fixed) as (
  values
    ('card', 'USD', 0.30),
    ('card', 'EUR', 0.25),
    ('card', 'GBP', 0.20),
    ('card', 'HUF', 85.00),
    ('SEPA', 'EUR', 0.35),
    ('SEPA', 'USD', 0.40),
    ('SEPA', 'GBP', 0.30),
    ('SEPA', 'HUF', 140.00)
),
charged as (
  select
    f.description as fee_name,
    f.currency,
    b.amount as volume,
    f.amount as fee,
    least(
      round(b.amount * c.percent / 100, 2) + coalesce(x.fixed, 0),
      coalesce(c.cap, round(b.amount * c.percent / 100, 2) + coalesce(x.fixed, 0))
    ) as by_contract
  from books.balance_transaction_fees f
  join books.balance_transactions b on b.balance_transaction_id = f.balance_transaction_id
  join contract c on c.entity_id = f.entity_id and c.fee_name = f.description
  left join fixed_part x
    on x.currency = f.currency
    and x.fee_kind = case
      when f.description like '%SEPA%' then 'SEPA'
      when f.description like '%: card,%' then 'card'
    end
  where f.entity_id = :entity
    and b.posting_date >= :period_start
    and b.posting_date < :period_end
)
select
  c.fee_name,
  c.currency as fee_currency,
  sum(c.fee) as amount,
  c.currency,
  count(*) as movement_count,
  sum(c.fee) - sum(c.by_contract) as variance,
  -- Basis points of the volume.
  abs(sum(c.fee) - sum(c.by_contract)) * 10000 > sum(c.volume) * :rate_basis_points
    as is_beyond_points,
  to_char(sum(c.volume), 'FM999,999,999,999,990.009999') as volume_text,
  to_char(sum(c.by_contract), 'FM999,999,999,999,990.009999') as contract_text,
  'stripe:fees:' || c.fee_name || '/' || c.currency as source_ref
from charged c
group by c.fee_name, c.currency
