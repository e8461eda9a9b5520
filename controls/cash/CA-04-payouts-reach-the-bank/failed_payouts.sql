-- Payouts that came back in the period by the as-of day, with what the ledger still has of them in
-- the account of the Stripe balance: taken out when they left, put back when they failed, they come
-- to nothing.
with in_ledger as (
  select l.document_ref, l.currency, sum(l.debit - l.credit) as net
  from books.gl_lines l
  join books.gl_journals j on j.journal_id = l.journal_id
  join books.gl_accounts a on a.entity_id = l.entity_id and a.account = l.account
  where l.entity_id = :entity
    and a.control_type = 'CASH_CLEARING'
    and j.effective_date <= :as_of
  group by l.document_ref, l.currency
)
select
  p.payout_id,
  p.amount,
  p.currency,
  p.arrival_date,
  coalesce(f.posting_date, p.arrival_date) as failed_on,
  coalesce(p.failure_code, 'no reason given') as failure_code,
  coalesce(g.net, 0) as ledger_net,
  'stripe:payout:' || p.payout_id as source_ref
from books.payouts p
left join books.balance_transactions f
  on f.balance_transaction_id = p.failure_balance_transaction_id
left join in_ledger g on g.document_ref = p.payout_id and g.currency = p.currency
where p.entity_id = :entity
  and p.status = 'failed'
  and coalesce(f.posting_date, p.arrival_date) >= :period_start
  and coalesce(f.posting_date, p.arrival_date) < :period_end
  and coalesce(f.posting_date, p.arrival_date) <= :as_of
