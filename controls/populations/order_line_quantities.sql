-- What billing had of each order line that items of subscriptions serve, at the end of the as-of day. An
-- item is as the first read that covers that day, or that followed it, found it (`read_on`). What later
-- orders changed between the day and such a read is taken off again: as far as that leaves what was
-- booked on the day, since billing may not have followed yet, and otherwise all of it.
with first_reads as materialized (
  select distinct on (v.subscription_item_id)
    v.subscription_item_id,
    v.quantity,
    (v.sys_from at time zone 'UTC')::date as read_on
  from books.subscription_item_versions v
  where v.sys_to >= :as_of + interval '1 day'
  order by v.subscription_item_id, v.sys_from
),
served as materialized (
  select x.order_line_id, sum(coalesce(v.quantity, i.quantity)) as quantity,
    max(v.read_on) as read_on
  from populations.order_line_items x
  join books.subscription_items i on i.subscription_item_id = x.subscription_item_id
  left join first_reads v on v.subscription_item_id = x.subscription_item_id
  where x.is_in_force
    and (i.created_on is null or i.created_on <= :as_of)
  group by x.order_line_id
),
changes as materialized (
  select
    m.original_order_line_id as order_line_id,
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
  select s.order_line_id, l.quantity + coalesce(sum(c.quantity), 0) as quantity
  from served s
  join books.order_lines l on l.order_line_id = s.order_line_id
  left join changes c on c.order_line_id = s.order_line_id and c.changed_on <= :as_of
  group by s.order_line_id, l.quantity
),
-- All that had changed since the day, after each later change.
later as materialized (
  select
    c.order_line_id,
    sum(c.quantity) over (
      partition by c.order_line_id order by c.changed_on, c.quantity
      rows between unbounded preceding and current row
    ) as so_far,
    row_number() over (
      partition by c.order_line_id order by c.changed_on desc, c.quantity desc
    ) as place_from_last
  from changes c
  join served s on s.order_line_id = c.order_line_id
  where c.changed_on > :as_of
    and c.changed_on <= s.read_on
)
select
  s.order_line_id,
  case
    when s.quantity = b.quantity or bool_or(s.quantity - k.so_far = b.quantity) then b.quantity
    else s.quantity - coalesce(max(k.so_far) filter (where k.place_from_last = 1), 0)
  end as quantity
from served s
left join booked b on b.order_line_id = s.order_line_id
left join later k on k.order_line_id = s.order_line_id
group by s.order_line_id, s.quantity, b.quantity
