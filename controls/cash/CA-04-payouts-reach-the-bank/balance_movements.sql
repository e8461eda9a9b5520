-- Every movement of the Stripe balance in the period, with what the accounting policy makes of its
-- type. A type that is not on this list has no account: somebody must decide before it is posted.
with policy (type, account_for) as (
  values
    ('charge', 'customer payments'),
    ('payment', 'customer payments'),
    ('payment_failure_refund', 'customer payments'),
    ('payment_reversal', 'customer payments'),
    ('refund', 'refunds'),
    ('refund_failure', 'refunds'),
    ('payment_refund', 'refunds'),
    ('adjustment', 'disputes and corrections'),
    ('payout', 'cash in transit'),
    ('payout_cancel', 'cash in transit'),
    ('payout_failure', 'cash in transit'),
    ('payout_minimum_balance_hold', 'Stripe balance'),
    ('payout_minimum_balance_release', 'Stripe balance'),
    ('reserve_hold', 'Stripe balance'),
    ('reserve_release', 'Stripe balance'),
    ('reserve_transaction', 'Stripe balance'),
    ('reserved_funds', 'Stripe balance'),
    ('topup', 'cash in transit'),
    ('topup_reversal', 'cash in transit'),
    ('stripe_fee', 'processing fees'),
    ('stripe_fx_fee', 'processing fees'),
    ('tax_fee', 'processing fees')
),
corrections (category) as (
  values
    ('dispute'),
    ('dispute_reversal'),
    ('other_adjustment'),
    ('network_cost'),
    ('fee'),
    ('refund'),
    ('refund_failure'),
    ('charge_failure')
),
suspended as (
  select distinct l.document_ref
  from books.gl_lines l
  join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
  where l.entity_id = :entity
    and a.control_type = 'SUSPENSE'
    and l.debit <> l.credit
    and l.document_ref is not null
)
select
  b.balance_transaction_id,
  b.net as amount,
  b.currency,
  b.type,
  b.category,
  b.posting_date,
  coalesce(b.description, b.document_id, 'nothing') as cause,
  to_char(abs(b.net), 'FM999,999,999,999,990.009999') as size_text,
  p.type is null or (b.type = 'adjustment' and k.category is null) as is_unmapped,
  s.document_ref is not null as is_in_suspense,
  'stripe:balance_transaction:' || b.balance_transaction_id as source_ref
from books.balance_transactions b
left join policy p on p.type = b.type
left join corrections k on k.category = b.category
left join suspended s on s.document_ref = b.balance_transaction_id
where b.entity_id = :entity
  and b.posting_date >= :period_start
  and b.posting_date < :period_end
