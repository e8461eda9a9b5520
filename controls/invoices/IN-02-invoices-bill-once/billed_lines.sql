-- Every line of an invoice that became final in the period and was not voided by the as-of day, with
-- the earlier line that bills the same thing, where there is one. Lines credited in full no longer
-- bill anything: they stand here under their own label, and nothing is compared with them.
with credited as (
  select n.invoice_line_id, sum(n.amount) as amount
  from books.credit_note_lines n
  join populations.credit_notes_as_of c on c.credit_note_id = n.credit_note_id
  group by n.invoice_line_id
),
-- A note may credit all of an invoice and name none of its lines.
credited_whole as (
  select c.invoice_id, sum(c.amount) as amount
  from populations.credit_notes_as_of c
  group by c.invoice_id
),
lines as (
  select
    l.invoice_line_id,
    l.invoice_id,
    coalesce(l.subscription_id, i.subscription_id) as subscription_id,
    i.number,
    i.customer_id,
    i.customer_name,
    i.posting_date,
    i.finalized_at,
    i.billing_reason,
    i.instalment_no,
    l.invoice_item_id,
    l.description,
    l.currency,
    l.amount as gross,
    l.amount - l.discount - l.tax_incl as amount,
    l.product_id,
    l.order_line_id,
    -- A proration names its subscription item only through its invoice item.
    coalesce(l.subscription_item_id, n.subscription_item_id) as item_id,
    coalesce(l.is_proration, false) as is_proration,
    -- Old shapes of Stripe say that a line of a subscription is usage, others leave it to its price.
    replace(l.line_type, 'USAGE', 'SUBSCRIPTION') as line_type,
    l.period_start_at,
    l.period_end_at,
    l.service_start,
    l.service_end_excl,
    (
      coalesce(c.amount >= l.amount - l.discount - l.credit_grant, false)
      or coalesce(w.amount >= i.total, false)
    )
      and l.amount - l.discount - l.credit_grant > 0 as is_withdrawn
  from books.invoice_lines l
  join populations.invoices_as_of i on i.invoice_id = l.invoice_id
  left join books.invoice_items n on n.invoice_item_id = l.invoice_item_id
  left join credited c on c.invoice_line_id = l.invoice_line_id
  left join credited_whole w on w.invoice_id = i.invoice_id and i.total > 0
  where i.entity_id = :entity
    and i.status not in ('draft', 'void')
    and coalesce(i.posting_date, i.document_date, :period_start) < :period_end
),
now_billed as (
  select l.invoice_line_id from lines l
  where coalesce(l.posting_date, :period_start) >= :period_start
),
-- (a) The same customer, product, service period and amount on another invoice. Two subscriptions, or
-- two items of one, are two things, and so are two instalments of one amount, and usage billed at a
-- threshold: as often as it is reached, each time over the same amount.
exact as (
  select l.invoice_line_id, min(e.number) as number, min(e.posting_date) as posted_on
  from lines l
  join lines e on e.customer_id = l.customer_id
    and e.currency = l.currency
    and e.amount = l.amount
    and e.period_start_at = l.period_start_at
    and e.period_end_at = l.period_end_at
    and e.product_id is not distinct from l.product_id
  where l.invoice_line_id in (select n.invoice_line_id from now_billed n)
    and l.amount <> 0
    and e.invoice_id <> l.invoice_id
    and (e.finalized_at < l.finalized_at
      or (e.finalized_at = l.finalized_at and e.invoice_line_id < l.invoice_line_id))
    and (e.item_id is null or l.item_id is null or e.item_id = l.item_id)
    and (e.subscription_id is null or l.subscription_id is null
      or e.subscription_id = l.subscription_id)
    and (e.order_line_id is null or l.order_line_id is null or e.order_line_id = l.order_line_id)
    and coalesce(e.instalment_no, '') = coalesce(l.instalment_no, '')
    and coalesce(e.billing_reason, '') <> 'subscription_threshold'
    and coalesce(l.billing_reason, '') <> 'subscription_threshold'
    and not l.is_withdrawn
    and not e.is_withdrawn
  group by l.invoice_line_id
),
-- (b) The same subscription item, or line of an order, in service periods that overlap. A plan
-- changed in mid-period gives the rest of the old one back; a threshold bills a part of the usage.
overlap as (
  select l.invoice_line_id, min(e.number) as number, min(e.posting_date) as posted_on
  from lines l
  join lines e on e.customer_id = l.customer_id
    and coalesce(e.item_id, e.order_line_id) = coalesce(l.item_id, l.order_line_id)
  where l.invoice_line_id in (select n.invoice_line_id from now_billed n)
    and e.invoice_id <> l.invoice_id
    and (e.finalized_at < l.finalized_at
      or (e.finalized_at = l.finalized_at and e.invoice_line_id < l.invoice_line_id))
    and e.period_start_at < l.period_end_at
    and e.period_end_at > l.period_start_at
    and e.currency = l.currency
    and not l.is_proration
    and not e.is_proration
    and l.gross <> 0
    and e.gross <> 0
    and e.line_type = l.line_type
    and coalesce(e.billing_reason, '') <> 'subscription_threshold'
    and coalesce(l.billing_reason, '') <> 'subscription_threshold'
    and coalesce(e.instalment_no, '') = coalesce(l.instalment_no, '')
    and not l.is_withdrawn
    and not e.is_withdrawn
    and not exists (
      select 1
      from lines r
      where r.item_id = l.item_id
        and r.is_proration
        and r.gross < 0
        and r.period_start_at <= greatest(l.period_start_at, e.period_start_at)
        and r.period_end_at >= least(l.period_end_at, e.period_end_at)
    )
  group by l.invoice_line_id
),
-- (d) One invoice item that two invoices took up.
same_item as (
  select l.invoice_line_id, min(e.number) as number, min(e.posting_date) as posted_on
  from lines l
  join lines e on e.invoice_item_id = l.invoice_item_id
  where l.invoice_line_id in (select n.invoice_line_id from now_billed n)
    and e.invoice_id <> l.invoice_id
    and (e.finalized_at < l.finalized_at
      or (e.finalized_at = l.finalized_at and e.invoice_line_id < l.invoice_line_id))
  group by l.invoice_line_id
)
select
  l.invoice_line_id,
  coalesce(l.number, l.invoice_id) as number,
  l.customer_name,
  coalesce(l.description, 'a line') as description,
  l.currency,
  l.amount,
  l.service_start,
  l.service_end_excl,
  l.posting_date,
  s.invoice_line_id is not null as is_same_item,
  x.invoice_line_id is not null as is_exact,
  o.invoice_line_id is not null as is_overlap,
  coalesce(s.number, x.number, o.number, '') as earlier_number,
  coalesce(s.posted_on, x.posted_on, o.posted_on) as earlier_on,
  case when l.is_withdrawn then 'Credited in full' end as reconciling,
  'stripe:invoice_line:' || l.invoice_line_id as source_ref
from lines l
left join exact x on x.invoice_line_id = l.invoice_line_id
left join overlap o on o.invoice_line_id = l.invoice_line_id
left join same_item s on s.invoice_line_id = l.invoice_line_id
where l.invoice_line_id in (select n.invoice_line_id from now_billed n)
