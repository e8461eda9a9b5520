-- Every invoice made in the period, with what kept it from being finalised.
select
  i.invoice_id,
  i.total as amount,
  i.currency,
  coalesce(i.number, 'a draft') as number,
  i.customer_name,
  i.created_on,
  coalesce(i.finalization_error_code, 'nothing') as error_code,
  coalesce(i.finalization_error_code in (
    'customer_tax_location_invalid', 'tax_id_invalid', 'taxes_calculation_failed',
    'stripe_tax_inactive'
  ), false) as is_tax_missing,
  'stripe:invoice:' || i.invoice_id as source_ref
from books.invoices i
where i.entity_id = :entity
  and coalesce(i.created_on, i.document_date, :period_start) >= :period_start
  and coalesce(i.created_on, i.document_date, :period_start) < :period_end
