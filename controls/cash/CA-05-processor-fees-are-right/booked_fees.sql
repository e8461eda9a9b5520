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
  select b.balance_transaction_id as document_ref
  from books.balance_transactions b
  where b.entity_id = :entity
    and b.category = 'refund'
    and b.fee = 0
  union
  select b.document_id
  from books.balance_transactions b
  where b.entity_id = :entity
    and b.category = 'refund'
    and b.fee = 0
    and b.document_id is not null
),
-- Revenue that is booked in the name of a charge at what the processor left of it, or is lessened by
-- the fee: the charge itself may be booked there in full.
netted as (
  select l.journal_id, l.line_no, b.balance_transaction_id, b.fee
  from books.gl_lines l
  join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
  join populations.fee_names n on n.document_ref = l.document_ref
  join books.balance_transactions b
    on b.balance_transaction_id = n.balance_transaction_id and b.currency = l.currency
  where l.entity_id = :entity
    and a.control_type in ('REVENUE', 'CONTRA')
    and b.fee <> 0
    and (
      l.credit - l.debit = b.net
      or (l.debit - l.credit = b.fee and l.document_ref <> b.balance_transaction_id)
    )
)
select
  case
    when w.currency is not null and not (l.document_ref is null and j.category = 'ACCRUAL')
      then 'all fees'
    else coalesce(
      t.balance_transaction_id,
      n.balance_transaction_id,
      l.document_ref,
      'journal ' || l.journal_id || '/' || l.line_no::text
    )
  end as movement_id,
  coalesce(t.fee, l.debit - l.credit) as amount,
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
left join refund_movements r on r.document_ref = l.document_ref
left join populations.fee_names n on n.document_ref = l.document_ref and a.control_type = 'FEES'
left join netted t on t.journal_id = l.journal_id and t.line_no = l.line_no
left join populations.fees_without_names w on w.currency = l.currency
where l.entity_id = :entity
  and (
    a.control_type = 'FEES'
    or (a.control_type in ('REVENUE', 'CONTRA') and f.balance_transaction_id is not null)
    or t.balance_transaction_id is not null
  )
  and r.document_ref is null
  -- A revaluation moves nothing in the currency of the fee.
  and l.debit <> l.credit
  and j.effective_date >= :period_start
  and j.effective_date < :period_end
