-- Every number of an invoice or credit note that became final in the period, and every number that
-- lies between two of them and belongs to no document. Numbers are given when a document becomes
-- final, so that a deleted draft leaves no gap and a void invoice keeps its number.
with recursive documents as (
  select i.number, 'Invoice' as kind, i.invoice_id as document_id, 'invoice' as object,
    i.customer_id, i.customer_name, i.finalized_at as final_at,
    coalesce(i.posting_date, i.document_date) as posted_on, '' as invoice_number
  from books.invoices i
  where i.entity_id = :entity and i.status <> 'draft' and i.number is not null
  union all
  select c.number, 'Credit note', c.credit_note_id, 'credit_note',
    coalesce(i.customer_id, c.customer_id), coalesce(i.customer_name, c.customer_id), c.created_at,
    c.created_on, coalesce(i.number, '')
  from books.credit_notes c
  left join books.invoices i on i.invoice_id = c.invoice_id
  where c.entity_id = :entity and c.number is not null
),
-- `NI-000317` is number 317 of the range `NI`, and so is `NI000317`; what has no such end is a range
-- of its own.
ended as (
  select d.number, d.kind, d.document_id, d.object, d.customer_id, d.customer_name, d.final_at,
    d.posted_on, d.invoice_number, rtrim(d.number, '0123456789') as stem,
    right(d.number, length(d.number) - length(rtrim(d.number, '0123456789'))) as tail
  from documents d
),
parsed as (
  select e.number, e.kind, e.document_id, e.object, e.customer_id, e.customer_name, e.final_at,
    e.posted_on, e.invoice_number, length(e.tail) as digits,
    case when right(e.stem, 1) = '-' then '-' else '' end as separator,
    case when e.tail <> '' and length(e.tail) < 16 then e.tail::bigint end as sequence,
    case
      when e.tail = '' or length(e.tail) >= 16 then e.number
      when right(e.stem, 1) = '-' then left(e.stem, length(e.stem) - 1)
      else e.stem
    end as prefix
  from ended e
),
ranged as (
  select p.number, p.kind, p.document_id, p.object, p.customer_id, p.customer_name, p.final_at,
    p.posted_on, p.invoice_number, p.sequence, p.digits, p.separator, p.prefix,
    c.next_invoice_sequence,
    p.sequence is not null and p.object = 'invoice' and c.invoice_prefix is not null
      and (p.prefix = c.invoice_prefix
        or right(p.prefix, length(c.invoice_prefix) + 1) = '-' || c.invoice_prefix) as is_own
  from parsed p
  left join books.customers c on c.customer_id = p.customer_id
),
-- A range is known when it is the customer's own, when several customers share it (the account
-- numbers), or when it extends the number of the invoice that is credited.
known as (
  select r.number, r.kind, r.document_id, r.object, r.customer_id, r.customer_name, r.final_at,
    r.posted_on, r.sequence, r.digits, r.separator, r.prefix, r.is_own, r.next_invoice_sequence,
    r.is_own
      or (r.sequence is not null and r.object = 'invoice'
        and min(r.customer_id) over (partition by r.prefix)
          <> max(r.customer_id) over (partition by r.prefix))
      or (r.object = 'credit_note' and r.invoice_number <> ''
        and starts_with(r.number, r.invoice_number)) as is_known
  from ranged r
),
ordered as (
  select k.number, k.kind, k.document_id, k.object, k.customer_name, k.final_at, k.posted_on,
    k.sequence, k.digits, k.separator, k.prefix,
    lag(k.sequence) over (partition by k.prefix order by k.sequence, k.document_id) as previous,
    lag(k.final_at) over (partition by k.prefix order by k.sequence, k.document_id)
      as previous_at,
    lag(k.number) over (partition by k.prefix order by k.sequence, k.document_id)
      as previous_number,
    -- A customer that was renamed has an older range, which ended before its present one began.
    k.is_known
      or coalesce(max(k.final_at) over (partition by k.prefix)
        < min(k.final_at) filter (where k.is_known and k.object = 'invoice')
          over (partition by k.customer_id), true) as has_known_range,
    k.is_own and k.sequence = max(k.sequence) over (partition by k.prefix) as is_last,
    count(*) over (partition by k.number) as uses,
    row_number() over (partition by k.number order by k.final_at desc, k.document_id) as use_no,
    k.next_invoice_sequence
  from known k
),
-- A number stands here once, by the last document that has it.
now_final as (
  select o.number, o.kind, o.document_id, o.object, o.customer_name, o.final_at, o.posted_on,
    o.sequence, o.digits, o.separator, o.prefix, o.previous, o.previous_at, o.previous_number,
    o.has_known_range, o.is_last, o.uses, o.next_invoice_sequence
  from ordered o
  where o.use_no = 1 and o.posted_on >= :period_start and o.posted_on < :period_end
),
-- The numbers between a document and the one before it, at most a thousand of a gap.
missing as (
  select n.prefix, n.separator, n.kind, n.digits, n.posted_on, n.previous_number,
    n.number as next_number, n.previous + 1 as sequence, least(n.sequence - 1, n.previous + 1000) as last_sequence
  from now_final n
  where n.sequence > n.previous + 1
  union all
  select m.prefix, m.separator, m.kind, m.digits, m.posted_on, m.previous_number, m.next_number,
    m.sequence + 1, m.last_sequence
  from missing m
  where m.sequence < m.last_sequence
)
select
  n.number,
  n.kind,
  n.customer_name,
  n.posted_on,
  n.prefix,
  false as is_missing,
  n.uses,
  n.has_known_range,
  coalesce(n.previous_at > n.final_at + interval '1 minute', false) as is_out_of_order,
  coalesce(n.previous_number, '') as previous_number,
  '' as next_number,
  n.is_last and n.next_invoice_sequence is not null
    and n.next_invoice_sequence <> n.sequence + 1 as is_next_wrong,
  coalesce(n.next_invoice_sequence, 0) as next_invoice_sequence,
  'stripe:' || n.object || ':' || n.document_id as source_ref
from now_final n
union all
select
  m.prefix || m.separator || lpad(m.sequence::text, m.digits, '0') as number,
  m.kind,
  'nobody' as customer_name,
  m.posted_on,
  m.prefix,
  true as is_missing,
  0 as uses,
  true as has_known_range,
  false as is_out_of_order,
  m.previous_number,
  m.next_number,
  false as is_next_wrong,
  0 as next_invoice_sequence,
  'stripe:' || case m.kind when 'Invoice' then 'invoice' else 'credit_note' end || ':'
    || m.prefix || m.separator || lpad(m.sequence::text, m.digits, '0') as source_ref
from missing m
