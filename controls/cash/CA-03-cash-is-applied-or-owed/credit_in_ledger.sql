-- What the ledger booked in the period in accounts of customers' credit balances, positive when we
-- owe more.
select
  case
    when w.currency is not null then 'all credit'
    else coalesce(l.document_ref, 'journal ' || l.journal_id || '/' || l.line_no::text)
  end as document,
  l.credit - l.debit as amount,
  l.currency,
  j.effective_date,
  l.account,
  l.journal_id,
  'gl:line:' || l.journal_id || '/' || l.line_no::text as source_ref
from books.gl_lines l
join books.gl_journals j on j.journal_id = l.journal_id
join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
left join populations.credit_without_names w on w.currency = l.currency
where l.entity_id = :entity
  and a.control_type = 'CUST_CREDIT'
  -- A revaluation changes what credit is worth in our own currency, not what is owed.
  and l.credit <> l.debit
  and j.effective_date >= :period_start
  and j.effective_date < :period_end
