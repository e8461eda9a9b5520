import type { Knex } from 'knex';
import { normalizeAmount } from '../core/money';
import type { Reach } from '../core/permissions';
import { instantSql } from '../platform/http/fields';
import { cutPage, decodeCursor, type Position } from '../platform/http/page';
import { reachParameter, reachSql } from '../platform/http/reach-sql';
import type {
  Exception,
  ExceptionDetail,
  ExceptionEvent,
  ExceptionsPage,
  ExceptionsQuery,
} from './exceptions.contract';

const mostEvents = 500;

const within = reachSql({
  entity: 'e.entity_id',
  start: 'e.period_start',
  end: 'e.period_end',
});

const exceptionColumns = `exception_id, control_id, entity_id, period_key, procedure, code, key,
  currency, state, severity, left_amount, right_amount, difference, impact, explanation,
  first_seen_run, ${instantSql('first_seen_at')} as first_seen_at,
  last_seen_run, ${instantSql('last_seen_at')} as last_seen_at,
  cleared_run, ${instantSql('cleared_at')} as cleared_at, reopened`;

/** Reads exceptions for lists and screens; writes nothing. */
export class ExceptionsQueries {
  constructor(private readonly app: Knex) {}

  /**
   * Newest first, by when they were first seen: that never changes, so pages neither repeat nor
   * skip. Throws InvalidInput when the cursor is not one of this list.
   */
  async exceptions(query: ExceptionsQuery, reach: Reach): Promise<ExceptionsPage> {
    const from = query.cursor === undefined ? null : decodeCursor(query.cursor);
    const { rows } = await this.app.raw<{ rows: Exception[] }>(
      `select ${exceptionColumns} from tieout.exceptions e
       where ${within} and (cast(:control as text) is null or control_id = :control)
         and (cast(:entity as text) is null or entity_id = :entity)
         and (cast(:period as text) is null or period_key = :period)
         and (cast(:state as text) is null or state = :state)
         and (cast(:code as text) is null or code = :code)
         and (cast(:severity as text) is null or severity = :severity)
         and (cast(:at as timestamptz) is null or (first_seen_at <= cast(:at as timestamptz)
           and (first_seen_at < cast(:at as timestamptz) or exception_id > cast(:id as uuid))))
       order by e.first_seen_at desc, e.exception_id
       limit cast(:limit as integer)`,
      {
        reach: reachParameter(reach),
        control: query.control ?? null,
        entity: query.entity ?? null,
        period: query.period ?? null,
        state: query.state ?? null,
        code: query.code ?? null,
        severity: query.severity ?? null,
        at: from?.at ?? null,
        id: from?.id ?? null,
        limit: query.limit + 1,
      },
    );
    const positionOf = (row: Exception): Position => ({
      at: row.first_seen_at,
      id: row.exception_id,
    });
    return cutPage(rows, query.limit, positionOf, withPlainAmounts);
  }

  /** With its history, or null when there is none of this id. */
  async exception(exceptionId: string, reach: Reach): Promise<ExceptionDetail | null> {
    const { rows } = await this.app.raw<{ rows: (Exception & { events_total: string })[] }>(
      `select ${exceptionColumns}, (select count(*) from tieout.exception_events v
         where v.exception_id = e.exception_id) as events_total
       from tieout.exceptions e where exception_id = :exceptionId and ${within}`,
      { exceptionId, reach: reachParameter(reach) },
    );
    const [found] = rows;
    if (found === undefined) return null;
    return { ...withPlainAmounts(found), events: await this.events(exceptionId) };
  }

  private async events(exceptionId: string): Promise<ExceptionEvent[]> {
    const { rows } = await this.app.raw<{ rows: ExceptionEvent[] }>(
      `select event_id, run_id, kind, ${instantSql('at')} as at, clean_days, severity,
         left_amount, right_amount, difference, impact, explanation, left_items, right_items,
         left_count, right_count
       from tieout.exception_events where exception_id = :exceptionId
       order by tieout.exception_events.event_id desc limit :mostEvents`,
      { exceptionId, mostEvents },
    );
    return rows.map(withPlainAmounts);
  }
}

type Amounts = Pick<Exception, 'left_amount' | 'right_amount' | 'difference' | 'impact'>;

/** Postgres writes every digit of numeric(38,6); the API's one written form has no idle zeros. */
function withPlainAmounts<Row extends Amounts>(row: Row): Row {
  const plain = (amount: string | null): string | null =>
    amount === null ? null : normalizeAmount(amount);
  return {
    ...row,
    left_amount: plain(row.left_amount),
    right_amount: plain(row.right_amount),
    difference: plain(row.difference),
    impact: plain(row.impact),
  };
}
