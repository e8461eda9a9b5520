-- Which receipt each recorded payment claims, in the order in which a receipt pays for them: by what
-- the payer wrote, then by amount and name, then as part of a remittance.
with named as (
  -- First pass: the payer wrote the number of the invoice, or of the purchase order behind it.
  select n.line_id, n.mark_id from populations.named_receipts n
),
-- Names as banks write them: in capitals, with or without points, commas and blanks.
payers as (
  select r.line_id, r.amount, r.currency, r.value_date,
    replace(replace(replace(replace(replace(replace(
      upper(r.counterparty), ' ', ''), '.', ''), ',', ''), '-', ''), '&', ''), '''', '') as name
  from populations.payer_receipts r
),
recorded as (
  select k.mark_id, k.customer_id, k.amount, k.currency, k.marked_on, k.is_certified,
    replace(replace(replace(replace(replace(replace(
      upper(k.customer_name), ' ', ''), '.', ''), ',', ''), '-', ''), '&', ''), '''', '') as name
  from populations.outside_payments k
),
alike as (
  -- Second pass, for what names nothing: the same amount from a payer of that name, in those days.
  select
    r.line_id,
    k.mark_id,
    count(*) over (partition by r.line_id) as marks_of_line,
    count(*) over (partition by k.mark_id) as lines_of_mark
  from payers r
  join recorded k
    on k.currency = r.currency
    and k.amount = r.amount
    and r.value_date >= k.marked_on - :days_before
    and r.value_date <= k.marked_on + :days_after
    and (
      (k.name <> '' and strpos(r.name, k.name) > 0)
      or (r.name <> '' and strpos(k.name, r.name) > 0)
    )
  where not exists (select 1 from named n where n.line_id = r.line_id)
    and not exists (select 1 from named n where n.mark_id = k.mark_id)
),
-- All that was recorded for one customer on one day, where the payer named none of it.
unnamed_days as (
  select k.customer_id, k.currency, k.marked_on, k.name, sum(k.amount) as amount
  from recorded k
  where not exists (select 1 from named n where n.mark_id = k.mark_id)
    and not exists (select 1 from alike a where a.mark_id = k.mark_id)
  group by k.customer_id, k.currency, k.marked_on, k.name
  having count(*) > 1
),
together as (
  -- The same for a remittance: it is, to the cent, all of such a day.
  select
    r.line_id,
    d.customer_id,
    d.currency,
    d.marked_on,
    d.name,
    count(*) over (partition by r.line_id) as days_of_line,
    count(*) over (partition by d.customer_id, d.currency, d.marked_on, d.name) as lines_of_day
  from payers r
  join unnamed_days d
    on d.currency = r.currency
    and d.amount = r.amount
    and r.value_date >= d.marked_on - :days_before
    and r.value_date <= d.marked_on + :days_after
    and (
      (d.name <> '' and strpos(r.name, d.name) > 0)
      or (r.name <> '' and strpos(d.name, r.name) > 0)
    )
  where not exists (select 1 from named n where n.line_id = r.line_id)
    and not exists (select 1 from alike a where a.line_id = r.line_id)
),
-- And what a bank took its fee of, or a payer withheld tax from with a certificate.
kept as (
  select
    r.line_id,
    k.mark_id,
    count(*) over (partition by r.line_id) as marks_of_line,
    count(*) over (partition by k.mark_id) as lines_of_mark
  from payers r
  left join populations.currency_sizes u on u.currency = r.currency
  join recorded k
    on k.currency = r.currency
    and k.amount > r.amount
    and k.amount <= r.amount + coalesce(greatest(u.per_dollar, 1), 1) * :bank_fee
      + case when k.is_certified then k.amount * :withholding_percent / 100 else 0 end
    and r.value_date >= k.marked_on - :days_before
    and r.value_date <= k.marked_on + :days_after
    and (
      (k.name <> '' and strpos(r.name, k.name) > 0)
      or (r.name <> '' and strpos(k.name, r.name) > 0)
    )
  where not exists (select 1 from named n where n.line_id = r.line_id or n.mark_id = k.mark_id)
    and not exists (select 1 from alike a where a.line_id = r.line_id or a.mark_id = k.mark_id)
),
candidates as (
  select n.line_id, n.mark_id from named n
  union all
  -- Only what is unambiguous on both sides.
  select a.line_id, a.mark_id from alike a where a.marks_of_line = 1 and a.lines_of_mark = 1
  union all
  select t.line_id, k.mark_id
  from together t
  join recorded k
    on k.customer_id = t.customer_id
    and k.currency = t.currency
    and k.marked_on = t.marked_on
    and k.name = t.name
  where t.days_of_line = 1
    and t.lines_of_day = 1
    and not exists (select 1 from named n where n.mark_id = k.mark_id)
    and not exists (select 1 from alike a where a.mark_id = k.mark_id)
  union all
  select c.line_id, c.mark_id
  from kept c
  where c.marks_of_line = 1
    and c.lines_of_mark = 1
    and not exists (select 1 from together t where t.line_id = c.line_id)
),
nearest as (
  -- An invoice paid in parts is named by several receipts: each part takes the one of its days.
  select
    c.line_id,
    k.mark_id,
    k.amount,
    k.customer_id,
    k.currency,
    k.marked_on,
    k.is_certified,
    abs(r.value_date - k.marked_on) as days_apart,
    row_number() over (
      partition by k.mark_id
      order by abs(r.value_date - k.marked_on), abs(r.amount - k.amount), c.line_id
    ) as nth
  from candidates c
  join populations.payer_receipts r on r.line_id = c.line_id
  join populations.outside_payments k on k.mark_id = c.mark_id and k.currency = r.currency
),
rests as (
  -- What a receipt brings beyond the invoices it names.
  select
    r.line_id,
    r.amount - sum(n.amount) as rest,
    coalesce(sum(n.amount) filter (where n.is_certified), 0) as certified
  from populations.payer_receipts r
  join nearest n on n.line_id = r.line_id and n.nth = 1
  group by r.line_id, r.amount
),
siblings as (
  -- Third pass: a remittance that names only the first of its invoices. The others were recorded for
  -- the same customer on the same day; together, or one of them alone, they are the rest.
  select distinct x.line_id, k.mark_id, k.amount, k.currency, k.is_certified, x.rest, x.certified
  from (
    select distinct n.line_id, n.customer_id, n.currency, n.marked_on, t.rest, t.certified
    from nearest n
    join rests t on t.line_id = n.line_id and t.rest > 0
    where n.nth = 1
  ) x
  join populations.outside_payments k
    on k.customer_id = x.customer_id
    and k.currency = x.currency
    and k.marked_on = x.marked_on
  where not exists (select 1 from candidates c where c.mark_id = k.mark_id)
),
weighed as (
  select
    s.line_id,
    s.mark_id,
    s.amount,
    s.rest,
    sum(s.amount) over (partition by s.line_id) as together,
    (s.certified + sum(case when s.is_certified then s.amount else 0 end)
        over (partition by s.line_id)) * :withholding_percent / 100
      + coalesce(greatest(u.per_dollar, 1), 1) * :bank_fee as short_allowed,
    count(*) over (partition by s.line_id, s.amount) as of_this_amount,
    count(*) over (partition by s.mark_id) as lines_of_mark
  from siblings s
  left join populations.currency_sizes u on u.currency = s.currency
),
claims as (
  select n.line_id, n.mark_id, n.amount, n.days_apart from nearest n where n.nth = 1
  union all
  select w.line_id, w.mark_id, w.amount, 0 as days_apart
  from weighed w
  where w.lines_of_mark = 1
    and (
      (w.together >= w.rest and w.together <= w.rest + w.short_allowed)
      or (w.amount = w.rest and w.of_this_amount = 1)
    )
)
-- A receipt pays for no more than it brought: what is nearest in time comes first.
select
  c.line_id,
  c.mark_id,
  c.amount,
  r.amount as received,
  r.value_date,
  sum(c.amount) over (partition by c.line_id order by c.days_apart, c.amount desc, c.mark_id)
    as claimed_so_far,
  sum(case when k.is_certified then c.amount else 0 end)
    over (partition by c.line_id order by c.days_apart, c.amount desc, c.mark_id)
    as certified_so_far,
  row_number() over (partition by c.line_id order by c.days_apart, c.amount desc, c.mark_id)
    as nth
from claims c
join populations.payer_receipts r on r.line_id = c.line_id
join populations.outside_payments k on k.mark_id = c.mark_id
