-- Receipts on which the payer wrote the number of a recorded payment's invoice, or of the purchase
-- order behind it.
select w.line_id, k.mark_id
from populations.outside_payments k
join populations.receipt_words w on w.word = replace(upper(k.number), '-', '')
union
select w.line_id, k.mark_id
from populations.outside_payments k
join books.orders o on o.order_id = k.order_id
join populations.receipt_words w on w.word = replace(upper(o.po_number), '-', '')
