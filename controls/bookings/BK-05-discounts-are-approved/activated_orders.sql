-- Every order activated in the period, beside what the policy asks to be approved for it and the
-- latest decision on each. Orders of one quote are judged by all that the quote sold by the end of the
-- as-of day; what was approved may be for all that it is to sell, with orders that are still drafts.
with orders as materialized (
  select
    o.order_id,
    coalesce(o.order_number, o.order_id) as order_number,
    coalesce(o.quote_id, d.quote_id, o.opportunity_id, o.order_id) as sold_by,
    o.opportunity_id,
    o.quote_id,
    d.quote_id as deal_quote_id,
    o.customer_name,
    o.total_amount,
    o.currency,
    o.activated_at,
    o.activated_on,
    o.created_by,
    d.owner_id,
    t.days as terms_days,
    o.status = 'Activated' and (o.activated_on is null or o.activated_on <= :as_of) as is_active
  from books.orders o
  left join books.opportunities d on d.opportunity_id = o.opportunity_id
  left join populations.order_terms t on t.order_id = o.order_id
  where o.entity_id = :entity
    and o.status in ('Activated', 'Draft')
    and o.is_deleted is not true
),
lines as materialized (
  select
    o.order_id,
    o.sold_by,
    o.is_active,
    o.total_amount as order_total,
    l.quantity,
    l.total_amount,
    l.unit_price_billing,
    l.list_price_billing,
    l.segment_index,
    l.charge_type,
    coalesce(l.list_price_billing, 0) * coalesce(l.prorate_multiplier, 1) * l.quantity as list_total,
    -- Of the list price for that quantity: list discounts for volume are in it already.
    case when l.list_price_billing > 0
      then round((l.list_price_billing - l.unit_price_billing) / l.list_price_billing * 100, 3)
      else 0 end as discount
  from orders o
  join books.order_lines l on l.order_id = o.order_id and l.is_deleted is not true
),
sold as materialized (
  select
    sold_by,
    sum(total_amount) as net,
    sum(quantity) as quantity,
    -- Months for nothing beside paid ones are a free period, and no discount.
    coalesce(
      max(discount) filter (where segment_index is null or unit_price_billing > 0), 0
    ) as discount,
    bool_or(segment_index is not null and unit_price_billing = 0 and list_price_billing > 0)
      as has_free_period,
    count(distinct unit_price_billing) filter (
      where segment_index is not null and unit_price_billing > 0
    ) > 1 as has_ramp
  from lines
  where is_active
  group by sold_by
),
to_sell as materialized (
  select
    sold_by,
    sum(total_amount) as net,
    sum(quantity) as quantity,
    coalesce(
      max(discount) filter (where segment_index is null or unit_price_billing > 0), 0
    ) as discount
  from lines
  group by sold_by
),
needs as materialized (
  select o.order_id, o.sold_by, 'discount' as rule,
    -- About a thousand dollars in the currency of the order, as in the policy.
    case
      when s.discount <= :manager_discount
        and abs(s.net) <= :manager_thousands * 1000 * u.per_dollar then 1
      when s.discount <= :desk_discount
        and abs(s.net) <= :desk_thousands * 1000 * u.per_dollar then 2
      -- A currency whose size is not known needs the highest.
      else 3
    end as rank
  from orders o
  join sold s on s.sold_by = o.sold_by
  left join populations.currency_sizes u on u.currency = o.currency
  where o.is_active
    and s.discount > :discount_floor
  union all
  select o.order_id, o.sold_by, 'payment_terms', 2
  from orders o
  where o.is_active
    and o.terms_days > :standard_terms_days
  union all
  select o.order_id, o.sold_by, 'free_period', 2
  from orders o
  join sold s on s.sold_by = o.sold_by
  where o.is_active
    and s.has_free_period
  union all
  select o.order_id, o.sold_by, 'ramp', 2
  from orders o
  join sold s on s.sold_by = o.sold_by
  where o.is_active
    and s.has_ramp
),
steps as materialized (
  select
    s.approval_id,
    s.decision,
    s.decided_by,
    s.decided_at,
    s.decided_on,
    s.comments,
    s.decision = 'Started' as is_start,
    row_number() over (
      partition by s.approval_id, s.decision = 'Started'
      order by s.decided_at, s.approval_step_id
    ) as place_from_first,
    row_number() over (
      partition by s.approval_id, s.decision = 'Started'
      order by s.decided_at desc, s.approval_step_id desc
    ) as place_from_last
  from books.approval_steps s
  where s.decided_on is null or s.decided_on <= :as_of
),
-- Decisions, with the rule and the values that the approval action writes into its comment.
decisions as materialized (
  select
    a.approval_id,
    a.target_id,
    a.requested_by,
    case when t.decision is null then a.decision else t.decision end as decision,
    coalesce(t.decided_by, a.decided_by) as decided_by,
    coalesce(t.decided_at, a.decided_at, a.requested_at) as decided_at,
    coalesce(t.decided_on, a.decided_on, a.requested_on) as decided_on,
    coalesce(
      nullif(split_part(split_part(t.comments, 'Rule: ', 2), '.', 1), ''),
      nullif(split_part(split_part(f.comments, 'Rule: ', 2), '.', 1), ''),
      a.rule
    ) as rule,
    trim(split_part(split_part(t.comments, '"net_amount":"', 2), '"', 1)) as net_text,
    trim(split_part(split_part(t.comments, '"discount_percent":"', 2), '"', 1)) as discount_text,
    trim(split_part(split_part(t.comments, '"quantity":"', 2), '"', 1)) as quantity_text,
    trim(split_part(split_part(t.comments, '"payment_terms_days":"', 2), '"', 1)) as terms_text
  from books.approvals a
  left join steps t on t.approval_id = a.approval_id and not t.is_start and t.place_from_last = 1
  left join steps f on f.approval_id = a.approval_id and f.is_start and f.place_from_first = 1
  -- What was decided after the as-of day was not decided yet.
  where t.approval_id is not null
    or (
      coalesce(a.decided_on <= :as_of, true)
      and not exists (
        select from books.approval_steps w
        where w.approval_id = a.approval_id
          and w.decision <> 'Started'
          and w.decided_on > :as_of
      )
    )
),
-- What an order may have been approved on.
targets as materialized (
  select o.order_id, o.quote_id as target_id from orders o
  union
  select o.order_id, o.deal_quote_id from orders o
  union
  select o.order_id, o.opportunity_id from orders o
  union
  select o.order_id, o.order_id from orders o
),
decided as materialized (
  select
    n.order_id,
    n.rule,
    e.approval_id,
    e.requested_by,
    e.decision,
    e.decided_by,
    e.decided_at,
    e.decided_on,
    e.net_text,
    e.discount_text,
    e.quantity_text,
    e.terms_text,
    row_number() over (
      partition by n.order_id, n.rule order by e.decided_at desc, e.approval_id desc
    ) as place
  from needs n
  join targets t on t.order_id = n.order_id
  join decisions e on e.target_id = t.target_id
  where e.rule is null or e.rule = n.rule
),
-- The latest decision counts, on the quote, the deal or the order itself.
latest as materialized (
  select
    n.order_id,
    n.sold_by,
    n.rule,
    n.rank,
    d.approval_id,
    d.requested_by,
    d.decision,
    d.decided_by,
    d.decided_at,
    d.decided_on,
    case when ltrim(d.net_text, '-0123456789.') = '' and d.net_text <> ''
      then cast(d.net_text as numeric) end as approved_net,
    case when ltrim(d.discount_text, '0123456789.') = '' and d.discount_text <> ''
      then cast(d.discount_text as numeric) end as approved_discount,
    case when ltrim(d.quantity_text, '-0123456789.') = '' and d.quantity_text <> ''
      then cast(d.quantity_text as numeric) end as approved_quantity,
    case when ltrim(d.terms_text, '0123456789') = '' and d.terms_text <> ''
      then cast(d.terms_text as numeric) end as approved_terms,
    u.login as decided_by_name,
    case
      when strpos(lower(', ' || :top_roles || ','), lower(', ' || u.role_name || ',')) > 0 then 3
      when strpos(lower(', ' || :desk_roles || ','), lower(', ' || u.role_name || ',')) > 0 then 2
      when strpos(lower(', ' || :manager_roles || ','), lower(', ' || u.role_name || ',')) > 0 then 1
      else 0
    end as decided_by_rank,
    -- Logins of one person count as that person.
    coalesce(
      d.decided_by in (d.requested_by, o.owner_id, o.created_by)
      or exists (
        select from books.app_users w
        where w.app = 'salesforce'
          and w.user_id in (d.requested_by, o.owner_id, o.created_by)
          and w.person_id = u.person_id
      ),
      false
    ) as is_own
  from needs n
  join orders o on o.order_id = n.order_id
  left join decided d on d.order_id = n.order_id and d.rule = n.rule and d.place = 1
  left join books.app_users u on u.app = 'salesforce' and u.user_id = d.decided_by
),
judged as materialized (
  select
    l.order_id,
    l.rule,
    l.decision,
    l.decided_on,
    coalesce(l.decided_by_name, l.decided_by) as decided_by,
    l.decision is distinct from 'Approved'
      and coalesce(l.decision, '') not in ('Removed', 'Recalled')
      and l.rule <> 'free_period' as is_not_approved,
    -- Salesforce says Removed, approval packages say Recalled.
    l.decision in ('Removed', 'Recalled') as is_recalled,
    l.decision is distinct from 'Approved'
      and coalesce(l.decision, '') not in ('Removed', 'Recalled')
      and l.rule = 'free_period' as is_free_period_not_approved,
    l.decision = 'Approved' and l.decided_at > o.activated_at as is_late,
    l.decision = 'Approved' and l.decided_by_rank < l.rank and not l.is_own as lacks_authority,
    l.decision = 'Approved' and l.is_own as is_self_approved,
    l.decision = 'Approved' and (
      case l.rule
        when 'payment_terms' then l.approved_terms <> o.terms_days
        else (
          abs(l.approved_net - s.net) > :value_tolerance
          or l.approved_quantity <> s.quantity
          or (l.rule = 'discount' and abs(l.approved_discount - s.discount) > :percent_tolerance)
        ) and (
          abs(l.approved_net - w.net) > :value_tolerance
          or l.approved_quantity <> w.quantity
          or (l.rule = 'discount' and abs(l.approved_discount - w.discount) > :percent_tolerance)
        )
      end
    ) as has_other_values,
    case l.rule
      when 'payment_terms' then 'net ' || cast(l.approved_terms as text)
      else to_char(l.approved_net, 'FM999,999,999,999,990.00') || ' at '
        || to_char(l.approved_discount, 'FM990.0') || ' % off'
    end as approved_values,
    case l.rule
      when 'payment_terms' then 'net ' || cast(o.terms_days as text)
      when 'discount' then to_char(s.discount, 'FM990.0') || ' % off'
      when 'free_period' then 'months without charge'
      else 'a ramp'
    end as booked_values
  from latest l
  join orders o on o.order_id = l.order_id
  join sold s on s.sold_by = l.sold_by
  join to_sell w on w.sold_by = l.sold_by
)
select
  o.order_id,
  o.total_amount as amount,
  o.currency,
  o.order_number,
  o.customer_name,
  o.activated_on,
  to_char(coalesce(v.list_total - v.total, 0), 'FM999,999,999,999,990.00') as discount_text,
  coalesce(v.list_total - v.total, 0) as discount_value,
  j.not_approved,
  j.recalled,
  j.free_period_not_approved,
  j.late,
  j.without_authority,
  j.self_approved,
  j.other_values,
  'salesforce:Order:' || o.order_id as source_ref
from orders o
left join (
  select order_id, sum(list_total) as list_total, sum(total_amount) as total
  from lines
  where charge_type is distinct from 'USAGE'
  group by order_id
) v on v.order_id = o.order_id
left join (
  select
    order_id,
    string_agg(
      booked_values || case when decision is null then '' else ' (' || lower(decision) || ')' end,
      ', ' order by rule
    ) filter (where is_not_approved) as not_approved,
    string_agg(booked_values, ', ' order by rule) filter (where is_recalled) as recalled,
    string_agg(booked_values, ', ' order by rule) filter (where is_free_period_not_approved)
      as free_period_not_approved,
    string_agg(
      booked_values || ' on ' || cast(decided_on as text) || ' by ' || decided_by, ', '
      order by rule
    ) filter (where is_late) as late,
    string_agg(booked_values || ' by ' || decided_by, ', ' order by rule)
      filter (where lacks_authority) as without_authority,
    string_agg(booked_values || ' by ' || decided_by, ', ' order by rule)
      filter (where is_self_approved) as self_approved,
    string_agg(
      'approved were ' || approved_values || ', booked are ' || booked_values, '; ' order by rule
    ) filter (where coalesce(has_other_values, false)) as other_values
  from judged
  group by order_id
) j on j.order_id = o.order_id
where o.is_active
  and coalesce(o.activated_on, :period_start) >= :period_start
  and coalesce(o.activated_on, :period_start) < :period_end
