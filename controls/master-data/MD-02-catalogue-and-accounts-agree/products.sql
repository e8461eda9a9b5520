-- Every product with revenue posted in the period from its schedules, by currency: the accounts it
-- went to, how it is recognised, and its standalone price.
with posted as materialized (
  select
    p.product_code,
    e.currency,
    e.account,
    coalesce(a.name, e.account) as account_name,
    case when e.dr_cr in ('CR', 'C', 'credit') then e.amount else -e.amount end as amount,
    p.method,
    p.ssp,
    -- A charge of a day under an obligation of months (a fee beside the platform) is for something
    -- else, and goes where that belongs.
    coalesce(
      l.start_date = l.end_date_excl and p.service_end_excl > p.service_start + 1, false
    ) as is_one_off
  from books.revenue_entries e
  join books.revenue_schedule_lines l on l.schedule_line_id = e.schedule_line_id
  join books.performance_obligations p
    on p.performance_obligation_id = l.performance_obligation_id
  join books.gl_accounts a
    on a.entity_id = e.entity_id and a.account = e.account and lower(a.class) = 'revenue'
  where e.entity_id = :entity
    and e.origin <> 'MANUAL'
    and e.entry_date >= :period_start
    and e.entry_date < :period_end
),
catalogue as materialized (
  select
    code,
    min(name) as name,
    max(revenue_account) as revenue_account,
    max(nullif(trim(recognition_method), '')) as method,
    max(ssp_low) as ssp_low,
    max(ssp_high) as ssp_high
  from books.products
  where code is not null and is_deleted is not true
  group by code
),
-- Where the product map names no account, most of its revenue does.
usual as materialized (
  select product_code, account
  from (
    select
      product_code,
      account,
      row_number() over (
        partition by product_code order by count(*) desc, account
      ) as place
    from posted
    where account <> :default_account and not is_one_off
    group by product_code, account
  ) ranked
  where place = 1
)
select
  p.product_code,
  sum(p.amount) as amount,
  p.currency,
  coalesce(c.name, p.product_code) as name,
  coalesce(sum(p.amount) filter (
    where p.account = :default_account and c.revenue_account is distinct from p.account
  ), 0) as unmapped_amount,
  to_char(
    coalesce(sum(p.amount) filter (
    where p.account = :default_account and c.revenue_account is distinct from p.account
  ), 0),
    'FM999,999,999,999,990.009999'
  ) as unmapped_text,
  -- An account that the product map names is no default, whatever its number.
  bool_or(p.account = :default_account and c.revenue_account is distinct from p.account)
    as has_unmapped,
  coalesce(
    sum(p.amount) filter (
      where not p.is_one_off
        and p.account <> :default_account
        and p.account <> coalesce(c.revenue_account, u.account, p.account)
    ),
    0
  ) as elsewhere_amount,
  bool_or(
    not p.is_one_off
    and p.account <> :default_account
    and p.account <> coalesce(c.revenue_account, u.account, p.account)
  ) as is_elsewhere,
  coalesce(max(c.revenue_account), max(u.account), 'none') as mapped_account,
  string_agg(distinct p.account || ' ' || p.account_name, ', '
    order by p.account || ' ' || p.account_name) as accounts,
  -- Where the product map says methods at all, each product has one.
  bool_or(trim(p.method) = '')
    or (c.code is not null and c.method is null
      and coalesce((select count(k.method) * 2 > count(*) from catalogue k), false))
    as has_no_method,
  coalesce(
    bool_or(p.ssp is not null and (p.ssp < c.ssp_low or p.ssp > c.ssp_high)), false
  ) as is_out_of_range,
  coalesce(to_char(max(c.ssp_low), 'FM999,999,990.00'), 'none') as low_text,
  coalesce(to_char(max(c.ssp_high), 'FM999,999,990.00'), 'none') as high_text,
  'warehouse:product:' || p.product_code as source_ref
from posted p
left join catalogue c on c.code = p.product_code
left join usual u on u.product_code = p.product_code
group by p.product_code, p.currency, c.name, c.code, c.method
