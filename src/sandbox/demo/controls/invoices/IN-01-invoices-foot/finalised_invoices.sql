-- Every invoice finalised in the period, with the sums its parts make (identities I1 to I6 of the
-- control catalogue). Drafts have no final amounts and are not invoices yet.
with lines as (
  select
    l.invoice_id,
    count(*) as lines_read,
    sum(l.amount - l.discount - l.credit_grant - l.tax_incl) as lines_net
  from books.invoice_lines l
  group by l.invoice_id
),
payments as (
  select p.invoice_id, sum(p.amount_paid) as payments_paid
  from books.invoice_payments p
  where p.status = 'paid'
  group by p.invoice_id
),
invoices as (
  select
    i.invoice_id,
    i.number,
    i.customer_name,
    i.document_date,
    i.status,
    i.currency,
    i.total,
    i.total_ex_tax,
    i.tax_total,
    i.amount_due,
    i.amount_paid,
    i.amount_remaining,
    i.line_count,
    i.total - i.starting_credit + i.ending_credit - i.cn_pre as expected_due,
    coalesce(l.lines_read, 0) as lines_read,
    coalesce(l.lines_net, 0) as lines_net,
    coalesce(p.payments_paid, 0) as payments_paid,
    case
      when i.currency in ('JPY', 'KRW', 'CLP', 'ISK', 'VND', 'UGX', 'XAF', 'XOF', 'XPF') then 1
      when i.currency in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 0.001
      else 0.01
    end as minor_unit
  from books.invoices i
  left join lines l on l.invoice_id = i.invoice_id
  left join payments p on p.invoice_id = i.invoice_id
  where i.entity_id = :entity
    and i.status <> 'draft'
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
  -- As people read them, for the explanations; conditions use the exact amounts.
  to_char(lines_net, 'FM999,999,999,999,990.009999') as lines_net_text,
  to_char(total_ex_tax, 'FM999,999,999,999,990.009999') as total_ex_tax_text,
  to_char(tax_total, 'FM999,999,999,999,990.009999') as tax_total_text,
  to_char(amount_due, 'FM999,999,999,999,990.009999') as amount_due_text,
  to_char(amount_paid, 'FM999,999,999,999,990.009999') as amount_paid_text,
  to_char(amount_remaining, 'FM999,999,999,999,990.009999') as amount_remaining_text,
  to_char(expected_due, 'FM999,999,999,999,990.009999') as expected_due_text,
  to_char(payments_paid, 'FM999,999,999,999,990.009999') as payments_paid_text,
  -- Voiding un-applies credit and payments, so that only the lines of a void invoice still foot.
  status <> 'void' as is_owed,
  minor_unit * greatest(lines_read, 1) as line_tolerance,
  abs(total_ex_tax - lines_net) as i1_gap,
  abs(total - total_ex_tax - tax_total) as i2_gap,
  abs(amount_due - expected_due) as i3_gap,
  abs(amount_remaining - greatest(0, amount_due - amount_paid)) as i4_gap,
  abs(amount_paid - payments_paid) as i5_gap,
  case
    when status = 'paid' then abs(amount_remaining)
    when status = 'open' and amount_remaining <= 0 then abs(amount_due)
    else 0
  end as state_gap,
  'stripe:invoice:' || invoice_id as source_ref
from invoices
