-- Every draft that there was at the end of the as-of day, with the days since it was made.
select
  i.invoice_id,
  i.subtotal - i.discount_total as amount,
  i.currency,
  i.customer_name,
  i.created_on,
  :as_of - i.created_on as age_days,
  coalesce(i.auto_advance, false) as advances,
  case
    when i.finalization_error_code is not null then 'finalising fails: ' || i.finalization_error_code
    when coalesce(i.auto_advance, false) then 'it should have been finalised by itself'
    else 'nobody lets it advance'
  end as state,
  -- Paused subscriptions keep drafts on purpose; unpaid ones leave them, until they end (SU-01).
  coalesce(
    s.status in ('unpaid', 'canceled') or (s.is_paused and s.pause_behavior = 'keep_as_draft'), false
  ) as is_kept,
  'stripe:invoice:' || i.invoice_id as source_ref
from books.invoices i
left join books.subscriptions s on s.subscription_id = i.subscription_id
where i.entity_id = :entity
  and (i.status = 'draft' or i.posting_date > :as_of)
  and i.created_on < :period_end
