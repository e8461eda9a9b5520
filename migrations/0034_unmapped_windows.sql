-- A window was read whole, and yet not all of it is in the books where an object of it could not be
-- mapped: it is open until it can, and says so. Its reads stay as they are; what proves the next one
-- is the last read itself, which tieout.last_window_reads shows.
create view tieout.last_window_reads as
  select distinct on (source, account, object, from_at, to_at) *
  from books.source_window_reads
  order by source, account, object, from_at, to_at, read_no desc;
grant select on tieout.last_window_reads to tieout_app;

create or replace view books.source_windows as
  with waiting as materialized (
    select p.source, p.source_account as account, p.object, p.object_id, o.extract_id, o.raw_id
    from books.mapping_problems p
    -- By the index of an object's versions, whatever the planner believes of their number.
    cross join lateral (
      select r.extract_id, max(r.raw_id) as raw_id from books.raw_objects r
      where r.source = p.source and r.account = p.source_account and r.object = p.object
        and r.object_id = p.object_id
      group by r.extract_id offset 0) o
  ), placed as (
    -- The window of the last version that came with the reading of one.
    select r.source, r.account, r.object, r.from_at, r.to_at, w.object_id,
      rank() over (partition by w.source, w.account, w.object, w.object_id
        order by w.raw_id desc) as place
    from books.source_window_reads r
    cross join lateral unnest(r.extract_ids) as e (extract_id)
    join waiting w on w.extract_id = e.extract_id and w.source = r.source
      and w.account = r.account and w.object = r.object
    where exists (select from waiting)
  ), unmapped as (
    select source, account, object, from_at, to_at, count(distinct object_id) as objects,
      min(object_id) as first_id
    from placed where place = 1 group by source, account, object, from_at, to_at
  )
  select w.read_id, w.source, w.account, w.object, w.from_at, w.to_at, w.read_no, w.api_version,
    w.query_text, w.pages, w.request_refs, w.rows, w.id_set_sha256, w.totals, w.source_total,
    w.source_totals, w.source_total_query, w.source_total_reason,
    case when u.objects > 0 then 'open' else w.state end as state,
    case when w.state = 'closed' and u.objects > 0 then
      u.objects || case when u.objects = 1 then ' object' else ' objects' end
        || ' of it could not be taken into the books: ' || w.object || ' ' || u.first_id
        || case when u.objects = 1 then '' else ' and others' end
        || ' (see books.mapping_problems)'
      else w.state_reason end as state_reason,
    w.extract_ids, w.started_at, w.finished_at,
    case when u.objects > 0 then null else w.closed_at end as closed_at
  from tieout.last_window_reads w
  left join unmapped u on u.source = w.source and u.account = w.account and u.object = w.object
    and u.from_at = w.from_at and u.to_at = w.to_at;
comment on view books.source_windows is
  'Each window of a source as its last read left it, with the source''s own total; open while an object of it is in books.mapping_problems.';
