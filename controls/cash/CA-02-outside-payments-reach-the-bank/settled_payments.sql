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
