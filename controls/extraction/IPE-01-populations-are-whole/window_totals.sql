-- What was read of each window of the period, by currency, beside what the source itself says it
-- holds, asked in another way than by reading it. A window whose source has no such total is proven
-- by two equal reads alone, and has none to compare.
with windows as (
  select w.source, w.account, w.object, w.from_at, w.to_at, w.source_total, w.totals,
    coalesce(w.source_totals, '[]') as source_totals
  from books.source_windows w
  where w.from_at < (:period_end)::timestamp at time zone 'UTC'
    and w.to_at > (:period_start)::timestamp at time zone 'UTC'
    and exists (
      select 1 from books.source_scopes s
      where s.source = w.source and s.account = w.account and s.entity_id = :entity)
), totals as (
  select w.source, w.account, w.object, w.from_at, w.to_at, w.source_total,
    coalesce(nullif(t.total ->> 'currency', ''), 'none') as currency_code,
    (t.total ->> 'rows')::bigint as rows_read,
    coalesce((t.total ->> 'amount')::numeric(24,6), 0) as amount_read,
    0::bigint as rows_there, 0::numeric(24,6) as amount_there
  from windows w, jsonb_array_elements(w.totals) as t(total)
  union all
  select w.source, w.account, w.object, w.from_at, w.to_at, w.source_total,
    coalesce(nullif(t.total ->> 'currency', ''), 'none'),
    0, 0, (t.total ->> 'rows')::bigint, coalesce((t.total ->> 'amount')::numeric(24,6), 0)
  from windows w, jsonb_array_elements(w.source_totals) as t(total)
)
select
  source || ':' || account || ':' || object || ':' || to_char(from_at, 'YYYY-MM-DD HH24:MI')
    || ':' || to_char(to_at, 'YYYY-MM-DD HH24:MI') as window_id,
  source, object, currency_code,
  to_char(from_at, 'YYYY-MM-DD HH24:MI') as window_from,
  to_char(to_at, 'YYYY-MM-DD HH24:MI') as window_to,
  source_total = 'differs' as source_disagrees,
  sum(rows_read)::bigint as rows_read,
  sum(amount_read)::numeric(24,6) as amount_read,
  sum(rows_there)::bigint as rows_there,
  sum(amount_there)::numeric(24,6) as amount_there,
  source || ':window:' || account || '/' || object as source_ref
from totals
group by source, account, object, from_at, to_at, source_total, currency_code
