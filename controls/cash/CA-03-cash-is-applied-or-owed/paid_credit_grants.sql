-- Credit that customers bought and that took effect in the period, by customer and day, against what
-- the ledger took up as a contract liability for the customer on that day. The ledger's name of a
-- customer is the one on the receivables of its invoices, or that of Stripe; a line without one belongs
-- to the customer of the invoice or grant that it names. A commitment that is billed in parts is a
-- liability as it is billed; what was billed and voided is one no more, unless it was billed again.
-- Promotional credit is no liability.
with grants as (
  select
    g.customer_id,
    g.currency,
    g.effective_on,
    min(g.grant_id) as grant_id,
    count(*) as grant_count,
    sum(g.amount) as amount
  from books.credit_grants g
  where g.entity_id = :entity
    and g.category = 'paid'
    and (g.voided_at is null or g.voided_at >= :as_of + interval '1 day')
    and g.effective_on >= :period_start
    and g.effective_on < :period_end
  group by g.customer_id, g.currency, g.effective_on
),
ledger_names as (
  select distinct i.customer_id, l.customer_ref
  from books.gl_lines l
  join books.invoices i on i.invoice_id = l.document_ref
  where l.entity_id = :entity
    and l.customer_ref is not null
  union
  select g.customer_id, g.customer_id from grants g
),
ledger_documents as (
  select i.invoice_id as document_ref, i.customer_id
  from books.invoices i
  where i.customer_id in (select g.customer_id from grants g)
  union
  select g.grant_id, g.customer_id
  from books.credit_grants g
),
-- The account of prepaid credit; in a chart of accounts that has none, all of deferred revenue.
prepaid as (
  select a.account, a.account <> :prepaid_account as is_general
  from books.gl_accounts a
  where a.entity_id = :entity
    and (
      a.account = :prepaid_account
      or (
        a.control_type = 'DEFERRED'
        and not exists (
          select from books.gl_accounts x
          where x.entity_id = :entity and x.account = :prepaid_account
        )
      )
    )
),
-- What the account moved by, per customer and day: a ledger may post documents one by one, or a day of
-- them at once.
moved as materialized (
  select
    coalesce(k.customer_id, d.customer_id) as customer_id,
    l.currency,
    j.effective_date,
    bool_or(p.is_general) as is_general,
    sum(l.credit) as credit, sum(l.debit) as debit
  from books.gl_lines l
  join books.gl_journals j on j.journal_id = l.journal_id
  join prepaid p on p.account = l.account
  left join ledger_names k on k.customer_ref = l.customer_ref
  left join ledger_documents d on d.document_ref = l.document_ref and l.customer_ref is null
  where l.entity_id = :entity
    and j.effective_date <= :as_of
    and coalesce(k.customer_id, d.customer_id) is not null
  group by coalesce(k.customer_id, d.customer_id), l.currency, j.effective_date
),
net_lines as (
  select i.customer_id, i.currency, i.posting_date, i.status, i.voided_on,
    l.amount - l.discount - l.tax_incl as amount
  from books.invoice_lines l
  join books.invoices i on i.invoice_id = l.invoice_id
  where i.entity_id = :entity
    and l.amount > 0
    and i.posting_date >= :period_start
    and i.posting_date <= :as_of
    and i.customer_id in (select g.customer_id from grants g)
),
-- Lines of the days of grants that are void by now and that the ledger took back, with the first line
-- of that amount that was billed then: the same once more.
taken_back as (
  select v.customer_id, v.currency, v.posting_date, v.amount, v.voided_on,
    min(n.posting_date) as again_on
  from net_lines v
  join grants g on g.customer_id = v.customer_id
    and g.currency = v.currency
    and g.effective_on = v.posting_date
  left join net_lines n on n.customer_id = v.customer_id
    and n.currency = v.currency
    and n.amount = v.amount
    and (n.status <> 'void' or n.voided_on > :as_of)
    and n.posting_date >= v.voided_on
  where v.status = 'void'
    and v.voided_on <= :as_of
    and exists (
      select from moved m
      where m.customer_id = v.customer_id
        and m.currency = v.currency
        and m.debit >= v.amount
        and m.effective_date >= v.voided_on
        and m.effective_date <= v.voided_on + 3
    )
  group by v.customer_id, v.currency, v.posting_date, v.amount, v.voided_on
),
lost as (
  select t.customer_id, t.currency, t.posting_date, t.amount
  from taken_back t
  where not exists (
    select from moved m
    where m.customer_id = t.customer_id
      and m.currency = t.currency
      and m.credit >= t.amount
      and m.effective_date >= t.again_on
      and m.effective_date <= t.again_on + 3
  )
  group by t.customer_id, t.currency, t.posting_date, t.amount
),
deferred as (
  select m.customer_id, m.currency, m.effective_date, m.is_general,
    m.credit - coalesce(max(l.amount), 0) as amount
  from moved m
  join grants g on g.customer_id = m.customer_id
    and g.currency = m.currency
    and g.effective_on = m.effective_date
  left join lost l on l.customer_id = m.customer_id
    and l.currency = m.currency
    and l.posting_date = m.effective_date
    and l.amount in (g.amount, m.credit)
  group by m.customer_id, m.currency, m.effective_date, m.is_general, m.credit
),
billed as (
  select distinct
    i.customer_id,
    i.currency,
    i.posting_date,
    l.amount - l.discount - l.tax_incl as amount
  from books.invoice_lines l
  join books.invoices i on i.invoice_id = l.invoice_id
  where i.entity_id = :entity
    and i.posting_date >= :period_start
    and i.posting_date < :period_end
)
select
  g.grant_id,
  g.amount,
  g.currency,
  g.effective_on,
  coalesce(c.name, g.customer_id) as customer_name,
  to_char(coalesce(d.amount, 0), 'FM999,999,999,999,990.009999') as deferred_text,
  not (
    coalesce(d.amount, 0) = g.amount
    or coalesce(d.is_general and d.amount > g.amount, false)
    or (
      g.grant_count = 1
      and coalesce(d.amount, 0) > 0
      and exists (
        select 1
        from billed b
        where b.customer_id = g.customer_id
          and b.currency = g.currency
          and b.posting_date = g.effective_on
          and b.amount = d.amount
      )
    )
  ) as is_not_deferred,
  g.amount - coalesce(d.amount, 0) as missing,
  'stripe:credit_grant:' || g.grant_id as source_ref
from grants g
left join deferred d
  on d.customer_id = g.customer_id
  and d.currency = g.currency
  and d.effective_date = g.effective_on
left join books.customers c on c.system = 'stripe' and c.customer_id = g.customer_id
