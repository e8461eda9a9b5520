-- Leg D. Stripe's balance at the end of the period, per currency: every movement until then, on the
-- day it was made, automatic payouts on the day they arrive. A payout that came back and that the
-- ledger has not taken back is CA04-FAILED_NOT_REVERSED; here it is named, so that what remains is
-- what nothing explains.
with in_ledger as (
  select l.document_ref, sum(l.debit) as taken_back, sum(l.credit) as paid_out
  from books.gl_lines l
  join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
  where l.entity_id = :entity
    and a.control_type = 'CASH_CLEARING'
    and l.document_ref is not null
  group by l.document_ref
),
movements as (
  select
    b.currency,
    b.net,
    case when b.type = 'payout' and p.automatic then p.arrival_date else b.posting_date end
      as counts_on,
    b.type = 'payout_failure' and coalesce(g.paid_out > 0 and g.taken_back = 0, false)
      as is_unreversed
  from books.balance_transactions b
  left join books.payouts p on p.payout_id = b.document_id
  left join in_ledger g on b.type = 'payout_failure' and g.document_ref = b.document_id
  where b.entity_id = :entity
)
select
  m.currency as balance_currency,
  sum(m.net) as amount,
  m.currency,
  case when m.is_unreversed then 'Failed payouts that the ledger has not taken back' end
    as reconciling,
  'stripe:balance:' || m.currency as source_ref
from movements m
where m.counts_on < :period_end
  -- The ledger's balance is that of a whole month.
  and extract(day from :period_end) = 1
group by m.currency, m.is_unreversed
having sum(m.net) <> 0
