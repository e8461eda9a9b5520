-- Payouts that came back in the period by the as-of day, with what the ledger still has of them in
-- the account of the Stripe balance: taken out when they left, put back when they failed, they come
-- to nothing. The ledger may name a payout, or the movements by which it left and came back. Of one
-- that Stripe's own balance never got back, all is open.
with in_ledger as (
  select l.document_ref, l.currency, sum(l.debit - l.credit) as net
  from books.gl_lines l
  join books.gl_journals j on j.journal_id = l.journal_id
  join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
  where l.entity_id = :entity
    and a.control_type = 'CASH_CLEARING'
    and j.effective_date <= :as_of
  group by l.document_ref, l.currency
),
given_back as (
  select b.document_id as payout_id, min(b.posting_date) as posting_date
  from books.balance_transactions b
  where b.type like 'payout_failure%'
  group by b.document_id
)
select
  p.payout_id,
  p.amount,
  p.currency,
  p.arrival_date,
  coalesce(f.posting_date, r.posting_date, p.arrival_date) as failed_on,
  coalesce(p.failure_code, 'no reason given') as failure_code,
  coalesce(g.net, 0) as ledger_net,
  p.failure_balance_transaction_id is null and r.payout_id is null as is_not_back,
  'stripe:payout:' || p.payout_id as source_ref
from books.payouts p
left join books.balance_transactions f
  on f.balance_transaction_id = p.failure_balance_transaction_id
left join (
  select m.payout_id, l.currency, sum(l.net) as net
  from (
    select p.payout_id, p.payout_id as document_ref from books.payouts p
    union
    select p.payout_id, p.balance_transaction_id from books.payouts p
    union
    select p.payout_id, p.failure_balance_transaction_id from books.payouts p
  ) m
  join in_ledger l on l.document_ref = m.document_ref
  group by m.payout_id, l.currency
) g on g.payout_id = p.payout_id and g.currency = p.currency
left join given_back r on r.payout_id = p.payout_id
where p.entity_id = :entity
  and p.status = 'failed'
  and coalesce(f.posting_date, r.posting_date, p.arrival_date) >= :period_start
  and coalesce(f.posting_date, r.posting_date, p.arrival_date) < :period_end
  and coalesce(f.posting_date, r.posting_date, p.arrival_date) <= :as_of
