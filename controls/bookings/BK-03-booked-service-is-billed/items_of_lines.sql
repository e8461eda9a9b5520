-- What billing has running for an order line.
select
  i.order_line_id,
  sum(i.quantity) as quantity,
  min(p.unit_amount) as unit,
  min(s.start_on) as started_on,
  max(s.order_id) as order_id,
  max(s.ended_on) as ended_on
from books.subscription_items i
join books.subscriptions s on s.subscription_id = i.subscription_id
left join books.prices p on p.price_id = i.price_id and p.source_account = i.source_account
where i.order_line_id is not null
group by i.order_line_id
