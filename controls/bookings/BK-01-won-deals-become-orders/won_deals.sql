-- Every deal won in the period, by the close date in the entity's book time zone; and deals that
-- were won and then deleted while an order of theirs is active.
select
  d.opportunity_id,
  d.total_amount as amount,
  d.currency,
  d.name,
  d.close_date as closed_on,
  coalesce(d.is_deleted, false) as is_deleted,
  -- An order may be agreed to wait for a day; its grace begins then.
  greatest(d.close_date, coalesce(d.order_after, d.close_date)) as order_due_from,
  d.term_start,
  -- Pilots and renewals without charge need no order; they stay on the statement, under this name.
  case when d.total_amount = 0 then 'Deals without charge' end as reconciling,
  'salesforce:Opportunity:' || d.opportunity_id as source_ref
from books.opportunities d
where d.entity_id = :entity
  and d.is_closed
  and d.is_won
  and (
    d.is_deleted is not true
    or exists (
      select from books.orders o
      where o.opportunity_id = d.opportunity_id
        and o.status = 'Activated'
        and o.is_deleted is not true
        and (o.activated_on is null or o.activated_on <= :as_of)
    )
  )
  and d.close_date >= :period_start
  and d.close_date < :period_end
