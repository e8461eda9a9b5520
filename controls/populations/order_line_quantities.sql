-- What billing had of each order line that items of subscriptions serve, at the end of the as-of day. An
-- item is as the last read before the end of that day found it, or as the first one after it, which may
-- know of that day what the other did not; what was read only later is all that is known. What later
-- orders changed between the day and such a read is taken off again: as far as that leaves what was
-- booked on the day, since billing may not have followed yet, and otherwise all of it.
with reads as materialized (
  select
    v.subscription_item_id,
    v.quantity,
    (v.sys_from at time zone 'UTC')::date as read_on,
    v.sys_from < :as_of + interval '2 days' as is_near,
    row_number() over (partition by v.subscription_item_id order by v.sys_from) as place,
    row_number() over (
      partition by v.subscription_item_id, v.sys_from < :as_of + interval '2 days'
      order by v.sys_from desc
    ) as place_from_last
  from books.subscription_item_versions v
  where v.sys_to >= :as_of + interval '1 day'
),
known as materialized (
  select r.subscription_item_id, r.quantity, r.read_on, true as is_first
  from reads r
  where r.place = 1
  union all
  select r.subscription_item_id, r.quantity, r.read_on, false as is_first
  from reads r
  where (r.is_near and r.place_from_last = 1) or (not r.is_near and r.place = 1)
),
served as materialized (
  select x.order_line_id, k.is_first, sum(k.quantity) as quantity, max(k.read_on) as read_on
  from populations.order_line_items x
  join books.subscription_items i on i.subscription_item_id = x.subscription_item_id
  join known k on k.subscription_item_id = x.subscription_item_id
  where x.is_in_force
    and (i.created_on is null or i.created_on <= :as_of)
  group by x.order_line_id, k.is_first
),
changes as materialized (
  select
    m.original_order_line_id as order_line_id,
    m.order_line_id as changed_by,
    greatest(coalesce(m.start_date, o.term_start), o.activated_on) as changed_on,
    m.quantity
  from books.order_lines m
  join books.orders o on o.order_id = m.order_id
  where m.original_order_line_id is not null
    and m.is_deleted is not true
    and o.status = 'Activated'
    and o.is_deleted is not true
),
booked as materialized (
  select l.order_line_id, l.quantity + coalesce(sum(c.quantity), 0) as quantity
  from books.order_lines l
  left join changes c on c.order_line_id = l.order_line_id and c.changed_on <= :as_of
  where l.order_line_id in (select s.order_line_id from served s)
  group by l.order_line_id, l.quantity
),
-- All that had changed since the day, after each later change.
later as materialized (
  select
    s.order_line_id,
    s.is_first,
    sum(c.quantity) over (
      partition by s.order_line_id, s.is_first order by c.changed_on, c.changed_by
    ) as so_far,
    row_number() over (
      partition by s.order_line_id, s.is_first order by c.changed_on desc, c.changed_by desc
    ) as place_from_last
  from served s
  join changes c on c.order_line_id = s.order_line_id
  where c.changed_on > :as_of
    and c.changed_on <= s.read_on
)
select
  s.order_line_id,
  case
    when bool_or(s.quantity = b.quantity or s.quantity - k.so_far = b.quantity)
      then min(b.quantity)
    else min(s.quantity - coalesce(k.so_far, 0)) filter (
      where not s.is_first and coalesce(k.place_from_last, 1) = 1
    )
  end as quantity
from served s
left join booked b on b.order_line_id = s.order_line_id
left join later k on k.order_line_id = s.order_line_id and k.is_first = s.is_first
group by s.order_line_id
