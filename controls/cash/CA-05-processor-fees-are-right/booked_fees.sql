-- What the ledger booked in the period as fees of the processor, by the movement it names; and what
-- it booked of such a movement in accounts of revenue, where no fee belongs. Accruals of fees that
-- the processor charges later name no movement yet.
with fee_movements as (
  select b.balance_transaction_id
  from books.balance_transactions b
  where b.entity_id = :entity
    and (b.fee <> 0 or b.type in ('stripe_fee', 'stripe_fx_fee', 'tax_fee'))
),
refund_movements as (
  -- What is booked of a refund is judged on its own.
  select b.balance_transaction_id
  from books.balance_transactions b
  where b.entity_id = :entity
    and b.category = 'refund'
    and b.fee = 0
)
select
  case
    when w.currency is not null and not (l.document_ref is null and j.category = 'ACCRUAL')
      then 'all fees'
    else coalesce(
      n.balance_transaction_id,
      l.document_ref,
      'journal ' || l.journal_id || '/' || l.line_no::text
    )
  end as movement_id,
  l.debit - l.credit as amount,
  l.currency,
  l.account,
  a.name as account_name,
  j.effective_date,
  l.journal_id,
  a.control_type in ('REVENUE', 'CONTRA') as is_in_revenue,
  case when l.document_ref is null and j.category = 'ACCRUAL' then 'Accruals of fees' end
    as reconciling,
  'gl:line:' || l.journal_id || '/' || l.line_no::text as source_ref
from books.gl_lines l
join books.gl_journals j on j.journal_id = l.journal_id
join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
left join fee_movements f on f.balance_transaction_id = l.document_ref
left join refund_movements r on r.balance_transaction_id = l.document_ref
left join populations.fee_names n on n.document_ref = l.document_ref and a.control_type = 'FEES'
left join populations.fees_without_names w on w.currency = l.currency
where l.entity_id = :entity
  and (
    a.control_type = 'FEES'
    or (a.control_type in ('REVENUE', 'CONTRA') and f.balance_transaction_id is not null)
  )
  and r.balance_transaction_id is null
  -- A revaluation moves nothing in the currency of the fee.
  and l.debit <> l.credit
  and j.effective_date >= :period_start
  and j.effective_date < :period_end
