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
-- Every stretch of a reference that is as long as the shortest trace: a mark can only stand where its
-- end does, and ends are looked up, where comparing every payout with every line would take minutes.
stretches as materialized (
  select b.bank_account, b.txn_id, b.reference,
    substr(b.reference, c.place::integer, :shortest_trace) as stretch
  from books.bank_transactions b
  cross join unnest(string_to_array(b.reference, null)) with ordinality as c(letter, place)
  where b.entity_id = :entity
    and b.value_date <= :as_of
    and c.place <= length(b.reference) - :shortest_trace + 1
),
named as materialized (
  select m.payout_id, s.bank_account, s.txn_id
  from marks m
  join stretches s on s.stretch = right(m.mark, :shortest_trace)
  where strpos(s.reference, m.mark) > 0
  union
  -- An id that is shorter still.
  select m.payout_id, b.bank_account, b.txn_id
  from marks m
  join books.bank_transactions b on strpos(b.reference, m.mark) > 0
  where length(m.mark) < :shortest_trace
    and b.entity_id = :entity
    and b.value_date <= :as_of
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
    and not exists (select from named n where n.payout_id = p.payout_id)
    and not exists (
      select from named n where n.bank_account = l.bank_account and n.txn_id = l.txn_id
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
