-- What the ledger has in the account of the Stripe balance at the end of the period, per currency.
select
  g.currency as balance_currency,
  sum(g.closing) as amount,
  g.currency,
  string_agg(distinct g.account, ', ' order by g.account) as account,
  'gl:balance:' || g.entity_id || '/' || min(g.account) || '/' || g.currency || '/' || g.period
    as source_ref
from books.gl_balances g
join books.gl_accounts a on a.entity_id = g.entity_id and a.account = g.account
where g.entity_id = :entity
  and a.control_type = 'CASH_CLEARING'
  and g.period = to_char(:period_start, 'YYYY-MM')
  -- A ledger has balances of months; of one that is not over, only what was posted so far.
  and extract(day from :period_end) = 1
group by g.entity_id, g.currency, g.period
having sum(g.closing) <> 0
