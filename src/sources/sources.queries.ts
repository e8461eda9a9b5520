import type { Knex } from 'knex';
import { instantSql } from '../platform/http/fields';
import type {
  Landing,
  MappingProblem,
  SourcesOverview,
  SourceStream,
  SourceWindow,
  UnreadPart,
  WindowsQuery,
} from './sources.contract';

const mostProblems = 500;
const mostWindows = 1000;

const lastSyncs = `with latest as (
  select distinct on (source, name) source, name, finished_at, unread
  from books.source_syncs order by source, name, sync_no desc)`;

/** What the last comparison of all ids of a stream `w` found; null where there was none. */
const lastComparison = `(select jsonb_build_object(
      'compared_at', ${instantSql("cast(said ->> 'compared_at' as timestamptz)")},
      'given', said ->> 'given', 'gone', jsonb_array_length(said -> 'gone')::text,
      'missed', jsonb_array_length(said -> 'missed')::text,
      'stale', jsonb_array_length(said -> 'stale')::text)
    from (
      select r.payload from books.raw_objects r
      where r.source = w.source and r.account = w.account and r.object_id = w.object
        and r.object = w.object || '.id_set'
      order by r.observed_at desc, r.raw_id desc limit 1) last,
      cast(last.payload as jsonb) as said
    where said ->> 'compared_at' is not null)`;

/** Totals as they were recorded, their amounts without trailing zeros. */
const totalsSql = (column: string): string => `(
  select coalesce(jsonb_agg(jsonb_build_object('currency', t.item ->> 'currency',
    'rows', t.item ->> 'rows', 'amount', trim_scale((t.item ->> 'amount')::numeric)::text)
    order by t.item ->> 'currency'), '[]')
  from jsonb_array_elements(${column}) as t (item))`;

/** What was read of the declared sources, and how far it is proven. */
export class SourcesQueries {
  constructor(private readonly app: Knex) {}

  async overview(): Promise<SourcesOverview> {
    const [unread, streams, landings, problems] = await Promise.all([
      this.unread(),
      this.streams(),
      this.landings(),
      this.problems(),
    ]);
    return { ...unread, streams, landings, ...problems };
  }

  /** What the last sync of each source could not read; of most of it no window tells. */
  async unread(
    name: string | null = null,
  ): Promise<Pick<SourcesOverview, 'unread' | 'unread_total'>> {
    const counted = await this.app.raw<{ rows: { n: string }[] }>(
      `${lastSyncs} select coalesce(sum(jsonb_array_length(unread)), 0)::text as n from latest
       where cast(:name as text) is null or name = :name`,
      { name },
    );
    const { rows } = await this.app.raw<{ rows: UnreadPart[] }>(
      `${lastSyncs} select s.source, s.name, u.object, u.message, u.windows::text as windows,
         ${instantSql('u."from"')} as from_at, ${instantSql('u."to"')} as to_at,
         ${instantSql('s.finished_at')} as told_at
       from latest s, jsonb_to_recordset(s.unread)
         as u (object text, message text, windows bigint, "from" timestamptz, "to" timestamptz)
       where cast(:name as text) is null or s.name = :name
       order by s.source, s.name, u.object nulls first, u."from" nulls first, u.message
       limit cast(:most as integer)`,
      { name, most: mostProblems },
    );
    return { unread: rows, unread_total: counted.rows[0]?.n ?? '0' };
  }

  /** One entry for each kind of object of each source that is read in windows. */
  async streams(): Promise<SourceStream[]> {
    const result = await this.app.raw<{ rows: SourceStream[] }>(
      `with account as (
         select distinct on (source, name) source, name, account from books.source_accounts
         order by source, name, recorded_at desc
       ), reached as (
         select source, account, object, from_at, max(to_at) over (
           partition by source, account, object order by from_at, to_at
           rows unbounded preceding exclude current row) as before
         from books.source_windows
       ), first_stop as (
         select distinct on (source, account, object) source, account, object, at, reason
         from (
           select source, account, object, from_at as at, state_reason as reason
           from books.source_windows where state = 'open'
           union all
           select source, account, object, before,
             format('nothing was read from %s to %s', ${instantSql('before')},
               ${instantSql('from_at')})
           from reached where from_at > before) s
         order by source, account, object, at
       ), closed_sum as (
         select source, account, object, jsonb_agg(jsonb_build_object('currency', currency,
           'rows', rows::text, 'amount', trim_scale(amount)::text) order by currency) as totals
         from (
           select w.source, w.account, w.object, t.item ->> 'currency' as currency,
             sum((t.item ->> 'rows')::numeric) as rows,
             sum((t.item ->> 'amount')::numeric) as amount
           from books.source_windows w, jsonb_array_elements(w.totals) as t (item)
           where w.state = 'closed' group by 1, 2, 3, 4) s
         group by source, account, object
       )
       select w.source, a.name, w.account, w.object, sum(w.rows)::text as rows,
         sum(w.pages)::text as pages,
         count(*)::text as windows, (count(*) filter (where w.state = 'closed'))::text as closed,
         (count(*) filter (where w.state = 'closed' and w.source_total = 'unavailable'))::text
           as by_reads_alone,
         case when count(*) > count(*) filter (where w.state = 'open')
           then ${instantSql('coalesce(min(s.at), max(w.to_at))')} end as closed_through,
         ${instantSql('max(w.finished_at)')} as last_read_at,
         min(s.reason) as open_because,
         coalesce((select c.totals from closed_sum c where c.source = w.source
           and c.account = w.account and c.object = w.object), '[]') as totals,
         ${lastComparison} as last_comparison
       from books.source_windows w
       join account a on a.source = w.source and a.account = w.account
       left join first_stop s on s.source = w.source and s.account = w.account
         and s.object = w.object
       group by w.source, a.name, w.account, w.object
       order by w.source, a.name, w.object`,
    );
    return result.rows;
  }

  /** Tables that are landed whole: the last content of each. */
  private async landings(): Promise<Landing[]> {
    const result = await this.app.raw<{ rows: Landing[] }>(
      `select distinct on (table_name, source, object) table_name as "table", source, object,
         rows::text, ${totalsSql('totals')} as totals, control_total,
         ${instantSql('extracted_at')} as extracted_at, ${instantSql('landed_at')} as landed_at,
         file_sha256
       from books.extracts order by table_name, source, object, books.extracts.landed_at desc`,
    );
    return result.rows;
  }

  private async problems(): Promise<Pick<SourcesOverview, 'problems' | 'problems_total'>> {
    const counted = await this.app.raw<{ rows: { n: string }[] }>(
      'select count(*)::text as n from books.mapping_problems',
    );
    const result = await this.app.raw<{ rows: MappingProblem[] }>(
      `select source, source_account as account, object, object_id, field, code, message, tables
       from books.mapping_problems order by source, source_account, object, object_id
       limit cast(:most as integer)`,
      { most: mostProblems },
    );
    return { problems: result.rows, problems_total: counted.rows[0]?.n ?? '0' };
  }

  /** Every window of one kind of object as its last read left it, newest first. */
  async windows({ source, name, object }: WindowsQuery): Promise<SourceWindow[]> {
    const result = await this.app.raw<{ rows: SourceWindow[] }>(
      `select ${instantSql('w.from_at')} as from_at, ${instantSql('w.to_at')} as to_at, w.state,
         w.state_reason, w.read_no::text as reads, w.rows::text, w.pages::text, w.id_set_sha256,
         ${totalsSql('w.totals')} as totals, w.source_total,
         case when w.source_totals is not null then ${totalsSql('w.source_totals')} end
           as source_totals,
         w.source_total_query, w.source_total_reason, w.query_text, w.api_version,
         ${instantSql('w.started_at')} as started_at, ${instantSql('w.finished_at')} as finished_at,
         ${instantSql('w.closed_at')} as closed_at
       from books.source_windows w
       where w.source = :source and w.object = :object and w.account = (
         select account from books.source_accounts a
         where a.source = :source and a.name = :name order by a.recorded_at desc limit 1)
       order by w.from_at desc limit cast(:most as integer)`,
      { source, name, object, most: mostWindows },
    );
    return result.rows;
  }
}
