-- Invoices of the period, as they stand: one that is still a draft and carries the error of its last
-- attempt is not on its way to the customer.
select
  i.invoice_id,
  i.customer_name,
  i.total as amount,
  i.currency,
  coalesce(i.created_on, (i.created_at at time zone 'UTC')::date) as created_on,
  coalesce(i.finalization_error_code, 'none') as problem,
  i.finalization_error_code is not null and i.finalized_at is null and i.status = 'draft' as is_failed,
  'stripe:invoice:' || i.invoice_id as source_ref
from books.invoices i
where i.entity_id = :entity
  and coalesce(i.created_on, (i.created_at at time zone 'UTC')::date) >= :period_start
  and coalesce(i.created_on, (i.created_at at time zone 'UTC')::date) < :period_end
