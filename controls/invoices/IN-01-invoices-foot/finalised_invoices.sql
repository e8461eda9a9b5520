-- Every invoice finalised in the period, with the sums its parts make (identities I1 to I6 and I8
-- to I10 of the control catalogue). Drafts have no final amounts and are not invoices yet; what became
-- final after the as-of day was a draft on it.
with priced as (
  -- What a line should come to: its unit price times its quantity, the quantity in whole packages
  -- where the price counts packages. Unknown for tiers, whose lines have no single unit price, and
  -- for prorations, which are priced by the second.
  select
    l.invoice_id,
    l.invoice_line_id,
    l.currency,
    l.amount,
    l.discount,
    l.credit_grant,
    l.tax_incl,
    l.tax_excl,
    l.period_start_at > l.period_end_at as is_backwards,
    case
      when l.is_proration or l.line_type like 'PRORATION%' then null
      when coalesce(p.scheme, 'per_unit') <> 'per_unit' then null
      when p.transform_divide_by is null then l.unit_amount * l.quantity
      when p.transform_round = 'up' then l.unit_amount * ceil(l.quantity / p.transform_divide_by)
      else l.unit_amount * floor(l.quantity / p.transform_divide_by)
    end as expected_amount,
    coalesce(u.minor_unit, 0.01) as minor_unit
  from books.invoice_lines l
  left join books.prices p on p.price_id = l.price_id and p.source_account = l.source_account
  left join populations.currency_sizes u on u.currency = l.currency
  where l.entity_id = :entity
),
lines as (
  select
    l.invoice_id,
    count(*) as lines_read,
    sum(l.amount - l.discount - l.credit_grant - l.tax_incl) as lines_net,
    sum(l.tax_excl + l.tax_incl) as lines_tax,
    coalesce(
      sum(abs(l.amount - l.expected_amount))
        filter (where abs(l.amount - l.expected_amount) > l.minor_unit * :line_minor_units),
      0
    ) as price_gap,
    coalesce(sum(abs(l.amount)) filter (where l.is_backwards), 0) as backwards,
    count(*) filter (where l.is_backwards) as backwards_lines
  from priced l
  group by l.invoice_id
),
credits as (
  -- A voided credit note takes back what it credited.
  select
    c.invoice_id,
    sum(coalesce(c.pre_payment, 0)) as credited_before,
    sum(coalesce(c.post_payment, 0)) as credited_after,
    sum(c.amount) as credited
  from books.credit_notes c
  where c.status = 'issued'
  group by c.invoice_id
),
payments as (
  select
    p.invoice_id,
    sum(p.amount_paid) as payments_paid,
    coalesce(
      sum(p.amount_paid) filter (where p.payment_type in ('payment_record', 'out_of_band')),
      0
    ) as outside_paid
  from books.invoice_payments p
  where p.status = 'paid'
  group by p.invoice_id
),
-- Voiding un-applies credit and payments. Of an invoice that was voided after the as-of day, what was
-- read of it before says what it was then; where nothing was, only its lines can be looked at.
before_void as (
  select distinct on (v.invoice_id)
    v.invoice_id,
    v.status,
    v.starting_credit,
    v.ending_credit,
    v.cn_pre,
    v.cn_post,
    v.amount_due,
    v.amount_paid,
    v.amount_remaining
  from books.invoices i
  join books.invoice_versions v on v.invoice_id = i.invoice_id
  where i.entity_id = :entity
    and i.status = 'void'
    and i.voided_on > :as_of
    and v.status not in ('draft', 'void')
  order by v.invoice_id, v.sys_from desc
),
invoices as (
  select
    i.invoice_id,
    i.number,
    i.customer_name,
    i.document_date,
    coalesce(b.status, i.status) as status,
    i.currency,
    i.total,
    i.total_ex_tax,
    i.tax_total,
    coalesce(b.amount_due, i.amount_due) as amount_due,
    coalesce(b.amount_paid, i.amount_paid) as amount_paid,
    coalesce(b.amount_remaining, i.amount_remaining) as amount_remaining,
    i.line_count,
    coalesce(b.cn_pre, i.cn_pre) as cn_pre,
    coalesce(b.cn_post, i.cn_post) as cn_post,
    i.total - coalesce(b.starting_credit, i.starting_credit)
      + coalesce(b.ending_credit, i.ending_credit) - coalesce(b.cn_pre, i.cn_pre) as expected_due,
    coalesce(i.shipping_total, 0) as shipping,
    coalesce(l.lines_read, 0) as lines_read,
    coalesce(l.lines_net, 0) as lines_net,
    coalesce(l.lines_tax, 0) as lines_tax,
    coalesce(l.price_gap, 0) as price_gap,
    coalesce(l.backwards, 0) as backwards,
    coalesce(l.backwards_lines, 0) as backwards_lines,
    coalesce(c.credited_before, 0) as credited_before,
    coalesce(c.credited_after, 0) as credited_after,
    coalesce(c.credited, 0) as credited,
    -- What was marked as paid outside Stripe may have no payment of its own.
    coalesce(p.payments_paid, 0)
      + greatest(0, coalesce(i.amount_paid_oob, 0) - coalesce(p.outside_paid, 0)) as payments_paid,
    coalesce(u.minor_unit, 0.01) as minor_unit
  from books.invoices i
  left join before_void b on b.invoice_id = i.invoice_id
  left join lines l on l.invoice_id = i.invoice_id
  left join payments p on p.invoice_id = i.invoice_id
  left join credits c on c.invoice_id = i.invoice_id
  left join populations.currency_sizes u on u.currency = i.currency
  where i.entity_id = :entity
    and i.status <> 'draft'
    and (i.posting_date is null or i.posting_date <= :as_of)
    -- A finalised invoice without a document date is looked at in every period.
    and coalesce(i.document_date, :period_start) >= :period_start
    and coalesce(i.document_date, :period_start) < :period_end
)
select
  invoice_id,
  coalesce(number, invoice_id) as number,
  customer_name,
  document_date,
  status,
  currency,
  total as amount,
  total_ex_tax,
  tax_total,
  amount_due,
  amount_paid,
  amount_remaining,
  line_count,
  lines_read,
  lines_net,
  expected_due,
  payments_paid,
  lines_tax,
  cn_pre,
  cn_post,
  credited_before,
  credited_after,
  credited,
  backwards_lines,
  -- As people read them, for the explanations; conditions use the exact amounts.
  to_char(lines_net, 'FM999,999,999,999,990.009999') as lines_net_text,
  to_char(total_ex_tax, 'FM999,999,999,999,990.009999') as total_ex_tax_text,
  to_char(tax_total, 'FM999,999,999,999,990.009999') as tax_total_text,
  to_char(amount_due, 'FM999,999,999,999,990.009999') as amount_due_text,
  to_char(amount_paid, 'FM999,999,999,999,990.009999') as amount_paid_text,
  to_char(amount_remaining, 'FM999,999,999,999,990.009999') as amount_remaining_text,
  to_char(expected_due, 'FM999,999,999,999,990.009999') as expected_due_text,
  to_char(payments_paid, 'FM999,999,999,999,990.009999') as payments_paid_text,
  to_char(price_gap, 'FM999,999,999,999,990.009999') as price_gap_text,
  to_char(lines_tax, 'FM999,999,999,999,990.009999') as lines_tax_text,
  to_char(cn_pre + cn_post, 'FM999,999,999,999,990.009999') as cn_text,
  to_char(credited, 'FM999,999,999,999,990.009999') as credited_text,
  to_char(total, 'FM999,999,999,999,990.009999') as total_text,
  -- Voiding un-applies credit and payments, so that only the lines of a void invoice still foot.
  status <> 'void' as is_owed,
  minor_unit * :line_minor_units * greatest(lines_read, 1) as line_tolerance,
  abs(total_ex_tax - lines_net - shipping) as i1_gap,
  abs(total - total_ex_tax - tax_total) as i2_gap,
  abs(amount_due - expected_due) as i3_gap,
  abs(amount_remaining - greatest(0, amount_due - amount_paid)) as i4_gap,
  abs(amount_paid - payments_paid) as i5_gap,
  case
    when status = 'paid' then abs(amount_remaining)
    when status = 'open' and amount_remaining <= 0 then abs(amount_due)
    else 0
  end as state_gap,
  abs(cn_pre - credited_before) + abs(cn_post - credited_after)
    + greatest(0, credited - greatest(total, 0)) as i8_gap,
  price_gap as i9_gap,
  abs(tax_total - lines_tax) as tax_gap,
  backwards as period_gap,
  'stripe:invoice:' || invoice_id as source_ref
from invoices
