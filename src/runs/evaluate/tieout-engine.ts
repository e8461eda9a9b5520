import { sha256Hex, type KnownTexts } from '../../core/canonical-json';
import { isTieOut, sidesOf, type Procedure } from '../../core/control';
import type { FindingFacts } from '../../core/finding';
import { AMOUNT_SCALE, isKnownCurrency, normalizeAmount } from '../../core/money';
import {
  assertionSql,
  detailSql,
  ITEM_HASH,
  keyTypeSql,
  NO_CURRENCY,
  onceOn,
  plannedFindings,
  ROW_NUMBER,
  rowsViewOf,
  tieOutSql,
  viewOf,
  type PlanContext,
  type PlannedFinding,
} from '../../core/plan';
import {
  codedSql,
  currencySplitSql,
  findingFactsSql,
  findingSql,
  statementSql,
} from '../../core/plan-findings';
import { flaggedSql } from '../../core/plan-conditions';
import { MATCH_KEY } from '../../core/match-key';
import { enumTypesSql } from '../../core/plan-classes';
import type { Materiality } from '../../core/severity';
import { quoteName, quoteText } from '../../core/sql-text';
import {
  footingGap,
  type CurrencyStatement,
  type ProcedureStatement,
  type StatementLine,
} from '../../core/statement';
import type { DuckDb, TextRow } from '../../platform/duckdb';
import { countItems, type SideCounts, type SideTotals } from './count-items';
import { findingOf, readFacts } from './finding-of';
import type { PopulationFile } from '../run-types';
import { matchItems } from './match-items';

type PlanSide = 'left' | 'right';

export interface ProcedureInput {
  procedure: Procedure;
  /** The item population of an assertion stands on the left. */
  left: PopulationFile;
  right: PopulationFile | null;
  codePrefix: string;
  /** Items dated on it or later are within their grace; null without timing. */
  graceFrom: string | null;
  /** Random text of this run; no result depends on it. */
  salt: string;
  materiality: Materiality;
  limits: { findings: number; itemsPerFinding: number };
  /** Up to so many items keys are joined as text; absent: TEXT_KEY_ITEMS. */
  textKeyItems?: number;
}

/** A verdict, or the reasons why these populations allow none. */
export type Evaluation = { evaluated: false; reasons: string[] } | Verdict;

interface Verdict {
  evaluated: true;
  statement: ProcedureStatement;
  findings: AsyncIterable<FindingFacts>;
  /** Canonical JSON of the key and items of the finding read last, known from reading it. */
  texts: KnownTexts;
}

interface FindingsRead {
  /** How many there must be. */
  expected: bigint;
  byKey: Record<PlanSide, boolean>;
  texts: Map<object, string>;
}

/** A run whose amounts do not add up ends errored, never with a verdict (DESIGN §1.3). */
export class EngineNotFooted extends Error {
  constructor(gap: string) {
    super(`The statement does not foot. ${gap}`);
    this.name = 'EngineNotFooted';
  }
}

type Counts = Record<PlanSide, SideCounts>;
const noCounts: SideCounts = { totals: [], missing: {} };

/** Both sides together; more keys than these, as text, spill out of limits.duckdb_memory_mb. */
const TEXT_KEY_ITEMS = 3_000_000;

/** How many unknown currencies a reason names. */
const NAMED_CURRENCIES = 5;

// A missing currency is reported as such, not as an unknown one.
const isUsableCurrency = (code: string): boolean =>
  code === '' || code === NO_CURRENCY || isKnownCurrency(code);

/**
 * Judges one procedure from its frozen files and nothing else, in a DuckDB that reaches only them.
 * This is the seam behind which another engine could stand: files in, statement and findings out.
 */
export class TieoutEngine {
  constructor(private readonly duck: DuckDb) {}

  async evaluate(input: ProcedureInput): Promise<Evaluation> {
    const procedure = byMatchKey(input.procedure);
    await this.openPopulations(input);
    const counts = {
      left: await countItems(this.duck, input.procedure, 'left'),
      right: input.right ? await countItems(this.duck, input.procedure, 'right') : noCounts,
    };
    const reasons = await this.unusableItems(input, counts);
    if (reasons.length === 0) reasons.push(...(await this.match(input)));
    if (reasons.length > 0) return { evaluated: false, reasons };
    const totals = { left: counts.left.totals, right: counts.right.totals };
    const context = planContext(input, totals);
    const findings = plannedFindings(procedure, input.codePrefix);
    await this.duck.run(enumTypesSql(context.currencies));
    const unknown = await this.flag(procedure, context, findings);
    if (unknown.length > 0) return { evaluated: false, reasons: unknown };
    const byKey = await this.tie(procedure, context, findings, totals);
    await this.explore(procedure, context, findings, byKey);
    const found = await this.foundKeys();
    if (found > BigInt(input.limits.findings))
      return { evaluated: false, reasons: [tooMany(input, found)] };
    const statement = await this.statement(input, context, totals);
    const gap = footingGap(statement);
    if (gap) throw new EngineNotFooted(gap);
    const texts = new Map<object, string>();
    const facts = this.findings(input, context, findings, { expected: found, byKey, texts });
    return { evaluated: true, statement, findings: facts, texts };
  }

  private async openPopulations({ left, right }: ProcedureInput): Promise<void> {
    for (const [side, population] of Object.entries({ left, right })) {
      if (!population) continue;
      const planSide = side === 'left' ? 'left' : 'right';
      const file = quoteText(population.file);
      await this.duck.run(
        `create or replace view ${viewOf(planSide)} as select * from read_parquet(${file})`,
      );
      if (population.columns.some(({ name }) => name === ROW_NUMBER)) continue;
      await this.duck.run(
        `create or replace view ${rowsViewOf(planSide)} as
         select * from read_parquet(${file}, ${ROW_NUMBER} = true)`,
      );
    }
  }

  /** Gives the items of a procedure with passes their match keys; says why it could not. */
  private async match({ procedure, left, right }: ProcedureInput): Promise<string[]> {
    if (!isTieOut(procedure) || !procedure.match || !right) return [];
    return matchItems(this.duck, procedure, { left, right });
  }

  /** Items without a key, an amount or a known currency cannot be judged, so nothing is. */
  private async unusableItems({ procedure }: ProcedureInput, counts: Counts): Promise<string[]> {
    const reasons: string[] = [];
    for (const { side, ref } of sidesOf(procedure)) {
      const { totals, missing } = counts[side === 'right' ? 'right' : 'left'];
      if (totals.length === 0 && !ref.empty_ok)
        reasons.push(`${ref.label} is empty, and the control does not say that it may be.`);
      for (const [column, items] of Object.entries(missing))
        reasons.push(`${ref.label} has ${items} items without ${column}.`);
      const unknown = totals.filter(({ currency }) => !isUsableCurrency(currency));
      if (unknown.length > 0)
        reasons.push(
          `${ref.label} has amounts in ${unknown
            .slice(0, NAMED_CURRENCIES)
            .map(({ currency }) => currency)
            .join(', ')}, which is no ISO 4217 currency.`,
        );
    }
    return [...reasons, ...(await this.finerAmounts(procedure))];
  }

  /** Amounts are compared with six digits after the point; a seventh would be rounded away. */
  private async finerAmounts(procedure: Procedure): Promise<string[]> {
    if (!procedure.amount) return [];
    const { column } = procedure.amount;
    const reasons: string[] = [];
    for (const { side, ref } of sidesOf(procedure)) {
      const view = viewOf(side === 'right' ? 'right' : 'left');
      const type = (await this.duck.describe(`select ${quoteName(column)} from ${view}`))[0]?.type;
      const scale = Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(type ?? '')?.[1] ?? 0);
      if (scale <= AMOUNT_SCALE) continue;
      const name = quoteName(column);
      const [row] = await this.duck.rows(
        `select count(*) as n from ${view} where ${name} <> ${name}::decimal(38,${AMOUNT_SCALE})`,
      );
      if (row?.n !== '0')
        reasons.push(
          `${ref.label} has ${row?.n} amounts with more than ${AMOUNT_SCALE} digits after ` +
            'the point; round them by name in the SQL.',
        );
    }
    return reasons;
  }

  /** Returns why a condition could not be decided; a null verdict must not count as a pass. */
  private async flag(
    procedure: Procedure,
    context: PlanContext,
    findings: readonly PlannedFinding[],
  ): Promise<string[]> {
    const sql = flaggedSql(procedure, context, findings);
    if (!sql) return [];
    await this.duck.run(sql);
    const flagged = findings.filter((planned) => planned.flag !== null);
    const counts = flagged.map(({ flag }) => `count(*) filter (where unknown_${flag}) as ${flag}`);
    const [row] = await this.duck.rows(`select ${counts.join(', ')} from flagged`);
    return flagged.flatMap(({ code, flag, finding }) => {
      const count = row?.[flag ?? ''];
      if (!count) throw new Error(`${code} could not be counted`);
      return count === '0'
        ? []
        : [
            `${code} cannot be decided for ${count} keys, because its condition ` +
              `(${finding.when}) is null for them. Where a join found nothing, mend it; where ` +
              `there is nothing to find, say what that means, e.g. with coalesce.`,
          ];
    });
  }

  /**
   * First joins items directly on the sides where a key stands once; should a key repeat after all,
   * the counts or the keys show it, and both sides are summed by key instead. Says which were.
   */
  private async tie(
    procedure: Procedure,
    context: PlanContext,
    findings: readonly PlannedFinding[],
    totals: Record<PlanSide, readonly SideTotals[]>,
  ): Promise<Record<PlanSide, boolean>> {
    const all = { left: true, right: true };
    if (!isTieOut(procedure)) {
      await this.duck.run(assertionSql(procedure, context, findings));
      return all;
    }
    const once = onceOn(procedure.cardinality);
    const byKey = { left: !once.left, right: !once.right };
    await this.duck.run(tieOutSql(procedure, context, findings, byKey));
    if (await this.keysStandOnce(totals)) return byKey;
    await this.duck.run(tieOutSql(procedure, context, findings, all));
    return all;
  }

  /** A repeated key multiplies the items it meets; one that meets none shows as rows of its own. */
  private async keysStandOnce(totals: Record<PlanSide, readonly SideTotals[]>): Promise<boolean> {
    const [row] = await this.duck.rows(
      `select coalesce(sum(l_n + l_set_n), 0)::bigint as l,
         coalesce(sum(r_n + r_set_n), 0)::bigint as r,
         (select count(*) from (
           select h from tie where h is not null group by h having sum(keys) > 1)) as repeated
       from tie`,
    );
    const count = (side: PlanSide): bigint =>
      totals[side].reduce((sum, { items }) => sum + BigInt(items), 0n);
    return (
      row?.l === String(count('left')) && row?.r === String(count('right')) && row.repeated === '0'
    );
  }

  private async explore(
    procedure: Procedure,
    context: PlanContext,
    findings: readonly PlannedFinding[],
    byKey: Record<PlanSide, boolean>,
  ): Promise<void> {
    await this.duck.run(detailSql(procedure, context, 'left', byKey.left));
    if (isTieOut(procedure)) {
      await this.duck.run(detailSql(procedure, context, 'right', byKey.right));
      await this.duck.run(currencySplitSql(procedure));
    } else {
      await this.duck.run(
        `create or replace table right_detail as
         select null::${keyTypeSql(context)} as ${ITEM_HASH}`,
      );
    }
    await this.duck.run(codedSql(findings));
    await this.duck.run(findingSql(procedure, findings));
  }

  private async foundKeys(): Promise<bigint> {
    const [row] = await this.duck.rows('select count(*) as n from finding');
    if (!row?.n) throw new Error('the findings could not be counted');
    return BigInt(row.n);
  }

  private async statement(
    { procedure }: ProcedureInput,
    context: PlanContext,
    totals: Record<PlanSide, readonly SideTotals[]>,
  ): Promise<ProcedureStatement> {
    const rows = await this.duck.rows(statementSql(procedure, context));
    const currencies = context.currencies.map((currency): CurrencyStatement => {
      const total = (side: PlanSide): { items: string; amount: string } => {
        const found = totals[side].find((one) => one.currency === currency);
        return { items: found?.items ?? '0', amount: found?.amount ?? '0' };
      };
      return {
        currency: currency === NO_CURRENCY ? null : currency,
        left: total('left'),
        right: isTieOut(procedure) ? total('right') : null,
        lines: rows.filter((row) => row.currency === currency).map(statementLine),
      };
    });
    return {
      procedure: procedure.name,
      leftLabel: isTieOut(procedure) ? procedure.left.label : procedure.item.label,
      rightLabel: isTieOut(procedure) ? procedure.right.label : null,
      currencies,
    };
  }

  private async *findings(
    { procedure, limits, materiality }: ProcedureInput,
    context: PlanContext,
    findings: readonly PlannedFinding[],
    { expected, byKey, texts }: FindingsRead,
  ): AsyncIterable<FindingFacts> {
    if (expected === 0n) return;
    let told = 0n;
    const byCode = new Map(findings.map((planned) => [planned.code, planned]));
    const { itemsPerFinding } = limits;
    const sql = findingFactsSql(procedure, context, findings, { itemsPerFinding, byKey });
    for await (const batch of this.duck.stream(sql)) {
      for (const row of batch) {
        const facts = readFacts(row.facts ?? '');
        const planned = byCode.get(facts.code);
        if (!planned) throw new Error(`the plan gave the unknown code ${facts.code}`);
        told += 1n;
        texts.clear();
        yield findingOf(facts, planned, procedure, materiality, texts);
      }
    }
    // A stream that broke off must not stand as fewer findings.
    if (told !== expected) throw new Error(`${told} of ${expected} findings could be read`);
  }
}

/** Where passes match, the tie-out goes by the key they gave; findings show the declared one. */
const byMatchKey = (procedure: Procedure): Procedure =>
  isTieOut(procedure) && procedure.match ? { ...procedure, key: [MATCH_KEY] } : procedure;

function tooMany({ procedure, limits }: ProcedureInput, found: bigint): string {
  return (
    `${procedure.name} has ${found} findings, more than limits.findings (${limits.findings}); ` +
    'the two populations hardly describe the same thing.'
  );
}

function planContext(
  { codePrefix, graceFrom, left, right, salt, textKeyItems }: ProcedureInput,
  totals: Record<PlanSide, readonly SideTotals[]>,
): PlanContext {
  const names = (population: PopulationFile | null): string[] =>
    population?.columns.map((column) => column.name) ?? [];
  const items = [...totals.left, ...totals.right].reduce((sum, one) => sum + Number(one.items), 0);
  const currencies = [...totals.left, ...totals.right].map(({ currency }) => currency);
  return {
    columns: { left: names(left), right: names(right) },
    currencies: [...new Set(currencies)].sort(),
    keyForm: items <= (textKeyItems ?? TEXT_KEY_ITEMS) ? 'text' : 'hash',
    // 80 bits that nobody can know before: enough, and short enough for one block of MD5.
    salt: sha256Hex(salt).slice(0, 20),
    graceFrom,
    codePrefix,
  };
}

function statementLine(row: TextRow): StatementLine {
  return {
    // The plan writes only these words; the database checks them again.
    category: row.category as StatementLine['category'],
    code: row.code ?? null,
    side: row.side as StatementLine['side'],
    keys: row.keys ?? '0',
    left: { items: row.left_items ?? '0', amount: normalizeAmount(row.left_amount ?? '0') },
    right: { items: row.right_items ?? '0', amount: normalizeAmount(row.right_amount ?? '0') },
    ...(row.tolerated ? { tolerated: normalizeAmount(row.tolerated) } : {}),
  };
}
