-- Every line of the invoices finalised in the period, with the order line that it bills and what was
-- booked there for its days of service.
with account_customers as materialized (
  select distinct k.customer_id
  from populations.customer_accounts k
  join books.orders o on o.customer_id = k.account_id
  where o.is_deleted is not true
  union
  select s.customer_id
  from books.subscriptions s
  where s.order_id is not null
),
lines as materialized (
  select
    l.invoice_line_id,
    l.invoice_id,
    x.order_line_id,
    l.subscription_item_id,
    l.invoice_item_id,
    l.price_id,
    l.source_account,
    l.product_id,
    l.description,
    l.line_type,
    l.currency,
    coalesce(l.revenue_base, l.amount - l.discount - l.tax_incl) as amount,
    l.amount as gross,
    l.quantity,
    coalesce(l.is_proration, false) as is_proration,
    l.service_start,
    i.number,
    i.customer_id,
    i.customer_name,
    i.document_date,
    i.billing_reason,
    i.order_id
  from books.invoice_lines l
  join populations.invoices_as_of i on i.invoice_id = l.invoice_id
  left join populations.order_line_documents x on x.invoice_line_id = l.invoice_line_id
  where i.entity_id = :entity
    and i.status not in ('draft', 'void')
    and coalesce(i.document_date, :period_start) >= :period_start
    and coalesce(i.document_date, :period_start) < :period_end
),
booked as materialized (
  select
    b.order_line_id,
    o.customer_id as account_id,
    coalesce(b.product_id, b.product_code) as product,
    b.charge_type,
    b.quantity,
    b.start_date,
    o.order_number,
    o.status = 'Activated' and (o.activated_on is null or o.activated_on <= :as_of) as is_activated,
    -- A step of a ramp may go on into the next one; the order's own term is what counts.
    coalesce(greatest(o.term_end, b.end_date), o.term_end, b.end_date) as term_end,
    coalesce(c.is_evergreen, false) as is_evergreen
  from books.order_lines b
  join books.orders o on o.order_id = b.order_id
  left join books.contracts c on c.contract_id = o.contract_id
  where o.is_deleted is not true and b.is_deleted is not true
),
-- Lines after the term of the order that they name, where a later order of the account sells the
-- same for those days and nothing is billed under its own name.
renewed as materialized (
  select distinct l.invoice_line_id
  from lines l
  join booked b on b.order_line_id = l.order_line_id and l.service_start > b.term_end
  join booked n on n.account_id = b.account_id and n.product = b.product
    and n.order_line_id <> b.order_line_id
    and n.is_activated
    and n.start_date > b.start_date
    and n.start_date <= l.service_start
    and (n.term_end is null or n.term_end >= l.service_start)
  where not exists (
      select from populations.order_line_items x where x.order_line_id = n.order_line_id
    )
    and not exists (
      select from populations.order_line_documents x where x.order_line_id = n.order_line_id
    )
),
-- What amendments change of a line, from the day on which they take effect.
compared as materialized (
  select l.invoice_line_id, sum(c.quantity) as changed_quantity
  from lines l
  join populations.order_line_changes c
    on c.order_line_id = l.order_line_id and c.start_date <= l.service_start
  group by l.invoice_line_id
)
select
  l.invoice_line_id,
  l.amount,
  l.currency,
  coalesce(l.number, l.invoice_id) as number,
  l.customer_name,
  l.document_date,
  coalesce(l.description, p.name, 'a line without description') as description,
  a.customer_id is not null as is_sales_led,
  -- Made by hand: an item on an invoice that no subscription made, at a price of no list, for no
  -- order, with no word of a ticket. A top-up that makes a credit grant explains itself.
  l.billing_reason = 'manual' and l.invoice_item_id is not null and not l.is_proration
    and l.subscription_item_id is null
    and r.price_list is null and r.lookup_key is null and l.order_line_id is null
    and l.order_id is null
    and not exists (
      select from books.credit_grants g
      where g.customer_id = l.customer_id
        and (
          g.purchase_invoice_id = l.invoice_id
          or (
            g.currency = l.currency
            and g.amount = l.gross
            and g.effective_on >= l.document_date - 1
            and g.effective_on <= l.document_date + 1
          )
        )
    )
    and coalesce(l.description, '') not like '%' || :ticket_mark || '%' as is_by_hand,
  -- What was made by hand for a ticket has that for its support.
  coalesce(b.is_activated, false)
    or (l.billing_reason = 'manual' and l.invoice_item_id is not null
      and coalesce(l.description, '') like '%' || :ticket_mark || '%') as has_booking,
  coalesce(b.order_number, 'no order') as order_number,
  b.term_end,
  l.service_start,
  coalesce(
    l.service_start > b.term_end and not b.is_evergreen and not l.is_proration, false
  ) and w.invoice_line_id is null as is_after_term,
  l.quantity as billed_quantity,
  rtrim(to_char(l.quantity, 'FM999,999,999,990.999999'), '.') as billed_quantity_text,
  rtrim(to_char(b.quantity + coalesce(d.changed_quantity, 0), 'FM999,999,999,990.999999'), '.')
    as booked_quantity_text,
  -- More than was booked for these days, and more than the subscription has, which BK-02 compares.
  coalesce(
    b.charge_type <> 'USAGE'
      and not l.is_proration
      and l.quantity > b.quantity + coalesce(d.changed_quantity, 0)
      and l.quantity > coalesce(s.quantity, 0),
    false
  ) as is_above_booked,
  'stripe:invoice:' || l.invoice_id as source_ref
from lines l
left join account_customers a on a.customer_id = l.customer_id
left join booked b on b.order_line_id = l.order_line_id
left join books.prices r on r.price_id = l.price_id and r.source_account = l.source_account
left join books.products p on p.product_id = l.product_id and p.source_account = l.source_account
left join books.subscription_items s on s.subscription_item_id = l.subscription_item_id
left join compared d on d.invoice_line_id = l.invoice_line_id
left join renewed w on w.invoice_line_id = l.invoice_line_id
