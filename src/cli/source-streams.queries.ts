import type { Knex } from 'knex';

/** How one kind of object of one source stands, over all its windows. Counts are text. */
export interface SourceStream {
  source: string;
  name: string;
  account: string;
  object: string;
  /** In the last read of each window. */
  rows: string;
  windows: string;
  closed: string;
  /** Closed windows whose source could not be asked for a total of its own. */
  by_reads_alone: string;
  /** Everything before it is proven; null when the first window is open. ISO 8601, UTC. */
  closed_through: string | null;
  last_read_at: string;
  /** Why the first open window is not closed; null when none is open. */
  open_because: string | null;
  /** Sums of the closed windows, by currency. */
  totals: { currency: string; rows: string; amount: string }[];
}

/** What was read of the declared sources, and how far it is proven. */
export class SourceStreamsQueries {
  constructor(private readonly database: Knex) {}

  async streams(): Promise<SourceStream[]> {
    const iso = (instant: string): string =>
      `to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
    const result = await this.database.raw<{ rows: SourceStream[] }>(
      `with account as (
         select distinct on (source, name) source, name, account from books.source_accounts
         order by source, name, recorded_at desc
       ), first_open as (
         select distinct on (source, account, object) source, account, object, from_at, state_reason
         from books.source_windows where state = 'open'
         order by source, account, object, from_at
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
         count(*)::text as windows, (count(*) filter (where w.state = 'closed'))::text as closed,
         (count(*) filter (where w.state = 'closed' and w.source_total = 'unavailable'))::text
           as by_reads_alone,
         ${iso(`coalesce(min(o.from_at), max(w.to_at))`)} as closed_through,
         ${iso('max(w.finished_at)')} as last_read_at,
         min(o.state_reason) as open_because,
         coalesce((select c.totals from closed_sum c where c.source = w.source
           and c.account = w.account and c.object = w.object), '[]') as totals
       from books.source_windows w
       join account a on a.source = w.source and a.account = w.account
       left join first_open o on o.source = w.source and o.account = w.account
         and o.object = w.object
       group by w.source, a.name, w.account, w.object
       order by w.source, a.name, w.object`,
    );
    return result.rows;
  }
}
