-- Metered items in service in the month, each with the price it is billed by, the terms it should be
-- billed by, and what its usage lines of the month come to by either. Terms are the rate of the
-- order line (sales-led), or the price of the published list: the first that was loaded for that
-- place in the list. A price on no list is held against the list that was new when the customer
-- subscribed.
with metered_prices as materialized (
  select
    p.source_account,
    p.price_id,
    p.product_id,
    p.currency,
    p.unit_amount,
    p.tiers_mode,
    p.tiers,
    p.transform_divide_by,
    p.transform_round,
    p.billing_interval,
    coalesce(p.interval_count, 1) as interval_count,
    p.meter_id,
    p.price_list,
    p.order_line_id,
    p.created_at,
    row_number() over (
      partition by p.source_account, p.price_list, p.product_id, p.currency, p.billing_interval,
        p.interval_count, p.meter_id
      order by p.created_at, p.price_id
    ) as place_no
  from books.prices p
  where p.entity_id = :entity and p.usage_type = 'metered' and not p.is_deleted
),
-- Prices of published lists.
listed_prices as materialized (
  select m.source_account, m.price_id, m.product_id, m.currency, m.billing_interval,
    m.interval_count, m.meter_id, m.price_list, m.created_at, m.place_no
  from metered_prices m
  where m.price_list is not null
),
lines as (
  select
    coalesce(l.subscription_item_id, n.subscription_item_id) as subscription_item_id,
    i.subscription_id,
    i.customer_id,
    i.customer_name,
    i.number,
    l.invoice_line_id,
    l.order_line_id,
    l.source_account,
    l.price_id,
    l.currency,
    l.quantity,
    l.amount,
    l.unit_amount
  from books.invoice_lines l
  join populations.invoices_as_of i on i.invoice_id = l.invoice_id
  join metered_prices p on p.source_account = l.source_account and p.price_id = l.price_id
  left join books.invoice_items n on n.invoice_item_id = l.invoice_item_id
  where i.entity_id = :entity
    and i.status in ('open', 'paid', 'uncollectible')
    and i.posting_date >= :period_start
    and i.posting_date < :period_end
),
-- What is billed in the month, and items whose terms alone can be looked at.
billed as (
  select l.subscription_item_id, l.subscription_id, l.customer_id, l.customer_name, l.number,
    l.invoice_line_id, l.order_line_id, l.source_account, l.price_id, l.currency, l.quantity,
    l.amount, l.unit_amount
  from lines l
  where l.subscription_item_id is not null
  union all
  select i.subscription_item_id, i.subscription_id, s.customer_id, coalesce(c.name, s.customer_id),
    null, null, i.order_line_id, i.source_account, i.price_id, s.currency, null, null, null
  from books.subscription_items i
  join books.subscriptions s on s.subscription_id = i.subscription_id
  join metered_prices p on p.source_account = i.source_account and p.price_id = i.price_id
  left join books.customers c on c.customer_id = s.customer_id
  where s.entity_id = :entity
    and s.created_at < :as_of + interval '1 day'
    and s.start_at < :period_end
    and coalesce(s.ended_at, :period_end) >= :period_start
    and s.status not in ('incomplete', 'incomplete_expired')
    and not exists (select 1 from lines l where l.subscription_item_id = i.subscription_item_id)
),
-- The order line that each item serves, the latest of several.
served as materialized (
  select distinct on (x.subscription_item_id) x.subscription_item_id, x.order_line_id
  from populations.order_line_items x
  left join books.order_lines o on o.order_line_id = x.order_line_id
  order by x.subscription_item_id, coalesce(o.start_date < :period_end, true) desc,
    o.start_date desc, x.order_line_id
),
-- Which terms each line should have: of its order line, else of its place in the list.
placed as materialized (
  select
    b.subscription_item_id,
    b.customer_name,
    b.number,
    b.invoice_line_id,
    b.currency,
    b.quantity,
    b.amount,
    b.unit_amount,
    b.source_account,
    b.price_id,
    o.order_line_id,
    o.overage_price as contract_rate,
    coalesce(
      f.price_id,
      (
        select n.price_id
        from listed_prices n
        where p.price_list is null
          and n.source_account = p.source_account
          and n.product_id = p.product_id
          and n.currency = p.currency
          and n.billing_interval = p.billing_interval
          and n.interval_count = p.interval_count
          and n.place_no = 1
          and n.created_at <= s.created_at
        order by n.created_at desc, n.price_id
        limit 1
      ),
      p.price_id
    ) as terms_id,
    -- Subscribed long after a newer list was loaded, and still on the older one.
    p.price_list is not null and exists (
      select 1
      from listed_prices n
      where n.source_account = p.source_account
        and n.product_id = p.product_id
        and n.currency = p.currency
        and n.billing_interval = p.billing_interval
        and n.price_list <> p.price_list
        and n.created_at > coalesce(f.created_at, p.created_at)
        and n.created_at + :list_notice_days * interval '1 day' < s.created_at
    ) as is_stale
  from billed b
  join metered_prices p on p.source_account = b.source_account and p.price_id = b.price_id
  join books.subscriptions s on s.subscription_id = b.subscription_id
  left join served x on x.subscription_item_id = b.subscription_item_id
  left join books.order_lines o
    on o.order_line_id = coalesce(b.order_line_id, x.order_line_id, p.order_line_id)
    and o.overage_price is not null
    and o.currency = b.currency
  left join listed_prices f on f.source_account = p.source_account
    and f.price_list = p.price_list
    and f.product_id = p.product_id
    and f.currency = p.currency
    and f.billing_interval = p.billing_interval
    and f.interval_count = p.interval_count
    and f.meter_id is not distinct from p.meter_id
    and f.place_no = 1
),
-- Tiers as rows: from below, up to, and the rate. The last one has no upper end.
tiers as (
  select
    p.source_account,
    p.price_id,
    t.n,
    coalesce(lag((t.tier ->> 'up_to')::numeric) over (
      partition by p.source_account, p.price_id order by t.n), 0) as above,
    (t.tier ->> 'up_to')::numeric as up_to,
    coalesce((t.tier ->> 'unit_amount')::numeric, 0) as unit_amount,
    coalesce((t.tier ->> 'flat_amount')::numeric, 0) as flat_amount
  from metered_prices p
  cross join lateral jsonb_array_elements(p.tiers) with ordinality as t(tier, n)
  where p.tiers is not null
),
shapes as (
  select
    t.source_account,
    t.price_id,
    string_agg(coalesce(t.up_to::text, 'rest'), ' | ' order by t.n) as bounds,
    string_agg(t.unit_amount::text || ' + ' || t.flat_amount::text, ' | ' order by t.n) as rates
  from tiers t
  group by t.source_account, t.price_id
),
-- Lines that say packages already: so many as what the meter counted for them makes.
packaged as materialized (
  select x.invoice_line_id
  from lines x
  join books.invoice_lines l on l.invoice_line_id = x.invoice_line_id
  join metered_prices p on p.source_account = x.source_account and p.price_id = x.price_id
  join books.usage_summaries u on u.customer_id = x.customer_id
    and u.meter_id = p.meter_id
    and u.start_at >= l.period_start_at - interval '1 hour'
    and u.end_at <= l.period_end_at + interval '1 hour'
  where p.transform_divide_by > 1
  group by x.invoice_line_id, x.quantity, p.transform_divide_by
  having x.quantity < sum(u.quantity)
    and x.quantity <= ceil(sum(u.quantity) / p.transform_divide_by)
),
-- What is billed and its terms side by side, the quantity in the packages of the terms.
beside as (
  select
    p.subscription_item_id,
    p.customer_name,
    p.number,
    p.currency,
    p.quantity,
    p.amount,
    p.order_line_id,
    p.contract_rate,
    p.is_stale,
    p.invoice_line_id,
    p.source_account,
    p.terms_id,
    -- A line that says the contracted rate and is not its product is IN-01's.
    p.unit_amount is not null
      and p.unit_amount = coalesce(p.contract_rate, t.unit_amount)
      and (p.contract_rate is not null or t.transform_divide_by is null) as is_plain,
    case
      when p.contract_rate is not null or t.transform_divide_by is null then p.quantity
      when k.invoice_line_id is not null then p.quantity
      when t.transform_round = 'up' then ceil(p.quantity / t.transform_divide_by)
      else floor(p.quantity / t.transform_divide_by)
    end as units,
    b.product_id,
    b.tiers_mode as billed_mode,
    t.tiers_mode as listed_mode,
    bs.bounds as billed_bounds,
    ts.bounds as listed_bounds,
    bs.rates as billed_rates,
    ts.rates as listed_rates,
    b.unit_amount as billed_unit,
    t.unit_amount as listed_unit,
    b.transform_divide_by as billed_pack,
    t.transform_divide_by as listed_pack,
    case
      when p.contract_rate is not null then 'order line ' || p.order_line_id
      else coalesce('list ' || t.price_list, 'price ' || t.price_id)
    end as terms_name
  from placed p
  join metered_prices b on b.source_account = p.source_account and b.price_id = p.price_id
  join metered_prices t on t.source_account = p.source_account and t.price_id = p.terms_id
  left join packaged k on k.invoice_line_id = p.invoice_line_id
  left join shapes bs on bs.source_account = p.source_account and bs.price_id = p.price_id
  left join shapes ts on ts.source_account = p.source_account and ts.price_id = p.terms_id
),
-- By unit, by the tier that holds all units, or each unit by the tier it falls in.
rated as (
  select
    k.subscription_item_id,
    k.customer_name,
    k.number,
    k.currency,
    k.quantity,
    k.amount,
    case
      when k.units is null then null
      when k.contract_rate is not null then k.units * k.contract_rate
      when k.listed_unit is not null then k.units * k.listed_unit
      when k.listed_mode = 'volume' then v.amount
      else g.amount
    end as exact,
    -- What the same tiers come to the other way.
    case
      when k.contract_rate is not null or k.listed_unit is not null then null
      when k.listed_mode = 'volume' then g.amount
      else v.amount
    end as exact_otherwise,
    k.is_stale,
    k.is_plain,
    k.invoice_line_id,
    k.source_account,
    k.product_id,
    k.terms_name,
    k.billed_mode,
    k.billed_bounds,
    k.billed_rates,
    k.billed_unit,
    k.billed_pack,
    -- An order line has one rate.
    case when k.contract_rate is null then k.listed_mode end as terms_mode,
    case when k.contract_rate is null then k.listed_bounds end as terms_bounds,
    case when k.contract_rate is null then k.listed_rates end as terms_rates,
    case when k.contract_rate is null then k.listed_pack end as terms_pack,
    coalesce(k.contract_rate, k.listed_unit) as terms_unit
  from beside k
  left join lateral (
    select k.units * t.unit_amount + t.flat_amount as amount
    from tiers t
    where t.source_account = k.source_account and t.price_id = k.terms_id
      and (t.up_to is null or k.units <= t.up_to)
    order by t.n
    limit 1
  ) v on true
  left join lateral (
    select sum(
      (least(k.units, coalesce(t.up_to, k.units)) - t.above) * t.unit_amount + t.flat_amount
    ) as amount
    from tiers t
    where t.source_account = k.source_account and t.price_id = k.terms_id
      and (k.units > t.above or t.n = 1)
  ) g on true
),
judged as (
  select
    r.subscription_item_id,
    r.customer_name,
    r.number,
    r.currency,
    r.quantity,
    r.amount,
    -- Where a currency has thousandths, Stripe charges whole hundredths.
    case when u.minor_unit = 1 then round(r.exact) else round(r.exact, 2) end as rated,
    case when u.minor_unit = 1 then round(r.exact_otherwise)
      else round(r.exact_otherwise, 2) end as rated_otherwise,
    case when u.minor_unit = 1 then 1 else 0.01 end as minor_unit,
    r.is_stale,
    r.is_plain,
    r.invoice_line_id,
    r.source_account,
    r.product_id,
    r.terms_name,
    r.billed_mode,
    r.billed_bounds,
    r.billed_rates,
    r.billed_unit,
    r.billed_pack,
    r.terms_mode,
    r.terms_bounds,
    r.terms_rates,
    r.terms_pack,
    r.terms_unit
  from rated r
  left join populations.currency_sizes u on u.currency = r.currency
),
-- The amount is that of the other mode, whatever the price says.
modes as (
  select j.*,
    coalesce(
      abs(j.amount - j.rated) > j.minor_unit and abs(j.amount - j.rated_otherwise) <= j.minor_unit,
      false
    ) as is_rated_otherwise
  from judged j
),
by_item as (
  select
    j.subscription_item_id,
    max(j.source_account) as source_account,
    max(j.customer_name) as customer_name,
    max(j.number) as number,
    max(j.product_id) as product_id,
    max(j.currency) as currency,
    count(j.invoice_line_id) as line_count,
    coalesce(sum(j.quantity), 0) as quantity,
    coalesce(sum(j.amount), 0) as amount,
    coalesce(sum(j.rated), 0) as rated,
    coalesce(sum(j.amount - j.rated) filter (where not j.is_plain), 0) as off,
    max(j.minor_unit) * greatest(count(j.invoice_line_id), 1) as tolerance,
    bool_or(j.is_stale) as is_stale,
    bool_or(j.is_rated_otherwise
      or (j.billed_mode is distinct from j.terms_mode
        and (j.billed_mode is not null and j.terms_mode is not null))) as has_other_mode,
    bool_or(j.billed_mode is not distinct from j.terms_mode
      and j.billed_bounds is distinct from j.terms_bounds) as has_other_bounds,
    bool_or((j.billed_mode is null) <> (j.terms_mode is null)
      or j.billed_unit is distinct from j.terms_unit
      or j.billed_rates is distinct from j.terms_rates
      or j.billed_pack is distinct from j.terms_pack) as has_other_rates,
    max(case
      when not j.is_rated_otherwise then coalesce(j.billed_mode, 'one rate')
      when j.terms_mode = 'volume' then 'graduated'
      else 'volume'
    end) as billed_mode,
    max(coalesce(j.terms_mode, 'one rate')) as terms_mode,
    max(coalesce(j.billed_unit::text, j.billed_rates)) as billed_rate,
    max(coalesce(j.terms_unit::text, j.terms_rates)) as terms_rate,
    max(j.billed_bounds) as billed_bounds,
    max(j.terms_bounds) as terms_bounds,
    max(j.terms_name) as terms_name
  from modes j
  group by j.subscription_item_id
)
select
  b.subscription_item_id,
  b.customer_name,
  coalesce(p.name, 'an unnamed product') as product_name,
  coalesce(b.number, '') as number,
  b.currency,
  b.amount,
  b.rated,
  b.line_count,
  to_char(b.quantity, 'FM999,999,999,999,999,990') as quantity_text,
  to_char(b.amount, 'FM999,999,999,990.00') as amount_text,
  to_char(b.rated, 'FM999,999,999,990.00') as rated_text,
  b.terms_name,
  b.billed_mode,
  b.terms_mode,
  coalesce(b.billed_rate, '') as billed_rate,
  coalesce(b.terms_rate, '') as terms_rate,
  coalesce(b.billed_bounds, '') as billed_bounds,
  coalesce(b.terms_bounds, '') as terms_bounds,
  b.is_stale,
  b.has_other_mode,
  b.has_other_bounds,
  b.has_other_rates,
  abs(b.off) > b.tolerance as is_off,
  abs(b.amount - b.rated) as difference,
  'stripe:subscription_item:' || b.subscription_item_id as source_ref
from by_item b
left join books.products p on p.source_account = b.source_account and p.product_id = b.product_id
