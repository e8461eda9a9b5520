import type { Knex } from 'knex';
import type { RunAlert } from '../core/run-alert';
import { transactionClient } from '../platform/database/connect';
import type { ExceptionScope } from './finding-intake';

/** The largest open exceptions a message names. */
const TOP_EXCEPTIONS = 5;

/** What is known of the exceptions of a scope; the caller owns the transaction. */
export class ExceptionsStore {
  /** What a message says of the exceptions open after a run. */
  async openForAlert(
    trx: Knex.Transaction,
    { control, entity, period }: ExceptionScope,
  ): Promise<Pick<RunAlert, 'open' | 'totals' | 'top'>> {
    const client = await transactionClient(trx);
    const scope = [control, entity, period];
    const totals = await client.query<{ currency: string | null; n: string; impact: string }>(
      `select currency, count(*)::text as n, coalesce(sum(impact), 0)::text as impact
       from tieout.exceptions
       where control_id = $1 and entity_id = $2 and period_key = $3
         and state in ('open', 'acknowledged', 'proposed')
       group by currency order by currency`,
      scope,
    );
    const top = await client.query<RunAlert['top'][number]>(
      `select code, explanation, impact::text as impact, currency, severity
       from tieout.exceptions
       where control_id = $1 and entity_id = $2 and period_key = $3
         and state in ('open', 'acknowledged', 'proposed')
       order by array_position(array['critical', 'high', 'medium', 'low'], severity),
         impact desc nulls last, fingerprint
       limit ${TOP_EXCEPTIONS}`,
      scope,
    );
    return {
      open: totals.rows.reduce((sum, row) => sum + Number(row.n), 0),
      totals: totals.rows.flatMap(({ currency, n, impact }) =>
        currency === null ? [] : [{ currency, exceptions: Number(n), impact }],
      ),
      top: top.rows,
    };
  }
}
