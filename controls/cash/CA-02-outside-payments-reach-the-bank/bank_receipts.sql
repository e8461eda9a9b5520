-- Receipts on the bank statement that go with payments recorded in the period, shared out over them,
-- and receipts of the period that name an invoice and that nobody recorded. How a record finds its
-- receipt is written here and in recorded_payments: by reference, then by amount and name, then as
-- part of a remittance.
with marks as (
  -- What somebody recorded as paid outside Stripe, per invoice.
  select
    p.invoice_payment_id as mark_id,
    p.invoice_id,
    coalesce(i.number, p.invoice_id) as number,
    i.order_id,
    i.customer_id,
    coalesce(i.customer_name, 'an unknown customer') as customer_name,
    p.currency,
    p.amount_paid as amount,
    coalesce(p.posting_date, i.paid_on, :period_start) as marked_on,
    coalesce(m.marked_by, 'nobody named') as marked_by,
    m.withholding_certificate is not null as is_certified
  from books.invoice_payments p
  left join books.invoices i on i.invoice_id = p.invoice_id
  left join books.payments m on m.payment_id = p.payment_id
  where p.entity_id = :entity
    and p.payment_type in ('payment_record', 'out_of_band')
    and p.status = 'paid'
    and p.amount_paid > 0
),
receipts as (
  select
    b.bank_account,
    b.txn_id,
    b.bank_account || '/' || b.txn_id as line_id,
    b.amount,
    b.currency,
    b.value_date,
    coalesce(b.reference, 'no reference') as reference,
    coalesce(b.counterparty, 'an unknown payer') as counterparty
  from books.bank_transactions b
  where b.entity_id = :entity
    and b.amount > 0
    and upper(coalesce(b.counterparty, '')) not like :processor || '%'
    and b.value_date <= :as_of
),
words as (
  select distinct r.line_id, t.word
  from receipts r,
    unnest(
      string_to_array(
        replace(replace(replace(upper(r.reference), ',', ' '), ';', ' '), '/', ' '),
        ' '
      )
    ) as t (word)
),
named as (
  -- First pass: the payer wrote the number of the invoice, or of the purchase order behind it.
  select w.line_id, k.mark_id
  from marks k
  join words w on w.word = upper(k.number)
  union
  select w.line_id, k.mark_id
  from marks k
  join books.orders o on o.order_id = k.order_id
  join words w on w.word = upper(o.po_number)
),
alike as (
  -- Second pass, for what names nothing: the same amount from a payer of that name, in those days.
  select
    r.line_id,
    k.mark_id,
    count(*) over (partition by r.line_id) as marks_of_line,
    count(*) over (partition by k.mark_id) as lines_of_mark
  from receipts r
  join marks k
    on k.currency = r.currency
    and k.amount = r.amount
    and r.value_date >= k.marked_on - :days_before
    and r.value_date <= k.marked_on + :days_after
    and (
      strpos(upper(r.counterparty), upper(k.customer_name)) > 0
      or strpos(upper(k.customer_name), upper(r.counterparty)) > 0
    )
  where not exists (select 1 from named n where n.line_id = r.line_id)
    and not exists (select 1 from named n where n.mark_id = k.mark_id)
),
candidates as (
  select n.line_id, n.mark_id from named n
  union all
  -- Only what is unambiguous on both sides.
  select a.line_id, a.mark_id from alike a where a.marks_of_line = 1 and a.lines_of_mark = 1
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
  join receipts r on r.line_id = c.line_id
  join marks k on k.mark_id = c.mark_id and k.currency = r.currency
),
rests as (
  -- What a receipt brings beyond the invoices it names.
  select
    r.line_id,
    r.amount - sum(n.amount) as rest,
    coalesce(sum(n.amount) filter (where n.is_certified), 0) as certified
  from receipts r
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
  join marks k
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
      + case when s.currency in ('JPY', 'KRW', 'HUF', 'CLP', 'ISK', 'VND') then 100 else 1 end
        * :bank_fee as short_allowed,
    count(*) over (partition by s.line_id, s.amount) as of_this_amount,
    count(*) over (partition by s.mark_id) as lines_of_mark
  from siblings s
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
),
fitted as (
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
  join receipts r on r.line_id = c.line_id
  join marks k on k.mark_id = c.mark_id
),
matched as (
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
    case when f.currency in ('JPY', 'KRW', 'HUF', 'CLP', 'ISK', 'VND') then 100 else 1 end
      * :bank_fee as fee_allowed,
    bool_or(k.is_certified) over (partition by f.line_id) as is_certified
  from (
    select t.line_id, t.mark_id, t.amount, t.received, t.value_date, r.currency
    from fitted t
    join receipts r on r.line_id = t.line_id
    where t.nth = 1
      or t.claimed_so_far <= t.received
        + t.certified_so_far * :withholding_percent / 100
        + case when r.currency in ('JPY', 'KRW', 'HUF', 'CLP', 'ISK', 'VND') then 100 else 1 end
          * :bank_fee
  ) f
  join marks k on k.mark_id = f.mark_id
),
settled as (
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
)
select
  k.mark_id,
  k.amount - s.short as amount,
  k.currency,
  r.bank_account,
  r.txn_id,
  r.value_date,
  r.reference,
  r.counterparty,
  k.number,
  (
    select count(*)
    from generate_series(k.marked_on + 1, r.value_date, interval '1 day') as t (day)
    where extract(isodow from t.day) < 6
  ) as weekdays_early,
  false as is_used_already,
  null::text as reconciling,
  'bank:' || r.bank_account || ':' || r.txn_id as source_ref
from marks k
join settled s on s.mark_id = k.mark_id
join receipts r on r.line_id = s.line_id
where k.marked_on >= :period_start
  and k.marked_on < :period_end
union all
-- A receipt that as large a record claims beside the one it pays for: nothing of it is left.
select
  k.mark_id,
  0 as amount,
  k.currency,
  r.bank_account,
  r.txn_id,
  r.value_date,
  r.reference,
  r.counterparty,
  k.number,
  0 as weekdays_early,
  true as is_used_already,
  null::text as reconciling,
  'bank:' || r.bank_account || ':' || r.txn_id as source_ref
from marks k
join fitted f on f.mark_id = k.mark_id and f.amount >= f.received
join receipts r on r.line_id = f.line_id
where not exists (select 1 from settled s where s.mark_id = k.mark_id)
  and k.marked_on >= :period_start
  and k.marked_on < :period_end
union all
select
  'bank line ' || r.txn_id as mark_id,
  r.amount,
  r.currency,
  r.bank_account,
  r.txn_id,
  r.value_date,
  r.reference,
  r.counterparty,
  u.number,
  0 as weekdays_early,
  false as is_used_already,
  case
    when (
      select count(*)
      from generate_series(r.value_date + 1, :as_of, interval '1 day') as t (day)
      where extract(isodow from t.day) < 6
    ) <= :apply_weekdays
      then 'Receipts of the last days, still to be applied'
  end as reconciling,
  'bank:' || r.bank_account || ':' || r.txn_id as source_ref
from receipts r
join (
  select w.line_id, min(i.number) as number
  from words w
  join books.invoices i on upper(i.number) = w.word and i.entity_id = :entity
  group by w.line_id
) u on u.line_id = r.line_id
where not exists (select 1 from settled s where s.line_id = r.line_id)
  and r.value_date >= :period_start
  and r.value_date < :period_end
