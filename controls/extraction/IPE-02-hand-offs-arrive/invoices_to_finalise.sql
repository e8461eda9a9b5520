-- Invoices of the period, as they stand: one that is still a draft and carries the error of its last
-- attempt is not on its way to the customer.
select
  i.invoice_id,
  i.customer_name,
  i.total as amount,
  i.currency,
  (i.created_at at time zone 'UTC')::date as created_on,
  coalesce(i.finalization_error_code, 'none') as problem,
  i.finalization_error_code is not null and i.finalized_at is null and i.status = 'draft' as is_failed,
  'stripe:invoice:' || i.invoice_id as source_ref
from books.invoices i
where i.entity_id = :entity
  and i.created_at >= (:period_start)::timestamp at time zone 'UTC'
  and i.created_at < (:period_end)::timestamp at time zone 'UTC'
