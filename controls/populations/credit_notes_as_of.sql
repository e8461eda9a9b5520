-- Credit notes that stood at the end of the as-of day: issued by then, and voided later if at all.
select
  c.credit_note_id,
  c.invoice_id,
  c.amount
from books.credit_notes c
where (c.status = 'issued' or c.voided_on > :as_of)
  and c.created_on <= :as_of
