-- Discounts given on invoices of the period beside any order: coupons, promotions, by hand. Those on
-- lines of orders are looked at in BK-02, as part of what was sold.
with account_customers as materialized (
  select
    k.customer_id,
    k.account_id,
    exists (
      select from books.orders o
      where o.customer_id = k.account_id
        and o.status = 'Activated'
        and o.is_deleted is not true
        and (o.activated_on is null or o.activated_on <= :as_of)
    ) as has_orders
  from populations.customer_accounts k
)
select
  l.invoice_line_id,
  l.discount as amount,
  l.currency,
  coalesce(i.number, i.invoice_id) as number,
  i.customer_name,
  i.document_date,
  -- A customer of an account with orders: whatever it is given belongs into an order.
  exists (
    select from account_customers k where k.customer_id = i.customer_id and k.has_orders
  ) as is_sales_led,
  exists (
    select from books.approvals a
    where a.decision = 'Approved'
      and (a.decided_on is null or a.decided_on <= :as_of)
      and (
        a.target_id in (i.customer_id, i.invoice_id, l.invoice_line_id)
        or a.target_id in (
          select k.account_id from account_customers k where k.customer_id = i.customer_id
        )
      )
  ) as is_approved,
  'stripe:invoice:' || i.invoice_id as source_ref
from books.invoice_lines l
join populations.invoices_as_of i on i.invoice_id = l.invoice_id
left join populations.order_line_documents d on d.invoice_line_id = l.invoice_line_id
where i.entity_id = :entity
  and i.status not in ('draft', 'void')
  and l.discount > 0
  and l.amount > 0
  and d.order_line_id is null
  and coalesce(i.document_date, :period_start) >= :period_start
  and coalesce(i.document_date, :period_start) < :period_end
