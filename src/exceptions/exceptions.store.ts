import { createReadStream, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Knex } from 'knex';
import type { Severity } from '../core/outcome';
import type { RunAlert } from '../core/run-alert';
import { transactionClient } from '../platform/database/connect';
import { copyIn } from '../platform/database/copy';

/** One control, entity and period: the scope in which exceptions open and clear. */
export interface ExceptionScope {
  control: string;
  entity: string;
  period: string;
}

/** The run whose findings are recorded. */
export interface FindingRun {
  runId: string;
  at: string;
  /** 'YYYY-MM-DD'; what was accepted or is expected until a day holds up to it. */
  asOf: string;
  /** What it looked for, as procedure/code. */
  asked: readonly string[];
  /** When an exception of a severity that opens now is due. */
  dueOn: Record<Severity, string>;
}

export interface ExceptionChanges {
  opened: number;
  reopened: number;
  changed: number;
  seen: number;
  cleared: number;
}

/** The largest open exceptions a message names. */
const TOP_EXCEPTIONS = 5;

const recordSql = readFileSync(path.join(__dirname, 'record-findings.sql'), 'utf8');

/** Keeps exceptions true to what runs found; the caller owns the transaction. */
export class ExceptionsStore {
  /**
   * Brings the scope up to date with a run that evaluated it: opens, re-opens, confirms and clears.
   * `findingsFile` holds one canonical finding per line, as in the evidence; `asked` lists what the
   * run looked for, as procedure/code: nothing else can be cleared by it.
   */
  async recordFindings(
    trx: Knex.Transaction,
    scope: ExceptionScope,
    run: FindingRun,
    findingsFile: string,
  ): Promise<ExceptionChanges> {
    const client = await transactionClient(trx);
    await client.query('create temp table finding_lines (line text) on commit drop');
    await copyIn(client, copyLinesSql, createReadStream(findingsFile));
    const settings = {
      'tieout.run': run.runId,
      'tieout.at': run.at,
      'tieout.as_of': run.asOf,
      'tieout.due': JSON.stringify(run.dueOn),
      'tieout.asked': JSON.stringify(run.asked),
      'tieout.control': scope.control,
      'tieout.entity': scope.entity,
      'tieout.period': scope.period,
    };
    for (const [name, value] of Object.entries(settings))
      await client.query('select set_config($1, $2, true)', [name, value]);
    await client.query(recordSql);
    const { rows } = await client.query<{ kind: keyof ExceptionChanges; n: string }>(
      `select kind, count(*)::text as n from pg_temp.found group by kind
       union all
       select 'cleared', count(*)::text from tieout.exceptions
       where control_id = $1 and entity_id = $2 and period_key = $3 and state = 'cleared'
         and cleared_run = $4`,
      [scope.control, scope.entity, scope.period, run.runId],
    );
    const changes = { opened: 0, reopened: 0, changed: 0, seen: 0, cleared: 0 };
    for (const { kind, n } of rows) changes[kind] = Number(n);
    return changes;
  }

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

/** One value a line, as it is: JSON escapes control characters, so these two never stand in it. */
const copyLinesSql =
  "copy finding_lines from stdin (format csv, delimiter e'\\x02', quote e'\\x01')";
