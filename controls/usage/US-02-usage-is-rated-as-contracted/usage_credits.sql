-- Usage lines that became final in the period by the end of the as-of day, with the credit grants that
-- paid for them and what grants of the customer still held when their invoice was made. Expired, void
-- or another customer's grants may pay for nothing; a grant that still holds money pays before the
-- customer does.
with lines as (
  select
    l.invoice_line_id,
    i.invoice_id,
    i.number,
    i.customer_id,
    i.customer_name,
    i.created_at,
    i.posting_date,
    l.description,
    l.currency,
    l.amount - l.discount as owed,
    l.credit_grant,
    l.amount - l.discount - l.credit_grant as charged,
    l.period_start_at,
    l.period_end_at,
    l.service_start,
    l.service_end_excl,
    case when u.minor_unit = 1 then 1 else 0.01 end as minor_unit
  from books.invoice_lines l
  join books.invoices i on i.invoice_id = l.invoice_id
  join books.prices p on p.source_account = l.source_account and p.price_id = l.price_id
  left join populations.currency_sizes u on u.currency = l.currency
  where i.entity_id = :entity
    and i.status in ('open', 'paid', 'uncollectible')
    and i.posting_date >= :period_start
    and i.posting_date < :period_end
    and i.posting_date <= :as_of
    and (p.usage_type = 'metered' or l.credit_grant <> 0)
),
-- What grants say they paid of each line.
paid as (
  select
    t.invoice_line_id,
    sum(t.amount) as amount,
    min(g.grant_id) as grant_id,
    min(g.expires_on) as expires_on,
    sum(case
      when g.expires_at <= l.period_start_at
        or t.effective_at > g.expires_at + :expiry_hours * interval '1 hour' then t.amount
      else 0
    end) as expired,
    bool_or(g.customer_id <> l.customer_id
      or g.currency <> l.currency
      or t.effective_at < g.effective_at
      or coalesce(g.voided_at <= t.effective_at, false)) as is_misapplied
  from lines l
  join books.credit_grant_transactions t on t.invoice_line_id = l.invoice_line_id
  join books.credit_grants g on g.grant_id = t.grant_id
  where t.direction = 'debit'
  group by t.invoice_line_id
),
-- What each grant held at the moment an invoice of its customer was made, that invoice included,
-- which takes its credit only when it becomes final. A grant that begins as the period ends, such as
-- a renewed commitment's, is for what comes after it.
held as (
  select
    l.invoice_line_id,
    g.grant_id,
    g.expires_on,
    coalesce(g.expires_at >= l.created_at, true)
      and coalesce(g.voided_at > l.created_at, true)
      and g.effective_at < least(l.created_at, l.period_end_at) as is_usable,
    sum(case when t.direction = 'credit' then t.amount else -t.amount end) as balance
  from lines l
  join books.credit_grants g on g.customer_id = l.customer_id and g.currency = l.currency
  join books.credit_grant_transactions t on t.grant_id = g.grant_id
    and (
      t.effective_at <= l.created_at
      or t.invoice_id = l.invoice_id
      or t.invoice_line_id = l.invoice_line_id
    )
  group by l.invoice_line_id, g.grant_id, g.expires_on, g.expires_at, g.voided_at, g.effective_at,
    l.created_at, l.period_end_at
),
left_over as (
  select
    h.invoice_line_id,
    sum(case when h.is_usable and h.balance > 0 then h.balance else 0 end) as available,
    min(case when h.is_usable and h.balance > 0 then h.grant_id end) as grant_id,
    sum(case when h.balance < 0 then -h.balance else 0 end) as overdrawn
  from held h
  group by h.invoice_line_id
)
select
  l.invoice_line_id,
  coalesce(l.number, l.invoice_id) as number,
  l.customer_name,
  coalesce(l.description, 'usage') as description,
  l.posting_date,
  l.service_start,
  l.service_end_excl,
  l.currency,
  l.owed as amount,
  l.credit_grant,
  l.charged,
  coalesce(p.amount, 0) as granted,
  coalesce(p.expired, 0) as expired,
  least(l.charged, coalesce(o.available, 0)) as early,
  coalesce(o.overdrawn, 0) as overdrawn,
  abs(l.credit_grant - coalesce(p.amount, 0)) as drawdown_gap,
  to_char(l.charged, 'FM999,999,999,990.00') as charged_text,
  to_char(coalesce(o.available, 0), 'FM999,999,999,990.00') as available_text,
  to_char(l.credit_grant, 'FM999,999,999,990.00') as credit_text,
  to_char(coalesce(p.amount, 0), 'FM999,999,999,990.00') as granted_text,
  to_char(coalesce(p.expired, 0), 'FM999,999,999,990.00') as expired_text,
  to_char(coalesce(o.overdrawn, 0), 'FM999,999,999,990.00') as overdrawn_text,
  coalesce(p.grant_id, o.grant_id, 'no grant') as grant_name,
  p.expires_on,
  coalesce(p.expired, 0) > 0 as is_expired_used,
  coalesce(p.is_misapplied, false) as is_misapplied,
  abs(l.credit_grant - coalesce(p.amount, 0)) > 0 as is_drawn_otherwise,
  l.charged >= l.minor_unit and coalesce(o.available, 0) >= l.minor_unit as is_early,
  l.credit_grant > 0 and coalesce(o.overdrawn, 0) >= l.minor_unit as is_late,
  'stripe:invoice_line:' || l.invoice_line_id as source_ref
from lines l
left join paid p on p.invoice_line_id = l.invoice_line_id
left join left_over o on o.invoice_line_id = l.invoice_line_id
