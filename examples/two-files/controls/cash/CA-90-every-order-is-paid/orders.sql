select o.order_id, o.customer, o.ordered_on, o.amount, o.currency,
  'shop:order:' || o.order_id as source_ref
from files.orders o
where o.ordered_on >= :period_start and o.ordered_on < :period_end
