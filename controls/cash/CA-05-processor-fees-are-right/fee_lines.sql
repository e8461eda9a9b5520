-- Every part of a fee in the period, with the line of the contract that it is charged by. What no
-- line of the contract and no known kind of fee explains was agreed by nobody.
with contract (fee_name) as (
  values
    ('Stripe processing fees'),
    ('Stripe processing fees: card, domestic'),
    ('Stripe processing fees: card, international'),
    ('Stripe processing fees: card, EEA'),
    ('Stripe processing fees: card, UK'),
    ('Stripe processing fees: ACH direct debit'),
    ('Stripe processing fees: SEPA direct debit'),
    ('Dispute fee'),
    ('Stripe Billing')
)
select
  f.balance_transaction_id as movement_id,
  f.fee_no,
  f.amount,
  f.currency,
  f.fee_type,
  coalesce(f.description, 'no name') as fee_name,
  b.posting_date,
  f.fee_type not in (
    'stripe_fee', 'application_fee', 'payment_method_passthrough_fee', 'tax', 'withheld_tax'
  )
    or (
      f.fee_type = 'stripe_fee'
      and f.description not like 'Stripe processing fee%'
      and c.fee_name is null
    )
    as is_unknown,
  'stripe:balance_transaction:' || f.balance_transaction_id as source_ref
from books.balance_transaction_fees f
join books.balance_transactions b on b.balance_transaction_id = f.balance_transaction_id
left join contract c on c.fee_name = f.description
where f.entity_id = :entity
  and b.posting_date >= :period_start
  and b.posting_date < :period_end
