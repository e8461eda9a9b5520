-- Which line of the bank belongs to which payout: by the trace or the id that the bank's reference
-- names. For payouts that have no trace, and where the bank writes none at all, by amount and the
-- days around the arrival, and only where neither side could be another's.
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
  select p.payout_id, p.trace_id as mark
  from books.payouts p
  where p.entity_id = :entity and length(p.trace_id) >= :shortest_trace
  union
  select p.payout_id, p.payout_id as mark
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
  select distinct b.bank_account, b.txn_id, b.reference, e.ending
  from books.bank_transactions b
  cross join sizes s
  cross join unnest(string_to_array(b.reference, null)) with ordinality as c (letter, place)
  join ends e on e.ending = substr(b.reference, c.place::integer, s.size)
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
    and (coalesce(length(p.trace_id), 0) < :shortest_trace or not exists (select from named))
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
)
select n.payout_id, n.bank_account, n.txn_id from named n
union all
select c.payout_id, c.bank_account, c.txn_id from certain c
union all
select o.payout_id, o.bank_account, o.txn_id
from other_days o
where o.lines_of_payout = 1 and o.payouts_of_line = 1
