-- Every item ever ordered: what the customer owes for it is its price and its freight.
select
  i.order_id,
  i.order_item_id,
  i.price + i.freight_value as amount,
  i.currency,
  i.price,
  i.freight_value,
  'olist:order_item:' || i.order_id || '/' || i.order_item_id::text as source_ref
from files.order_items i
