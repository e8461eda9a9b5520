-- Every invoice that was there at the end of the as-of day, with the status that it had then: what
-- became final, was paid, written off or voided later was not so yet. Amounts are as last read.
select
  i.invoice_id,
  i.entity_id,
  i.number,
  i.customer_id,
  i.customer_name,
  i.currency,
  i.billing_reason,
  i.collection_method,
  i.subscription_id,
  i.order_id,
  i.instalment_no,
  i.created_on,
  i.document_date,
  i.posting_date,
  i.finalized_at,
  i.total,
  i.total_ex_tax,
  case
    when i.posting_date > :as_of then 'draft'
    when (i.status = 'void' and i.voided_on > :as_of)
      or (i.status = 'paid' and i.paid_on > :as_of)
      or (i.status = 'uncollectible' and i.uncollectible_on > :as_of)
      then case when i.uncollectible_on <= :as_of then 'uncollectible' else 'open' end
    else i.status
  end as status
from books.invoices i
where i.created_on is null or i.created_on <= :as_of
