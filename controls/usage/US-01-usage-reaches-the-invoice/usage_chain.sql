-- What the product's store and the billing meter counted, by customer and meter, hour by hour. An
-- hour has settled :settle_days after it ended, or after the last of its events reached the store.
-- It counts in the month in which it settles, so that none is looked at too early or never; and in
-- the month in which it lies, when that is looked at late enough.
with store as (
  select distinct on (u.customer_id, u.meter_key, u.hour_at)
    u.customer_id,
    u.entity_id,
    u.meter_key,
    u.hour_at,
    u.quantity,
    (greatest(u.ingested_at_max, u.hour_at + interval '1 hour') at time zone 'UTC')::date
      + :settle_days as settled_on
  from books.usage_hours u
  where u.hour_at >= :period_start - 37
    and u.hour_at < :period_end
  order by u.customer_id, u.meter_key, u.hour_at, u.store_version desc
),
meter as (
  select s.customer_id, s.entity_id, m.meter_key, s.start_at as hour_at,
    sum(s.quantity) as quantity
  from books.usage_summaries s
  join populations.product_meters m on m.meter_id = s.meter_id
  where s.start_at >= :period_start - 37
    and s.start_at < :period_end
  group by s.customer_id, s.entity_id, m.meter_key, s.start_at
),
-- The few hours on which they do not agree.
differing_hours as (
  select
    coalesce(s.customer_id, m.customer_id) as customer_id,
    coalesce(s.entity_id, m.entity_id) as entity_id,
    coalesce(s.meter_key, m.meter_key) as meter_key,
    coalesce(s.hour_at, m.hour_at) as hour_at,
    coalesce(s.quantity, 0) - coalesce(m.quantity, 0) as difference,
    coalesce(
      s.settled_on,
      ((m.hour_at + interval '1 hour') at time zone 'UTC')::date + :settle_days
    ) as settled_on
  from store s
  full join meter m on m.customer_id = s.customer_id
    and m.meter_key = s.meter_key
    and m.hour_at = s.hour_at
  where coalesce(s.quantity, 0) <> coalesce(m.quantity, 0)
),
-- As much is missing at one customer as another has too much, in the same hour of the same meter:
-- that usage strayed. The other may be a customer of another entity.
differences as (
  select
    h.customer_id,
    h.entity_id,
    h.meter_key,
    h.hour_at,
    h.difference,
    h.settled_on,
    sum(sign(h.difference)) over (
      partition by h.meter_key, h.hour_at, abs(h.difference)
    ) = 0 as is_strayed
  from differing_hours h
),
differing as (
  select
    d.customer_id,
    d.meter_key,
    sum(case when not d.is_strayed and d.difference > 0 then d.difference else 0 end) as lost,
    sum(case when not d.is_strayed and d.difference < 0 then -d.difference else 0 end)
      as duplicated,
    sum(case when d.is_strayed then abs(d.difference) else 0 end) as strayed,
    sum(d.difference) as difference,
    min(d.hour_at) as first_at,
    max(d.hour_at) as last_at,
    count(*) as hour_count
  from differences d
  where d.entity_id = :entity and d.settled_on >= :period_start
    and d.settled_on <= :as_of
  group by d.customer_id, d.meter_key
),
stored as (
  select s.customer_id, s.meter_key, sum(s.quantity) as quantity
  from store s
  where s.entity_id = :entity and s.settled_on >= :period_start
    and s.settled_on <= :as_of
  group by s.customer_id, s.meter_key
),
-- On all other hours the meter has what the store has.
chain as (
  select
    coalesce(s.customer_id, d.customer_id) as customer_id,
    coalesce(s.meter_key, d.meter_key) as meter_key,
    coalesce(s.quantity, 0) as stored,
    coalesce(s.quantity, 0) - coalesce(d.difference, 0) as metered,
    coalesce(d.lost, 0) as lost,
    coalesce(d.duplicated, 0) as duplicated,
    coalesce(d.strayed, 0) as strayed,
    d.first_at,
    d.last_at,
    coalesce(d.hour_count, 0) as hour_count
  from stored s
  full join differing d on d.customer_id = s.customer_id and d.meter_key = s.meter_key
),
-- What a unit of the meter brought on the customer's invoices of the last months.
rates as (
  select
    i.customer_id,
    m.meter_key,
    max(l.currency) as currency,
    sum(l.amount - l.discount - l.tax_incl) / sum(l.quantity) as per_unit
  from books.invoice_lines l
  join books.invoices i on i.invoice_id = l.invoice_id
  join books.prices p on p.source_account = l.source_account and p.price_id = l.price_id
  join populations.product_meters m on m.meter_id = p.meter_id
  where i.entity_id = :entity
    and i.status in ('open', 'paid', 'uncollectible')
    and i.posting_date >= :period_start - 62
    and i.posting_date < :period_end + 31
  group by i.customer_id, m.meter_key
  having sum(l.quantity) > 0
),
internal as (
  select e.customer_id
  from books.entitlements e
  group by e.customer_id
  having bool_and(e.is_internal)
)
select
  c.customer_id,
  c.meter_key,
  coalesce(k.name, c.customer_id) as customer_name,
  coalesce(r.currency, k.currency, 'USD') as currency,
  round(c.stored * coalesce(r.per_unit, 0), 2) as amount,
  c.stored as stored_quantity,
  c.metered as metered_quantity,
  c.lost as lost_quantity,
  c.duplicated as duplicated_quantity,
  c.strayed as strayed_quantity,
  to_char(c.stored, 'FM999,999,999,999,999,990') as stored_text,
  to_char(c.metered, 'FM999,999,999,999,999,990') as metered_text,
  to_char(c.lost, 'FM999,999,999,999,999,990') as lost_text,
  to_char(c.duplicated, 'FM999,999,999,999,999,990') as duplicated_text,
  to_char(c.strayed, 'FM999,999,999,999,999,990') as strayed_text,
  round(c.lost * coalesce(r.per_unit, 0), 2) as lost_value,
  round(c.duplicated * coalesce(r.per_unit, 0), 2) as duplicated_value,
  round(c.strayed * coalesce(r.per_unit, 0), 2) as strayed_value,
  c.hour_count,
  coalesce(to_char(c.first_at at time zone 'UTC', 'YYYY-MM-DD HH24:00'), '') as first_hour,
  coalesce(to_char(c.last_at at time zone 'UTC', 'YYYY-MM-DD HH24:00'), '') as last_hour,
  case when n.customer_id is not null then 'Internal usage, never metered' end as reconciling,
  'product:usage:' || c.customer_id || '/' || c.meter_key as source_ref
from chain c
left join rates r on r.customer_id = c.customer_id and r.meter_key = c.meter_key
left join books.customers k on k.customer_id = c.customer_id
left join internal n on n.customer_id = c.customer_id
