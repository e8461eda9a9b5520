-- What billing has running for an order line.
select
  x.order_line_id,
  max(q.quantity) as quantity,
  min(p.unit_amount) as unit,
  min(s.start_on) as started_on,
  max(coalesce(s.order_id, x.own_order_id)) as order_id,
  max(s.ended_on) as ended_on,
  bool_or(x.continues) as continues
from populations.order_line_items x
join books.subscription_items i on i.subscription_item_id = x.subscription_item_id
join books.subscriptions s on s.subscription_id = i.subscription_id
left join books.prices p on p.price_id = i.price_id and p.source_account = i.source_account
left join populations.order_line_quantities q on q.order_line_id = x.order_line_id
where x.is_in_force
group by x.order_line_id
