-- Currencies in which the ledger booked fees in the period and named no movement at all: it posts days
-- or months of them at once, and they are compared as a whole.
select l.currency
from books.gl_lines l
join books.gl_journals j on j.journal_id = l.journal_id
join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
left join populations.fee_names n on n.document_ref = l.document_ref
where l.entity_id = :entity
  and a.control_type in ('FEES', 'REVENUE', 'CONTRA')
  and l.debit <> l.credit
  and j.category <> 'ACCRUAL'
  and j.effective_date >= :period_start
  and j.effective_date < :period_end
group by l.currency
having count(n.balance_transaction_id) = 0 and bool_or(a.control_type = 'FEES')
