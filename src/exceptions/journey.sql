-- What happened to the customer that an exception is about, across systems, on one line of time.
-- ids are those that its key and its items name. A customer of another system is the same only
-- where books.customer_links says so: names are never matched.
with named as (
  select customer_id from books.customers where customer_id = any (:ids)
  union select customer_id from books.opportunities where opportunity_id = any (:ids)
  union select customer_id from books.orders
    where order_id = any (:ids) or opportunity_id = any (:ids)
  union select customer_id from books.contracts where contract_id = any (:ids)
  union select customer_id from books.subscriptions where subscription_id = any (:ids)
  union select customer_id from books.invoices where invoice_id = any (:ids)
  union select i.customer_id from books.invoice_payments p
    join books.invoices i on i.invoice_id = p.invoice_id
    where p.payment_id = any (:ids) or p.invoice_payment_id = any (:ids)
  union select customer_id from books.payments
    where payment_id = any (:ids) or payment_intent_id = any (:ids)
  union select customer_id from books.credit_notes where credit_note_id = any (:ids)
  union select customer_id from books.credit_grants where grant_id = any (:ids)
  union select customer_id from books.invoice_items where invoice_item_id = any (:ids)
  union select customer_id from books.entitlements where entitlement_id = any (:ids)
  union select customer_id from books.customer_credit_transactions
    where transaction_id = any (:ids)
  -- A line is its document's.
  union select i.customer_id from books.invoice_lines l
    join books.invoices i on i.invoice_id = l.invoice_id where l.invoice_line_id = any (:ids)
  union select o.customer_id from books.order_lines l
    join books.orders o on o.order_id = l.order_id where l.order_line_id = any (:ids)
  union select o.customer_id from books.opportunity_lines l
    join books.opportunities o on o.opportunity_id = l.opportunity_id
    where l.opportunity_line_id = any (:ids)
  union select s.customer_id from books.subscription_items l
    join books.subscriptions s on s.subscription_id = l.subscription_id
    where l.subscription_item_id = any (:ids)
  union select unnest(cast(:customers as text[]))
), customer as (
  select customer_id from named where customer_id is not null
  union select l.to_id from books.customer_links l
    join named n on n.customer_id = l.from_id
  union select l.from_id from books.customer_links l
    join named n on n.customer_id = l.to_id
), invoice as (
  select i.* from books.invoices i join customer c on c.customer_id = i.customer_id
), payment as (
  select p.* from books.payments p join customer c on c.customer_id = p.customer_id
), step as (
  select o.close_date as day, case when o.is_won then 'deal_won' else 'deal' end as kind,
    o.source, o.opportunity_id as id, o.name as label, o.total_amount as amount, o.currency,
    o.status, o.entity_id
  from books.opportunities o join customer c on c.customer_id = o.customer_id
  where not o.is_deleted
  union all
  select coalesce(o.activated_on, o.term_start),
    case when o.activated_on is null then 'order' else 'order_activated' end, o.source, o.order_id,
    o.order_number, o.total_amount, o.currency, o.status, o.entity_id
  from books.orders o join customer c on c.customer_id = o.customer_id where not o.is_deleted
  union all
  select coalesce(k.activated_on, k.start_date), 'contract', k.source, k.contract_id, k.number,
    null, k.currency, k.status, k.entity_id
  from books.contracts k join customer c on c.customer_id = k.customer_id where not k.is_deleted
  union all
  select s.start_on, 'subscription_started', s.source, s.subscription_id, null, null, s.currency,
    s.status, s.entity_id
  from books.subscriptions s join customer c on c.customer_id = s.customer_id
  union all
  select s.ended_on, 'subscription_ended', s.source, s.subscription_id, null, null, s.currency,
    s.status, s.entity_id
  from books.subscriptions s join customer c on c.customer_id = s.customer_id
  where s.ended_on is not null
  union all
  select coalesce(i.document_date, i.created_on), 'invoice', i.source, i.invoice_id, i.number,
    i.total, i.currency, i.status, i.entity_id
  from invoice i
  union all
  select i.voided_on, 'invoice_voided', i.source, i.invoice_id, i.number, i.total, i.currency,
    i.status, i.entity_id
  from invoice i where i.voided_on is not null
  union all
  select p.posting_date, 'payment_applied', p.source, p.invoice_payment_id, i.number,
    p.amount_paid, p.currency, p.status, p.entity_id
  from books.invoice_payments p join invoice i on i.invoice_id = p.invoice_id
  where p.posting_date is not null
  union all
  select p.posting_date, 'payment', p.source, p.payment_id, p.method, p.amount, p.currency,
    p.status, p.entity_id
  from payment p
  union all
  select n.effective_date, 'credit_note', n.source, n.credit_note_id, n.number, n.amount,
    n.currency, n.status, n.entity_id
  from books.credit_notes n join invoice i on i.invoice_id = n.invoice_id
  union all
  select r.posting_date, 'refund', r.source, r.refund_id, r.reason, r.amount, r.currency, r.status,
    r.entity_id
  from books.refunds r join payment p on p.payment_id = r.payment_id
  union all
  select d.created_on, 'dispute', d.source, d.dispute_id, d.reason, d.amount, d.currency,
    d.status, d.entity_id
  from books.disputes d join payment p on p.payment_id = d.payment_id
)
select to_char(day, 'YYYY-MM-DD') as on, kind, source, id, label,
  trim_scale(amount)::text as amount, currency, status, id = any (:ids) as is_subject
from step
where day is not null and (cast(:entities as text[]) is null or entity_id = any (:entities))
order by day, kind, id
limit :most
