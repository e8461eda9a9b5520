import type { Knex } from 'knex';
import { normalizeAmount } from '../core/money';
import type { Reach } from '../core/permissions';
import { NO_CURRENCY } from '../core/plan';
import { lineEffect, noItems, type StatementLine, type Total } from '../core/statement';
import { instantSql } from '../platform/http/fields';
import { cutPage, decodeCursor } from '../platform/http/page';
import { reachParameter, reachSql } from '../platform/http/reach-sql';
import type { Run, RunDetail, RunsPage, RunsQuery, Statement } from './runs.contract';

const runColumns = `run_id, control_id, control_title, control_version, entity_id,
  json_build_object('key', period_key, 'start', period_start, 'end', period_end) as period,
  seq, cause, reason, requested_by, as_of, outcome, outcome_reason, findings,
  ${instantSql('started_at')} as started_at, ${instantSql('recorded_at')} as recorded_at`;

const within = reachSql({ entity: 'entity_id', start: 'period_start', end: 'period_end' });

type Population = RunDetail['populations'][number];

interface TotalRow extends Total {
  procedure: string;
  side: 'left' | 'right';
  currency: string;
}

interface LineRow {
  procedure: string;
  currency: string;
  category: StatementLine['category'];
  code: string | null;
  side: StatementLine['side'];
  keys: string;
  left_items: string;
  left_amount: string;
  right_items: string;
  right_amount: string;
}

type Procedure = Statement['procedures'][number];
type CurrencyStatement = Procedure['currencies'][number];

/** Reads runs for lists and screens; writes nothing. */
export class RunsQueries {
  constructor(private readonly app: Knex) {}

  /** Newest first. Throws InvalidInput when the cursor is not one of this list. */
  async runs(query: RunsQuery, reach: Reach): Promise<RunsPage> {
    const from = query.cursor === undefined ? null : decodeCursor(query.cursor);
    const { rows } = await this.app.raw<{ rows: Run[] }>(
      `select ${runColumns} from tieout.runs
       where ${within} and (cast(:control as text) is null or control_id = :control)
         and (cast(:entity as text) is null or entity_id = :entity)
         and (cast(:period as text) is null or period_key = :period)
         and (cast(:outcome as text) is null or outcome = :outcome)
         and (cast(:at as timestamptz) is null or (recorded_at <= cast(:at as timestamptz)
           and (recorded_at < cast(:at as timestamptz) or run_id > cast(:id as uuid))))
       order by tieout.runs.recorded_at desc, run_id
       limit cast(:limit as integer)`,
      {
        reach: reachParameter(reach),
        control: query.control ?? null,
        entity: query.entity ?? null,
        period: query.period ?? null,
        outcome: query.outcome ?? null,
        at: from?.at ?? null,
        id: from?.id ?? null,
        limit: query.limit + 1,
      },
    );
    const positionOf = (row: Run): { at: string; id: string } => ({
      at: row.recorded_at,
      id: row.run_id,
    });
    return cutPage(rows, query.limit, positionOf, (row) => row);
  }

  async run(runId: string, reach: Reach): Promise<RunDetail | null> {
    const { rows } = await this.app.raw<{ rows: Omit<RunDetail, 'populations'>[] }>(
      `select ${runColumns}, attempts, parameters, canaries,
         step_ms, findings_sha256, manifest_sha256,
         previous_manifest_sha256
       from tieout.runs where run_id = :runId and ${within}`,
      { runId, reach: reachParameter(reach) },
    );
    const [found] = rows;
    if (found === undefined) return null;
    const totals = await this.totals(runId);
    const populations = (await this.populations(runId)).map((population) => ({
      ...population,
      totals: totals
        .filter((one) => one.procedure === population.procedure && one.side === population.side)
        .map(({ currency, items, amount }) => ({ currency: shown(currency), items, amount })),
    }));
    return { ...found, populations };
  }

  async statement(runId: string, reach: Reach): Promise<Statement | null> {
    const { rows } = await this.app.raw<{ rows: Pick<Run, 'run_id' | 'outcome'>[] }>(
      `select run_id, outcome from tieout.runs where run_id = :runId and ${within}`,
      { runId, reach: reachParameter(reach) },
    );
    const [found] = rows;
    if (found === undefined) return null;
    const [populations, totals, lines] = [
      await this.populations(runId),
      await this.totals(runId),
      await this.lines(runId),
    ];
    return { ...found, procedures: proceduresOf(populations, totals, lines) };
  }

  private async populations(runId: string): Promise<Omit<Population, 'totals'>[]> {
    const { rows } = await this.app.raw<{ rows: Omit<Population, 'totals'>[] }>(
      `select procedure, side, population, label, source, items, file_sha256, file_bytes, verified
       from tieout.run_populations where run_id = :runId order by procedure, side`,
      { runId },
    );
    return rows;
  }

  private async totals(runId: string): Promise<TotalRow[]> {
    const { rows } = await this.app.raw<{ rows: TotalRow[] }>(
      `select procedure, side, currency, items, amount
       from tieout.run_totals where run_id = :runId order by procedure, currency, side`,
      { runId },
    );
    return rows.map((row) => ({ ...row, amount: normalizeAmount(row.amount) }));
  }

  private async lines(runId: string): Promise<LineRow[]> {
    const { rows } = await this.app.raw<{ rows: LineRow[] }>(
      `select procedure, currency, category, code, side, keys,
         left_items, left_amount, right_items, right_amount
       from tieout.statement_lines where run_id = :runId order by procedure, currency, line_no`,
      { runId },
    );
    return rows;
  }
}

const shown = (currency: string): string | null => (currency === NO_CURRENCY ? null : currency);

function proceduresOf(
  populations: readonly Omit<Population, 'totals'>[],
  totals: readonly TotalRow[],
  lines: readonly LineRow[],
): Procedure[] {
  const names = [...new Set(populations.map(({ procedure }) => procedure))];
  return names.map((procedure) => {
    const mine = <Row extends { procedure: string }>(rows: readonly Row[]): Row[] =>
      rows.filter((row) => row.procedure === procedure);
    const label = (side: 'left' | 'right'): string | undefined =>
      mine(populations).find((population) => population.side === side)?.label;
    const right = label('right') ?? null;
    const found = [...mine(totals), ...mine(lines)].map(({ currency }) => currency);
    return {
      procedure,
      left_label: label('left') ?? '',
      right_label: right,
      currencies: [...new Set(found)].map((currency) =>
        currencyStatement(currency, right !== null, mine(totals), mine(lines)),
      ),
    };
  });
}

function currencyStatement(
  currency: string,
  twoSided: boolean,
  totals: readonly TotalRow[],
  lines: readonly LineRow[],
): CurrencyStatement {
  const total = (side: 'left' | 'right'): Total => {
    const row = totals.find((one) => one.currency === currency && one.side === side);
    return row === undefined ? noItems : { items: row.items, amount: row.amount };
  };
  return {
    currency: shown(currency),
    left: total('left'),
    right: twoSided ? total('right') : null,
    lines: lines.filter((line) => line.currency === currency).map(shownLine),
  };
}

function shownLine(row: LineRow): CurrencyStatement['lines'][number] {
  const { category, code, side, keys } = row;
  const line: StatementLine = {
    category,
    code,
    side,
    keys,
    left: { items: row.left_items, amount: normalizeAmount(row.left_amount) },
    right: { items: row.right_items, amount: normalizeAmount(row.right_amount) },
  };
  return { ...line, effect: lineEffect(line) };
}
