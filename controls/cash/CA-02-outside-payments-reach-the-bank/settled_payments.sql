-- The recorded payments that a receipt pays for, with what the receipt is short by.
with matched as (
  select
    f.line_id,
    f.mark_id,
    f.amount,
    f.received,
    f.value_date,
    sum(f.amount) over (partition by f.line_id) as claimed,
    row_number() over (partition by f.line_id order by f.amount desc, f.mark_id) as nth,
    -- Tax that payers withhold with a certificate, and what banks keep on the way.
    sum(case when k.is_certified then f.amount else 0 end) over (partition by f.line_id)
      * :withholding_percent / 100 as tax_allowed,
    f.dollar * :bank_fee as fee_allowed,
    bool_or(k.is_certified) over (partition by f.line_id) as is_certified
  from (
    select
      t.line_id,
      t.mark_id,
      t.amount,
      t.received,
      t.value_date,
      coalesce(greatest(u.per_dollar, 1), 1) as dollar
    from populations.claims_on_receipts t
    join populations.payer_receipts r on r.line_id = t.line_id
    left join populations.currency_sizes u on u.currency = r.currency
    where t.nth = 1
      or t.claimed_so_far <= t.received
        + t.certified_so_far * :withholding_percent / 100
        + coalesce(greatest(u.per_dollar, 1), 1) * :bank_fee
  ) f
  join populations.outside_payments k on k.mark_id = f.mark_id
),
-- The receipt that names a record and came in another currency: a bank of the payer converted it.
converted as (
  select
    n.line_id,
    n.mark_id,
    k.amount,
    k.currency,
    r.amount as received,
    r.currency as received_currency,
    r.value_date,
    count(*) over (partition by n.line_id) as marks_of_line,
    count(*) over (partition by n.mark_id) as lines_of_mark
  from populations.named_receipts n
  join populations.outside_payments k on k.mark_id = n.mark_id
  join populations.payer_receipts r on r.line_id = n.line_id
)
-- What a receipt is short by stands on its largest invoice.
select
  m.line_id,
  m.mark_id,
  m.amount,
  m.value_date,
  m.is_certified,
  case when m.nth = 1 then m.claimed - m.received else 0 end as short,
  m.claimed - m.received > 0
    and m.claimed - m.received <= m.tax_allowed + m.fee_allowed as is_explained
from matched m
union all
-- It is worth what was recorded, by a rate of its days and within the band of banks.
select
  c.line_id,
  c.mark_id,
  c.amount,
  c.value_date,
  false as is_certified,
  0 as short,
  false as is_explained
from converted c
where c.marks_of_line = 1
  and c.lines_of_mark = 1
  and c.currency <> c.received_currency
  and exists (
    select 1
    from books.fx_rates f
    where f.rate_date > c.value_date - 7
      and f.rate_date <= c.value_date
      and (
        (f.from_currency = c.currency and f.to_currency = c.received_currency
          and abs(c.amount * f.rate - c.received) <= c.received * :rate_band_percent / 100)
        or (f.from_currency = c.received_currency and f.to_currency = c.currency
          and abs(c.received * f.rate - c.amount) <= c.amount * :rate_band_percent / 100)
      )
  )
