-- Batches of the period that one system handed to another, with what became of them. What was there
-- already is answered for; what was refused is open until it is sent again.
select
  b.batch_id,
  coalesce(b.subject, b.interface) as subject,
  b.sent_on,
  b.sent_count,
  b.accepted_count + b.duplicate_count + b.rejected_count as answered_count,
  b.rejected_count - b.replayed_count as open_count,
  coalesce(b.sent_quantity, 0) as sent_quantity,
  coalesce(b.accepted_quantity, 0) + coalesce(b.duplicate_quantity, 0)
    + coalesce(b.rejected_quantity, 0) as answered_quantity,
  coalesce((
    select sum(e.error_count)
    from books.usage_errors e
    where e.entity_id = b.entity_id
      and e.meter_key = b.subject
      and e.sample ->> 'customer_id' = b.customer_id
      and (e.window_start_at at time zone 'UTC')::date = b.sent_on
      and e.window_end_at is null
  ), 0)::bigint as open_in_errors,
  b.interface || ':batch:' || b.batch_id as source_ref
from books.interface_batches b
where b.entity_id = :entity
  and b.sent_on >= :period_start
  and b.sent_on < :period_end
