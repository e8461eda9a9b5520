-- Every coupon that was ever used, with how often it may be and was.
select
  c.coupon_id,
  coalesce(c.name, c.coupon_id) as name,
  coalesce(
    rtrim(to_char(c.percent_off, 'FM990.99'), '.') || ' %',
    to_char(c.amount_off, 'FM999,999,999,990.009999') || ' ' || c.currency,
    'something'
  ) as takes_off,
  coalesce(c.times_redeemed, 0) as times_redeemed,
  c.max_redemptions,
  'stripe:coupon:' || c.coupon_id as source_ref
from books.coupons c
where c.entity_id = :entity and coalesce(c.times_redeemed, 0) > 0
