-- Discounts given on invoices of the period beside any order: coupons, promotions, by hand. Those on
-- lines of orders are looked at in BK-02, as part of what was sold.
select
  l.invoice_line_id,
  l.discount as amount,
  l.currency,
  coalesce(i.number, i.invoice_id) as number,
  i.customer_name,
  i.document_date,
  -- A customer of an account with orders: whatever it is given belongs into an order.
  exists (
    select from books.customer_links k
    join books.orders o on o.customer_id = k.from_id and o.status = 'Activated'
    where k.from_system = 'salesforce' and k.to_system = 'stripe' and k.to_id = i.customer_id
  ) as is_sales_led,
  exists (
    select from books.approvals a
    left join books.customer_links k
      on k.to_id = i.customer_id and k.from_system = 'salesforce' and k.to_system = 'stripe'
    where a.decision = 'Approved'
      and a.target_id in (i.customer_id, i.invoice_id, l.invoice_line_id, k.from_id)
  ) as is_approved,
  'stripe:invoice:' || i.invoice_id as source_ref
from books.invoice_lines l
join books.invoices i on i.invoice_id = l.invoice_id
where i.entity_id = :entity
  and i.status not in ('draft', 'void')
  and l.discount > 0
  and l.amount > 0
  and l.order_line_id is null
  and coalesce(i.document_date, :period_start) >= :period_start
  and coalesce(i.document_date, :period_start) < :period_end
