-- Finalised documents of which a later version says another amount, tax, currency or day, noticed in
-- the period. A document is certified once the month it belongs to is closed.
select
  d.document, d.document_id, coalesce(d.number, d.document_id) as number,
  d.customer_name, d.currency, d.earlier_currency, d.total, d.earlier_total::numeric(24,6) as earlier_total,
  abs(d.total - d.earlier_total)::numeric(24,6) as change,
  d.changed_at, (d.changed_at at time zone 'UTC')::date as changed_on,
  (date_trunc('month', d.document_date::timestamp) + interval '1 month')::date + :close_days
    as closed_on,
  'stripe:' || d.document || ':' || d.document_id as source_ref
from books.changed_documents d
where d.entity_id = :entity
  and d.document_date is not null
  and d.changed_at >= (:period_start)::timestamp at time zone 'UTC'
  and d.changed_at < (:period_end)::timestamp at time zone 'UTC'
