-- Credit notes issued in the period, with what each says became of its amount (I7). What went to
-- the customer's balance is taken from the balance itself, not from the note; only of a movement
-- that the note names and that was not read, the note is believed.
with to_balance as (
  select
    coalesce(t.credit_note_id, c.credit_note_id) as credit_note_id,
    sum(t.delta_credit) as credited
  from books.customer_credit_transactions t
  left join books.credit_notes c on c.customer_credit_transaction_id = t.transaction_id
  where t.delta_credit > 0
  group by coalesce(t.credit_note_id, c.credit_note_id)
),
notes as (
  select
    n.credit_note_id,
    n.number,
    n.invoice_id,
    n.entity_id,
    n.status,
    n.currency,
    n.amount,
    n.pre_payment,
    n.post_payment,
    n.refunded,
    n.out_of_band,
    n.created_on,
    n.effective_date,
    n.voided_on,
    coalesce(
      b.credited,
      case when n.customer_credit_transaction_id is not null then n.to_balance end,
      0
    ) as credited
  from books.credit_notes n
  left join to_balance b on b.credit_note_id = n.credit_note_id
)
select
  c.credit_note_id,
  coalesce(c.number, c.credit_note_id) as number,
  coalesce(i.number, c.invoice_id) as invoice_number,
  coalesce(i.customer_name, 'an unknown customer') as customer_name,
  c.effective_date,
  c.amount,
  c.currency,
  to_char(c.amount, 'FM999,999,999,999,990.009999') as amount_text,
  to_char(coalesce(c.pre_payment, 0), 'FM999,999,999,999,990.009999') as pre_payment_text,
  to_char(coalesce(c.post_payment, 0), 'FM999,999,999,999,990.009999') as post_payment_text,
  to_char(c.refunded, 'FM999,999,999,999,990.009999') as refunded_text,
  to_char(c.credited, 'FM999,999,999,999,990.009999') as credited_text,
  to_char(c.out_of_band, 'FM999,999,999,999,990.009999') as out_of_band_text,
  abs(c.amount - coalesce(c.pre_payment, 0) - coalesce(c.post_payment, 0))
    + abs(coalesce(c.post_payment, 0) - c.refunded - c.credited - c.out_of_band)
    as i7_gap,
  'stripe:credit_note:' || c.credit_note_id as source_ref
from notes c
left join books.invoices i on i.invoice_id = c.invoice_id
where c.entity_id = :entity
  -- What was voided after the as-of day was issued then.
  and (c.status = 'issued' or c.voided_on > :as_of)
  and c.created_on <= :as_of
  and c.effective_date >= :period_start
  and c.effective_date < :period_end
