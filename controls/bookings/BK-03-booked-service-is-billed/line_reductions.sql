-- What later orders take away from the quantity of an order line.
select m.original_order_line_id as order_line_id, m.start_date, m.quantity
from books.order_lines m
join books.orders x on x.order_id = m.order_id and x.status = 'Activated'
where m.original_order_line_id is not null and m.is_deleted is not true
