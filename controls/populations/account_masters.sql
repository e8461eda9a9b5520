-- Which account of Salesforce stands today in the place of one that was merged, along the whole chain.
with recursive merges as (
  select c.customer_id as from_id, c.merged_into_id as to_id
  from books.customers c
  where c.merged_into_id is not null
  union
  select k.from_id, k.to_id
  from books.customer_links k
  where k.link_method = 'MERGE'
),
chain as (
  select m.from_id as account_id, m.to_id as master_id, 1 as depth
  from merges m
  union all
  select c.account_id, m.to_id as master_id, c.depth + 1 as depth
  from chain c
  join merges m on m.from_id = c.master_id
  where c.depth < 50
)
select account_id, master_id
from (
  select
    c.account_id,
    c.master_id,
    row_number() over (partition by c.account_id order by c.depth desc, c.master_id) as place
  from chain c
) last
where place = 1
