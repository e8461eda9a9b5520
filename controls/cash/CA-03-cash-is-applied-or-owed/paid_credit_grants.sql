-- Credit that customers bought and that took effect in the period, by customer and day, against what
-- the ledger took up as a contract liability for the customer on that day. The ledger's name of a
-- customer is the one on the receivables of its invoices. A commitment that is billed in parts is a
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
    and g.voided_at is null
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
-- Documents that are void by now, by every name that a ledger may have for them.
void_documents as (
  select l.invoice_line_id as document_ref
  from books.invoice_lines l
  join books.invoices i on i.invoice_id = l.invoice_id
  where i.entity_id = :entity and i.status = 'void' and i.voided_on > :as_of is not true
  union
  select i.invoice_id
  from books.invoices i
  where i.entity_id = :entity and i.status = 'void' and i.voided_on > :as_of is not true
  union
  select i.number
  from books.invoices i
  where i.entity_id = :entity and i.status = 'void' and i.voided_on > :as_of is not true
),
taken_up as materialized (
  select k.customer_id, l.currency, l.journal_id, l.line_no, j.effective_date, p.is_general,
    l.credit as amount,
    l.document_ref is not null
      and l.document_ref in (
        select v.document_ref from void_documents v where v.document_ref is not null
      ) as is_void
  from books.gl_lines l
  join books.gl_journals j on j.journal_id = l.journal_id
  join prepaid p on p.account = l.account
  join ledger_names k on k.customer_ref = l.customer_ref
  where l.entity_id = :entity
    and l.credit > 0
    and j.effective_date <= :as_of
),
-- What a void takes back counts for its day only if it was taken up again: as the same amount, when
-- the invoice was issued anew, and not for other credit bought later.
standing as (
  select t.customer_id, t.currency, t.effective_date, t.is_general, t.amount, t.journal_id, t.line_no
  from taken_up t
  where not t.is_void
  union
  select t.customer_id, t.currency, v.effective_date, t.is_general, t.amount, t.journal_id, t.line_no
  from taken_up v
  join taken_up t on t.customer_id = v.customer_id
    and t.currency = v.currency
    and t.amount = v.amount
    and t.effective_date >= v.effective_date
  where v.is_void
    and not t.is_void
    and (
      t.effective_date = v.effective_date
      or not exists (
        select from books.credit_grants g
        where g.customer_id = t.customer_id
          and g.currency = t.currency
          and g.amount = t.amount
          and g.effective_on = t.effective_date
      )
    )
),
deferred as (
  select s.customer_id, s.currency, s.effective_date, bool_or(s.is_general) as is_general,
    sum(s.amount) as amount
  from standing s
  group by s.customer_id, s.currency, s.effective_date
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
