-- Payments that somebody recorded as made outside Stripe in the period, by the end of the as-of day,
-- with who that is.
select
  p.invoice_payment_id as mark_id,
  p.amount_paid as amount,
  p.currency,
  coalesce(i.number, p.invoice_id) as number,
  coalesce(i.customer_name, 'an unknown customer') as customer_name,
  coalesce(p.posting_date, i.paid_on, :period_start) as marked_on,
  coalesce(h.name, d.name, m.marked_by, 'nobody named') as marked_by,
  coalesce(h.title, d.title, 'of no title here') as marker_title,
  coalesce(lower(h.department) = lower(:sales_department), false)
    or coalesce(lower(d.department) = lower(:sales_department), false)
    or coalesce(strpos(lower(', ' || :sales_titles || ','), lower(', ' || h.title || ',')) > 0, false)
    or coalesce(strpos(lower(', ' || :sales_titles || ','), lower(', ' || d.title || ',')) > 0, false)
    or coalesce(u.is_of_sales, false) as is_marked_by_sales,
  exists (
    select 1
    from books.credit_notes c
    where c.invoice_id = p.invoice_id
      and c.requested_by = m.marked_by
      and c.created_on <= :as_of
  ) as is_marked_by_requester,
  'stripe:invoice:' || p.invoice_id as source_ref
from books.invoice_payments p
left join books.invoices i on i.invoice_id = p.invoice_id
left join books.payments m on m.payment_id = p.payment_id
-- The tool that records may know a person by number, by address or by the name in it; or by the
-- login of Salesforce, whose role tells what the person does, or by that of another application,
-- which names the person.
left join books.people h on m.marked_by in (h.person_id, h.email, split_part(h.email, '@', 1))
left join (
  select w.name, min(a.person_id) as person_id
  from books.app_users a
  cross join lateral (values (a.user_id), (a.login)) as w (name)
  where a.person_id is not null
  group by w.name
) o on o.name = m.marked_by
left join books.people d on d.person_id = o.person_id
left join (
  select
    w.name,
    bool_or(
      coalesce(strpos(lower(', ' || :sales_titles || ','), lower(', ' || a.role_name || ',')) > 0,
        false)
    ) as is_of_sales
  from books.app_users a
  cross join lateral (
    values (a.user_id), (a.login), (split_part(a.login, '@', 1))
  ) as w (name)
  where a.app = 'salesforce'
  group by w.name
) u on u.name = m.marked_by
where p.entity_id = :entity
  and p.payment_type in ('payment_record', 'out_of_band')
  and p.status = 'paid'
  and p.amount_paid > 0
  and (p.posting_date is null or p.posting_date <= :as_of)
  and coalesce(p.posting_date, i.paid_on, :period_start) >= :period_start
  and coalesce(p.posting_date, i.paid_on, :period_start) < :period_end
