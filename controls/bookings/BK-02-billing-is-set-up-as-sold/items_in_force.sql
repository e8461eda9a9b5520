-- What the subscriptions had for each order line at the end of the as-of day. An end that was
-- neither reached nor asked for by then was not known.
with -- Through when a discount runs on the subscription of an item, or on the item itself, and the
-- share that it takes off the price today, where one alone does.
discounted as materialized (
  select
    i.subscription_item_id,
    max(coalesce(d.end_on, date '9999-12-31')) as discounted_until,
    case when count(*) filter (where d.end_on is null or d.end_on > :as_of) = 1
      then max(u.percent_off) filter (where d.end_on is null or d.end_on > :as_of) end
      as percent_off
  from books.subscription_items i
  join books.discounts d on d.subscription_id = i.subscription_id
  left join books.coupons u
    on u.coupon_id = d.coupon_id and u.source_account = d.source_account
  where (d.subscription_item_id is null or d.subscription_item_id = i.subscription_item_id)
    and (d.start_on is null or d.start_on <= :as_of)
  group by i.subscription_item_id
)
select
  x.order_line_id,
  bool_or(x.continues) as continues,
  bool_or(x.goes_on) as goes_on,
  max(q.quantity) as quantity,
  min(p.unit_amount) as unit_amount,
  max(case p.billing_interval when 'year' then 12 * p.interval_count else p.interval_count end)
    as interval_months,
  min(p.currency) as currency,
  min(i.created_on) as added_on,
  min(s.start_on) as started_on,
  max(coalesce(s.order_id, x.own_order_id)) as order_id,
  max(s.ended_on) filter (
    where s.ended_on <= :as_of or (s.canceled_at at time zone 'UTC')::date <= :as_of
  ) as ended_on,
  max(s.cancel_on) filter (
    -- Of what has ended the planned end stands beside the real one.
    where s.status = 'canceled'
      or s.canceled_at is null
      or (s.canceled_at at time zone 'UTC')::date <= :as_of
  ) as cancel_on,
  max(case when s.collection_method = 'send_invoice' then s.days_until_due end)
    as days_until_due,
  min(s.subscription_id) as subscription_id,
  max(s.schedule_id) as schedule_id,
  max(d.discounted_until) as discounted_until,
  min(d.percent_off) as percent_off
from populations.order_line_items x
join books.subscription_items i on i.subscription_item_id = x.subscription_item_id
join books.subscriptions s on s.subscription_id = i.subscription_id
left join books.prices p
  on p.price_id = i.price_id and p.source_account = i.source_account
left join populations.order_line_quantities q on q.order_line_id = x.order_line_id
left join discounted d on d.subscription_item_id = i.subscription_item_id
where x.is_in_force
  and (i.created_on is null or i.created_on <= :as_of)
group by x.order_line_id
