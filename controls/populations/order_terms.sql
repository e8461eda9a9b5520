-- Days that an order gives to pay: 'Net 30', 'NET-30' and '30 days' are 30, payment on receipt is 0;
-- other words (a discount for paying early, instalments) have none and are left to people.
select
  w.order_id,
  case
    when w.word <> '' and ltrim(w.word, '0123456789') = '' and length(w.word) < 5
      then cast(w.word as integer)
    when w.word = '' and (strpos(w.terms, 'receipt') > 0 or strpos(w.terms, 'immediate') > 0) then 0
  end as days
from (
  select
    o.order_id,
    lower(o.payment_terms) as terms,
    rtrim(
      ltrim(lower(o.payment_terms), 'abcdefghijklmnopqrstuvwxyz -_.():'),
      'abcdefghijklmnopqrstuvwxyz -_.():'
    ) as word
  from books.orders o
  where o.payment_terms is not null
) w
