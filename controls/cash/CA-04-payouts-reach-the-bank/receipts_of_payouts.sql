-- Which line of the bank belongs to which payout: by the trace or the id that the bank's reference
-- names, in capitals or not. Where a line names none, because the bank writes none or cut it off, by
-- amount and the days around the arrival, and only where neither side could be another's. A line that
-- is all of several payouts, named or of one arrival day, holds each of them.
with processor_lines as (
  select b.bank_account, b.txn_id, b.amount, b.currency, b.value_date, b.reference
  from books.bank_transactions b
  where b.entity_id = :entity
    and b.value_date <= :as_of
    and (
      upper(coalesce(b.counterparty, '')) like :processor || '%'
      or upper(coalesce(b.reference, '')) like :processor || '%'
    )
),
marks as (
  select p.payout_id, upper(p.trace_id) as mark
  from books.payouts p
  where p.entity_id = :entity and length(p.trace_id) >= :shortest_trace
  union
  select p.payout_id, upper(p.payout_id) as mark
  from books.payouts p
  where p.entity_id = :entity
),
-- A mark can only stand where its end does. Ends are looked up in every stretch of a reference that
-- is as long; comparing every payout with every line would take minutes.
sizes as materialized (
  select least(min(length(m.mark)), :shortest_trace)::integer as size from marks m
),
ends as materialized (
  select right(m.mark, s.size) as ending
  from marks m
  cross join sizes s
  group by right(m.mark, s.size)
),
places as materialized (
  select distinct b.bank_account, b.txn_id, upper(b.reference) as reference, e.ending
  from books.bank_transactions b
  cross join sizes s
  cross join unnest(string_to_array(upper(b.reference), null)) with ordinality as c (letter, place)
  join ends e on e.ending = substr(upper(b.reference), c.place::integer, s.size)
  where b.entity_id = :entity
    and b.value_date <= :as_of
),
named as materialized (
  select distinct m.payout_id, p.bank_account, p.txn_id
  from places p
  cross join sizes s
  join marks m on right(m.mark, s.size) = p.ending
  where strpos(p.reference, m.mark) > 0
),
named_payouts as materialized (
  select n.payout_id from named n group by n.payout_id
),
named_lines as materialized (
  select n.bank_account, n.txn_id from named n group by n.bank_account, n.txn_id
),
alike as (
  select
    p.payout_id,
    l.bank_account,
    l.txn_id,
    l.value_date = p.arrival_date as is_same_day
  from books.payouts p
  join processor_lines l
    on l.currency = p.currency
    and l.amount = p.amount
    and l.value_date >= p.arrival_date - 1
    and l.value_date <= p.arrival_date + :bank_days
  where p.entity_id = :entity
    and p.status = 'paid'
    and not exists (select from named_payouts n where n.payout_id = p.payout_id)
    and not exists (
      select from named_lines n
      where n.bank_account = l.bank_account and n.txn_id = l.txn_id
    )
),
same_day as (
  select a.payout_id, a.bank_account, a.txn_id,
    count(*) over (partition by a.payout_id) as lines_of_payout,
    count(*) over (partition by a.bank_account, a.txn_id) as payouts_of_line
  from alike a
  where a.is_same_day
),
certain as (
  select s.payout_id, s.bank_account, s.txn_id
  from same_day s
  where s.lines_of_payout = 1 and s.payouts_of_line = 1
),
other_days as (
  select a.payout_id, a.bank_account, a.txn_id,
    count(*) over (partition by a.payout_id) as lines_of_payout,
    count(*) over (partition by a.bank_account, a.txn_id) as payouts_of_line
  from alike a
  where not exists (select from certain c where c.payout_id = a.payout_id)
    and not exists (
      select from certain c where c.bank_account = a.bank_account and c.txn_id = a.txn_id
    )
),
single as (
  select n.payout_id, n.bank_account, n.txn_id from named n
  union all
  select c.payout_id, c.bank_account, c.txn_id from certain c
  union all
  select o.payout_id, o.bank_account, o.txn_id
  from other_days o
  where o.lines_of_payout = 1 and o.payouts_of_line = 1
),
days as (
  select p.currency, p.arrival_date, sum(p.amount) as amount
  from books.payouts p
  where p.entity_id = :entity
    and p.status = 'paid'
    and not exists (select from single s where s.payout_id = p.payout_id)
  group by p.currency, p.arrival_date
  having count(*) > 1
),
batches as (
  select d.currency, d.arrival_date, l.bank_account, l.txn_id,
    count(*) over (partition by d.currency, d.arrival_date) as lines_of_day,
    count(*) over (partition by l.bank_account, l.txn_id) as days_of_line
  from days d
  join processor_lines l
    on l.currency = d.currency
    and l.amount = d.amount
    and l.value_date >= d.arrival_date - 1
    and l.value_date <= d.arrival_date + :bank_days
  where not exists (
    select from single s where s.bank_account = l.bank_account and s.txn_id = l.txn_id
  )
),
matched as (
  select s.payout_id, s.bank_account, s.txn_id from single s
  union all
  select p.payout_id, b.bank_account, b.txn_id
  from batches b
  join books.payouts p on p.currency = b.currency and p.arrival_date = b.arrival_date
  where b.lines_of_day = 1
    and b.days_of_line = 1
    and p.entity_id = :entity
    and p.status = 'paid'
    and not exists (select from single s where s.payout_id = p.payout_id)
)
select
  m.payout_id,
  m.bank_account,
  m.txn_id,
  case
    when count(*) over (partition by m.bank_account, m.txn_id) > 1
      and sum(p.amount) over (partition by m.bank_account, m.txn_id) = b.amount
      then p.amount
    else b.amount
  end as amount
from matched m
join books.payouts p on p.payout_id = m.payout_id
join books.bank_transactions b on b.bank_account = m.bank_account and b.txn_id = m.txn_id
