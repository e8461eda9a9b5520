-- Currencies in which the ledger booked customers' credit in the period and named none of its
-- documents: it posts days or months of it at once, and it is compared as a whole.
with documents as (
  select t.transaction_id as document_ref
  from books.customer_credit_transactions t
  where t.entity_id = :entity
  union
  select t.credit_note_id
  from books.customer_credit_transactions t
  where t.entity_id = :entity and t.credit_note_id is not null
  union
  select t.invoice_id
  from books.customer_credit_transactions t
  where t.entity_id = :entity and t.invoice_id is not null
)
select l.currency
from books.gl_lines l
join books.gl_journals j on j.journal_id = l.journal_id
join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
left join documents d on d.document_ref = l.document_ref
where l.entity_id = :entity
  and a.control_type = 'CUST_CREDIT'
  and l.credit <> l.debit
  and j.effective_date >= :period_start
  and j.effective_date < :period_end
  and l.currency in (
    select t.currency
    from books.customer_credit_transactions t
    where t.entity_id = :entity
      and t.created_on >= :period_start
      and t.created_on < :period_end
  )
group by l.currency
having count(d.document_ref) = 0
