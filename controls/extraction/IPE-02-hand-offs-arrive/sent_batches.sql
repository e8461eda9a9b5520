-- Batches of the period that one system handed to another, with what became of them. What was there
-- already is answered for; what was refused is open until it is sent again.
with open_errors as (
  select
    e.meter_key,
    e.sample ->> 'customer_id' as customer_id,
    (e.window_start_at at time zone 'UTC')::date as occurred_on,
    sum(e.error_count) as error_count
  from books.usage_errors e
  where e.entity_id = :entity
    and e.window_end_at is null
  group by e.meter_key, e.sample ->> 'customer_id', (e.window_start_at at time zone 'UTC')::date
)
select
  b.batch_id,
  coalesce(b.subject, b.interface) as subject,
  b.sent_on,
  b.sent_count,
  b.accepted_count + b.duplicate_count + b.rejected_count as answered_count,
  -- What was refused and sent again may be counted as accepted as well.
  b.accepted_count + b.duplicate_count + b.rejected_count
    - least(b.replayed_count, b.rejected_count) as taken_count,
  b.replayed_count > 0 as is_replayed,
  b.rejected_count - b.replayed_count as open_count,
  coalesce(b.sent_quantity, 0) as sent_quantity,
  coalesce(b.accepted_quantity, 0) + coalesce(b.duplicate_quantity, 0)
    + coalesce(b.rejected_quantity, 0) as answered_quantity,
  coalesce(e.error_count, 0)::bigint as open_in_errors,
  b.interface || ':batch:' || b.batch_id as source_ref
from books.interface_batches b
left join open_errors e on e.meter_key = b.subject
  and e.customer_id = b.customer_id
  and e.occurred_on = b.sent_on
where b.entity_id = :entity
  and b.sent_on >= :period_start
  and b.sent_on < :period_end
