-- What the processor took in the period: the fee of each movement of the balance, and movements that
-- are a fee themselves.
select
  case when w.currency is not null then 'all fees' else b.balance_transaction_id end as movement_id,
  b.fee - case when b.type in ('stripe_fee', 'stripe_fx_fee', 'tax_fee') then b.net else 0 end
    as amount,
  b.currency,
  replace(b.type, '_', ' ') as kind,
  b.posting_date,
  to_char(b.amount, 'FM999,999,999,999,990.009999') as movement_text,
  'stripe:balance_transaction:' || b.balance_transaction_id as source_ref
from books.balance_transactions b
left join populations.fees_without_names w on w.currency = b.currency
where b.entity_id = :entity
  and (b.fee <> 0 or b.type in ('stripe_fee', 'stripe_fx_fee', 'tax_fee'))
  and b.posting_date >= :period_start
  and b.posting_date < :period_end
