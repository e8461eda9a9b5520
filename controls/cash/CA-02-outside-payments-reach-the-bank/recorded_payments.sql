-- Payments that somebody recorded as made outside Stripe in the period, one per invoice. What the
-- payer's tax office or a bank kept of it is a reconciling item, where it is certified or small.
select
  k.mark_id,
  k.amount - case when s.is_explained then s.short else 0 end as amount,
  k.currency,
  k.number,
  k.customer_name,
  k.marked_on,
  k.marked_by,
  null::text as reconciling,
  'stripe:invoice:' || k.invoice_id as source_ref
from populations.outside_payments k
left join populations.settled_payments s on s.mark_id = k.mark_id
where k.marked_on >= :period_start
  and k.marked_on < :period_end
union all
select
  k.mark_id,
  s.short as amount,
  k.currency,
  k.number,
  k.customer_name,
  k.marked_on,
  k.marked_by,
  case
    when s.is_certified then 'Tax withheld by payers, with certificate'
    else 'Kept by banks on the way'
  end as reconciling,
  'stripe:invoice:' || k.invoice_id as source_ref
from populations.outside_payments k
join populations.settled_payments s on s.mark_id = k.mark_id
where s.is_explained
  and s.short <> 0
  and k.marked_on >= :period_start
  and k.marked_on < :period_end
