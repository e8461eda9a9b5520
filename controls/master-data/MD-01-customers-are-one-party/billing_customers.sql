-- Every billing customer with a subscription that runs or an invoice of the last year, with the
-- accounts that it belongs to.
with linked as materialized (
  select
    customer_id,
    count(distinct account_id) as accounts,
    string_agg(distinct account_id, ' and ' order by account_id) as account_ids,
    min(account_id) filter (where said_by = 'account') as by_account,
    min(account_id) filter (where said_by = 'customer') as by_customer,
    count(distinct account_id) filter (where said_by = 'account') as naming_accounts,
    bool_and(link_method = 'FUZZY') as is_fuzzy
  from populations.customer_accounts
  -- An order alone names nobody.
  where said_by <> 'order'
  group by customer_id
),
ordered as materialized (
  select customer_id, true as has_order
  from books.subscriptions
  where order_id is not null
  group by customer_id
),
-- What anybody may buy: prices of the published list alone, charged without being asked for.
at_list as materialized (
  select l.invoice_id
  from books.invoice_lines l
  left join books.prices p on p.source_account = l.source_account and p.price_id = l.price_id
  where l.amount <> 0
  group by l.invoice_id
  having bool_and(p.price_list is not null or p.lookup_key is not null)
),
invoiced as materialized (
  select i.customer_id, i.currency, sum(i.total_ex_tax) as billed,
    max(i.total_ex_tax) filter (
      where a.invoice_id is null or i.collection_method is distinct from 'charge_automatically'
    ) as largest,
    max(i.customer_name) as customer_name
  from populations.invoices_as_of i
  left join at_list a on a.invoice_id = i.invoice_id
  where i.entity_id = :entity
    and i.status not in ('draft', 'void')
    and i.document_date > :as_of - 365
    and i.document_date <= :as_of
  group by i.customer_id, i.currency
),
running as materialized (
  select s.customer_id, s.currency
  from books.subscriptions s
  where s.entity_id = :entity
    and s.status not in ('incomplete', 'incomplete_expired', 'paused')
    -- As of that day: what ended later ran then.
    and s.start_on <= :as_of
    and (s.ended_on > :as_of or (s.ended_on is null and s.status <> 'canceled'))
  group by s.customer_id, s.currency
)
select
  x.customer_id,
  coalesce(i.billed, 0) as amount,
  x.currency,
  coalesce(c.name, i.customer_name, x.customer_id) as name,
  -- Self-serve customers need no account at list prices, nor up to the cap of one invoice; those
  -- with orders do.
  l.customer_id is null
    and (
      o.has_order is true
      -- The cap is one in dollars; in currencies of other size it is about as much.
      or coalesce(i.largest, 0) > :selfserve_cap * coalesce(
        case when u.per_dollar < 0.5 then u.per_dollar else greatest(u.per_dollar, 1) end, 1
      )
    ) as is_orphan,
  -- The account names another customer, or the customer another account.
  coalesce(l.by_account <> l.by_customer and l.naming_accounts = 1, false) as is_mismatch,
  coalesce(l.naming_accounts > 1, false) as has_many_accounts,
  coalesce(l.is_fuzzy, false) and coalesce(c.credit_balance, 0) + coalesce(i.billed, 0) <> 0
    as is_fuzzy_only,
  coalesce(l.account_ids, 'none') as account_ids,
  coalesce(to_char(i.largest, 'FM999,999,999,990.00'), '0.00') as largest_text,
  'stripe:customer:' || x.customer_id as source_ref
from (
  select customer_id, currency from invoiced
  union
  select customer_id, currency from running
) x
left join invoiced i on i.customer_id = x.customer_id and i.currency = x.currency
left join books.customers c on c.customer_id = x.customer_id
left join linked l on l.customer_id = x.customer_id
left join ordered o on o.customer_id = x.customer_id
left join populations.currency_sizes u on u.currency = x.currency
where c.is_deleted is not true
