-- Currencies in which the ledger booked customers' credit in the period and named no document at all: it
-- posts days or months of it at once, and it is compared as a whole.
select l.currency
from books.gl_lines l
join books.gl_journals j on j.journal_id = l.journal_id
join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
where l.entity_id = :entity
  and a.control_type = 'CUST_CREDIT'
  and l.credit <> l.debit
  and j.effective_date >= :period_start
  and j.effective_date < :period_end
group by l.currency
having count(l.document_ref) = 0
