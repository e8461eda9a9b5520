-- Every deal that was ever won and was closed before the end of the period, with what changed on
-- it, its lines, orders and contract in the period, and after the day it was won.
with versions as materialized (
  select
    v.opportunity_id,
    v.total_amount,
    v.close_date,
    v.currency,
    v.customer_id,
    v.is_won,
    v.status,
    v.modified_at,
    v.modified_by,
    v.sys_from,
    v.entity_id,
    v.name,
    v.customer_name,
    v.quote_id,
    v.stage_changed_at,
    v.is_deleted,
    lag(v.total_amount) over (partition by v.opportunity_id order by v.sys_from) as old_amount,
    lag(v.close_date) over (partition by v.opportunity_id order by v.sys_from) as old_close_date,
    lag(v.currency) over (partition by v.opportunity_id order by v.sys_from) as old_currency,
    lag(v.customer_id) over (partition by v.opportunity_id order by v.sys_from) as old_customer_id,
    lag(v.status) over (partition by v.opportunity_id order by v.sys_from) as old_status,
    lag(v.is_won) over (partition by v.opportunity_id order by v.sys_from) as was_won,
    row_number() over (partition by v.opportunity_id order by v.sys_from desc) as place
  from books.opportunity_versions v
  where v.entity_id = :entity
),
-- A deal that no longer stands in Salesforce is known as it was last seen.
deals as materialized (
  select
    v.opportunity_id,
    v.name,
    v.customer_name,
    v.total_amount,
    v.currency,
    v.close_date,
    v.quote_id,
    v.is_won,
    v.status,
    coalesce(v.is_deleted, false) or g.booking_id is not null as is_deleted,
    coalesce(g.changed_on, case when v.is_deleted then
      cast(v.modified_at at time zone 'UTC' as date) end) as deleted_on,
    coalesce(
      w.won_at,
      y.won_at,
      (
        select min(e.stage_changed_at)
        from versions e
        where e.opportunity_id = v.opportunity_id and e.is_won
      )
    ) as won_at
  from versions v
  left join (
    select booking_id, max(changed_on) as changed_on
    from books.booking_changes
    where detection = 'DELETE' and booking_kind = 'opportunity'
    group by booking_id
  ) g on g.booking_id = v.opportunity_id
  -- Salesforce keeps each state of stage and probability; what is won is at a hundred percent.
  left join (
    select booking_id, min(changed_at) as won_at
    from books.booking_changes
    where booking_kind = 'opportunity' and field = 'Probability'
      and new_value in ('100', '100.0', '100.00')
    group by booking_id
  ) w on w.booking_id = v.opportunity_id
  -- Where the history tells no probability, the stage that won deals stand in tells it.
  left join (
    select c.booking_id, min(c.changed_at) as won_at
    from books.booking_changes c
    where c.booking_kind = 'opportunity' and c.field = 'StageName'
      and c.new_value in (select e.status from versions e where e.is_won)
    group by c.booking_id
  ) y on y.booking_id = v.opportunity_id
  where v.place = 1
    and (
      v.is_won
      or w.won_at is not null
      or y.won_at is not null
      or exists (select from versions e where e.opportunity_id = v.opportunity_id and e.is_won)
    )
),
orders as materialized (
  select opportunity_id, min(activated_at) as activated_at
  from books.orders
  where entity_id = :entity and status = 'Activated'
  group by opportunity_id
),
-- From here on a change counts: a slip put right within a day, before an order is active, does not.
settled as materialized (
  select
    d.opportunity_id,
    case when d.won_at is not null
      then least(d.won_at + interval '24 hours', coalesce(o.activated_at, d.won_at + interval '24 hours'))
    end as settled_at
  from deals d
  left join orders o on o.opportunity_id = d.opportunity_id
),
history as materialized (
  select
    c.booking_id as opportunity_id,
    c.field,
    c.changed_at,
    c.changed_on,
    c.changed_by,
    lag(c.new_value) over (partition by c.booking_id, c.field order by c.changed_at, c.change_id)
      as old_value,
    c.new_value
  from books.booking_changes c
  where c.booking_kind = 'opportunity' and c.detection = 'STAGE_HISTORY'
  union all
  select c.booking_id, c.field, c.changed_at, c.changed_on, c.changed_by, c.old_value, c.new_value
  from books.booking_changes c
  where c.booking_kind = 'opportunity' and c.detection = 'FIELD_HISTORY'
),
-- What our own copies show: two versions of the record, both after the deal was won.
seen as materialized (
  select
    v.opportunity_id,
    s.field,
    v.modified_at as changed_at,
    cast(v.modified_at at time zone 'UTC' as date) as changed_on,
    v.modified_by as changed_by,
    s.old_value,
    s.new_value
  from versions v
  join lateral (
    values
      ('Amount', cast(v.old_amount as text), cast(v.total_amount as text)),
      ('CloseDate', cast(v.old_close_date as text), cast(v.close_date as text)),
      ('CurrencyIsoCode', v.old_currency, v.currency),
      ('AccountId', v.old_customer_id, v.customer_id),
      ('StageName', v.old_status, v.status)
  ) as s (field, old_value, new_value) on true
  where v.was_won and s.old_value is distinct from s.new_value
),
changes as materialized (
  select
    h.opportunity_id,
    h.field,
    h.changed_at,
    h.changed_on,
    coalesce(u.login, h.changed_by, 'somebody') as changed_by,
    h.old_value,
    h.new_value
  from (
    select h.opportunity_id, h.field, h.changed_at, h.changed_on, h.changed_by, h.old_value,
      h.new_value
    from history h
    union
    select s.opportunity_id, s.field, s.changed_at, s.changed_on, s.changed_by, s.old_value,
      s.new_value
    from seen s
  ) h
  join settled t on t.opportunity_id = h.opportunity_id
  left join books.app_users u on u.app = 'salesforce' and u.user_id = h.changed_by
  where h.old_value is distinct from h.new_value
    and h.changed_at > t.settled_at
    and h.changed_on >= :period_start
    and h.changed_on < :period_end
    -- A correction that was approved after the close is no silent edit.
    and not exists (
      select from books.approvals a
      where a.target_id = h.opportunity_id
        and a.decision = 'Approved'
        and a.decided_at > t.settled_at
        and a.decided_at <= h.changed_at
    )
),
-- Deals whose lines no longer sell what was quoted, by product: a line split in two is the same.
quoted as materialized (
  select
    d.opportunity_id,
    l.product_id,
    sum(l.total_amount) as sold,
    sum(l.quantity) as sold_quantity,
    max(l.modified_at) as edited_at,
    max(l.modified_by) as edited_by,
    0 as quoted,
    0 as quoted_quantity
  from deals d
  join books.opportunity_lines l
    on l.opportunity_id = d.opportunity_id and (d.is_deleted or l.is_deleted is not true)
  group by d.opportunity_id, l.product_id
  union all
  select
    d.opportunity_id,
    q.product_id,
    0,
    0,
    null,
    null,
    sum(q.net_total),
    sum(coalesce(q.effective_quantity, q.quantity))
  from deals d
  join books.quote_lines q on q.quote_id = d.quote_id and q.is_deleted is not true
  group by d.opportunity_id, q.product_id
),
by_product as materialized (
  select
    opportunity_id,
    product_id,
    sum(sold) as sold,
    sum(quoted) as quoted,
    sum(sold_quantity) as sold_quantity,
    sum(quoted_quantity) as quoted_quantity,
    max(edited_at) as edited_at,
    max(edited_by) as edited_by
  from quoted
  group by opportunity_id, product_id
),
lines as materialized (
  select
    p.opportunity_id,
    string_agg(coalesce(n.name, p.product_id, 'unknown product'), ', ' order by p.product_id)
      as products,
    greatest(
      sum(greatest(p.sold - p.quoted, 0)), sum(greatest(p.quoted - p.sold, 0))
    ) as moved,
    max(e.edited_at) as edited_at,
    max(e.edited_by) as edited_by
  from by_product p
  join (
    select opportunity_id, max(edited_at) as edited_at, max(edited_by) as edited_by,
      sum(quoted) as quoted_total, bool_or(quoted_quantity <> 0) as is_quoted
    from by_product
    group by opportunity_id
  ) e on e.opportunity_id = p.opportunity_id and e.is_quoted
  left join (
    select product_id, min(name) as name from books.products group by product_id
  ) n on n.product_id = p.product_id
  where p.sold <> p.quoted or p.sold_quantity <> p.quoted_quantity
  group by p.opportunity_id
),
-- Term dates of the deal's activated orders and contracts.
terms as materialized (
  select
    o.opportunity_id,
    c.changed_at,
    c.changed_on,
    c.changed_by,
    'order ' || coalesce(o.order_number, o.order_id) || ', ' || c.field || ' from '
      || coalesce(c.old_value, 'nothing') || ' to ' || coalesce(c.new_value, 'nothing') as edit
  from books.booking_changes c
  join books.orders o on o.order_id = c.booking_id
  where c.booking_kind = 'order'
    and c.field in ('EffectiveDate', 'EndDate')
    and o.activated_at is not null
    and c.changed_at > o.activated_at
  union all
  select
    k.opportunity_id,
    c.changed_at,
    c.changed_on,
    c.changed_by,
    'contract ' || coalesce(k.number, k.contract_id) || ', ' || c.field || ' from '
      || coalesce(c.old_value, 'nothing') || ' to ' || coalesce(c.new_value, 'nothing')
  from books.booking_changes c
  join books.contracts k on k.contract_id = c.booking_id
  where c.booking_kind = 'contract'
    and c.field in ('StartDate', 'EndDate', 'ContractTerm')
    and k.activated_at is not null
    and c.changed_at > k.activated_at
)
select
  d.opportunity_id,
  d.total_amount as amount,
  d.currency,
  d.name,
  coalesce(d.customer_name, 'no account') as customer_name,
  d.close_date,
  a.edit as amount_edit,
  coalesce(a.moved, 0) as amount_moved,
  b.edit as date_edit,
  b.is_in_earlier_quarter,
  r.edit as stage_edit,
  m.edit as account_edit,
  c.edit as currency_edit,
  t.edit as term_edit,
  case when l.edited_at > s.settled_at
      and cast(l.edited_at at time zone 'UTC' as date) >= :period_start
      and cast(l.edited_at at time zone 'UTC' as date) < :period_end
    then l.products end as line_edit,
  coalesce(l.moved, 0) as line_moved,
  cast(l.edited_at at time zone 'UTC' as date) as lines_edited_on,
  coalesce(
    (select min(u.login) from books.app_users u where u.user_id = l.edited_by),
    l.edited_by,
    'somebody'
  ) as lines_edited_by,
  d.is_deleted and d.deleted_on >= :period_start and d.deleted_on < :period_end
    as is_deleted_now,
  d.deleted_on,
  g.edit as untold_edit,
  'salesforce:Opportunity:' || d.opportunity_id as source_ref
from deals d
left join settled s on s.opportunity_id = d.opportunity_id
left join lines l on l.opportunity_id = d.opportunity_id and not d.is_deleted
left join lateral (
  select
    max(abs(cast(x.new_value as numeric) - cast(x.old_value as numeric))) as moved,
    string_agg(
      'from ' || x.old_value || ' to ' || x.new_value || ' on ' || cast(x.changed_on as text)
      || ' by ' || x.changed_by, '; '
      order by x.changed_at, x.new_value
    ) as edit
  from changes x
  where x.opportunity_id = d.opportunity_id and x.field = 'Amount'
    and cast(x.new_value as numeric) <> cast(x.old_value as numeric)
) a on true
left join lateral (
  select
    bool_or(date_trunc('quarter', cast(x.new_value as date))
      < date_trunc('quarter', cast(x.old_value as date))) as is_in_earlier_quarter,
    string_agg(
      distinct 'from ' || x.old_value || ' to ' || x.new_value || ' on '
      || cast(x.changed_on as text) || ' by ' || x.changed_by, '; '
      order by 'from ' || x.old_value || ' to ' || x.new_value || ' on '
      || cast(x.changed_on as text) || ' by ' || x.changed_by
    ) as edit
  from changes x
  where x.opportunity_id = d.opportunity_id and x.field = 'CloseDate'
    and date_trunc('month', cast(x.new_value as date))
      < date_trunc('month', cast(x.old_value as date))
) b on true
left join lateral (
  select string_agg(
    distinct 'from ' || x.old_value || ' to ' || x.new_value || ' on '
    || cast(x.changed_on as text) || ' by ' || x.changed_by, '; '
    order by 'from ' || x.old_value || ' to ' || x.new_value || ' on '
    || cast(x.changed_on as text) || ' by ' || x.changed_by
  ) as edit
  from changes x
  -- Away from the stage at which it was won.
  where x.opportunity_id = d.opportunity_id and x.field = 'StageName'
    and x.old_value in (
      select w.new_value
      from books.booking_changes w
      join books.booking_changes p
        on p.booking_id = w.booking_id and p.changed_at = w.changed_at
        and p.field = 'Probability' and p.new_value in ('100', '100.0', '100.00')
      where w.booking_id = d.opportunity_id and w.field = 'StageName'
        and w.detection = 'STAGE_HISTORY'
    )
    -- Where that is not told, any stage in which won deals stand.
    or (x.opportunity_id = d.opportunity_id and x.field = 'StageName' and not d.is_won
      and x.old_value in (select e.status from versions e where e.is_won))
) r on true
left join lateral (
  select string_agg(
    distinct 'from ' || coalesce(o.name, x.old_value) || ' to ' || coalesce(n.name, x.new_value)
    || ' on ' || cast(x.changed_on as text), '; '
    order by 'from ' || coalesce(o.name, x.old_value) || ' to ' || coalesce(n.name, x.new_value)
    || ' on ' || cast(x.changed_on as text)
  ) as edit
  from changes x
  left join books.customers o on o.customer_id = x.old_value
  left join books.customers n on n.customer_id = x.new_value
  where x.opportunity_id = d.opportunity_id
    -- History shows a changed account twice: by name, and by id.
    and x.field in ('AccountId', 'Account') and x.new_value like '001%'
    -- The deals of an account that was merged into another go with it.
    and coalesce(o.merged_into_id, '') <> x.new_value
) m on true
left join lateral (
  select string_agg(
    distinct 'from ' || x.old_value || ' to ' || x.new_value || ' on '
    || cast(x.changed_on as text), '; '
    order by 'from ' || x.old_value || ' to ' || x.new_value || ' on ' || cast(x.changed_on as text)
  ) as edit
  from changes x
  where x.opportunity_id = d.opportunity_id and x.field = 'CurrencyIsoCode'
) c on true
left join lateral (
  select string_agg(
    x.edit || ' on ' || cast(x.changed_on as text), '; ' order by x.changed_at, x.edit
  ) as edit
  from terms x
  where x.opportunity_id = d.opportunity_id
    and x.changed_on >= :period_start
    and x.changed_on < :period_end
) t on true
left join lateral (
  select string_agg(
    x.field || ' from ' || x.old_value || ' to ' || x.new_value, '; ' order by x.field, x.new_value
  ) as edit
  from seen x
  where x.opportunity_id = d.opportunity_id
    and x.field in ('Amount', 'CloseDate', 'StageName')
    and x.changed_at > s.settled_at
    and x.changed_on >= :period_start
    and x.changed_on < :period_end
    -- Nothing at all was written down for this field since the version before.
    and not exists (
      select from history h
      where h.opportunity_id = x.opportunity_id and h.field = x.field
        and h.changed_at > s.settled_at
    )
) g on true
where d.close_date < :period_end
