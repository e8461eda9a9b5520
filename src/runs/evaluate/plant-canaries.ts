import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { codePrefix, isTieOut, type Control, type Procedure } from '../../core/control';
import { plannedFindings, ROW_NUMBER, type PlannedFinding } from '../../core/plan';
import {
  anomalySql,
  anyCodeTells,
  applySolutionSql,
  conditionColumns,
  itemsSql,
  linkedPairsSql,
  pairsSql,
  possibleFindings,
  shadowOf,
  shadowSql,
  slotKeysSql,
  solutionSql,
  type Canary,
  type ConditionColumn,
} from '../../core/plan-canary';
import { matchColumns, matchConditions } from '../../core/plan-match';
import { quoteName, quoteText } from '../../core/sql-text';
import type { DuckDb } from '../../platform/duckdb';
import { procedureInput, type EvaluateInput } from './evaluate-procedures';
import { faultOf } from '../fault';
import { matchItems } from './match-items';
import type { CanaryResult, PopulationFile } from '../run-types';
import { TieoutEngine, type ProcedureInput } from './tieout-engine';

export interface CanaryInput {
  control: Pick<Control, 'id'>;
  /** As the run judged them, with bound conditions, over its frozen files. */
  procedures: readonly ProcedureInput[];
  /** A DuckDB that may write into workDir. */
  duck: DuckDb;
  workDir: string;
}

/** A fault among the canaries costs the run nothing but the proof, and says so. */
export async function withCanaries(
  question: Omit<EvaluateInput, 'duck'>,
  withDuckDb: (work: (duck: DuckDb) => Promise<CanaryResult[]>) => Promise<CanaryResult[]>,
): Promise<CanaryResult[]> {
  const { control, workDir } = question;
  const procedures = control.procedures.map((one) => procedureInput(question, one));
  try {
    return await withDuckDb((duck) => plantCanaries({ control, procedures, duck, workDir }));
  } catch (cause) {
    return [{ procedure: '*', code: '*', found: false, note: faultOf(cause) }];
  }
}

type Side = 'left' | 'right';

/**
 * Plants one anomaly for each finding of a control into copies of a few of the run's own items,
 * lets the same plan judge them, and says which it found. Nothing of it reaches the run's result.
 */
export async function plantCanaries(input: CanaryInput): Promise<CanaryResult[]> {
  const results: CanaryResult[] = [];
  const dir = path.join(input.workDir, 'canaries');
  await mkdir(dir, { recursive: true });
  for (const procedure of input.procedures)
    results.push(...(await new Aviary(procedure, input, dir).results()));
  return results;
}

/** The canaries of one procedure. */
class Aviary {
  private readonly planned: PlannedFinding[];

  constructor(
    private readonly input: ProcedureInput,
    private readonly means: CanaryInput,
    private readonly dir: string,
  ) {
    this.planned = possibleFindings(
      input.procedure,
      plannedFindings(input.procedure, codePrefix(means.control.id)),
    );
  }

  async results(): Promise<CanaryResult[]> {
    const { length: slots } = this.planned;
    await this.openRows();
    const pairs = await this.findPairs(slots);
    if (pairs === 0)
      return this.planned.map(({ code }) => this.result(code, null, 'no item can carry it'));
    const suffixed = await this.suffixedColumn();
    await this.makeShadows({ slots, pairs, suffixed });
    const canaries: Canary[] = [];
    const results: CanaryResult[] = [];
    for (const [slot, planned] of this.planned.entries()) {
      const room = suffixed !== null || slot < pairs;
      const why = room ? await this.plant({ slot, planned }) : 'too few items to carry it';
      if (why === null) canaries.push({ slot, planned });
      else results.push(this.result(planned.code, null, why));
    }
    const found = await this.judge(canaries.map(({ slot }) => slot));
    if (typeof found !== 'string') return [...results, ...this.told(canaries, found)];
    // One of them keeps the others from being judged: each is judged by itself.
    for (const canary of canaries) {
      const alone = await this.judge([canary.slot]);
      if (typeof alone === 'string')
        results.push(this.result(canary.planned.code, null, `cannot be judged: ${alone}`));
      else results.push(...this.told([canary], alone));
    }
    return results;
  }

  private told(canaries: readonly Canary[], found: ReadonlySet<string>): CanaryResult[] {
    return canaries.map(({ slot, planned }) => {
      const code = anyCodeTells(planned, this.input.procedure) ? 'any' : planned.code;
      return this.result(planned.code, found.has(`${slot} ${code}`), null);
    });
  }

  private result(code: string, found: boolean | null, note: string | null): CanaryResult {
    return { procedure: this.input.procedure.name, code, found, note };
  }

  private get sides(): { side: Side; file: PopulationFile }[] {
    const { left, right } = this.input;
    const all: { side: Side; file: PopulationFile | null }[] = [
      { side: 'left', file: left },
      { side: 'right', file: right },
    ];
    return all.flatMap(({ side, file }) => (file ? [{ side, file }] : []));
  }

  private async openRows(): Promise<void> {
    for (const { side, file } of this.sides)
      await this.means.duck.run(
        `create or replace view ${side}_rows as
         select * from read_parquet(${quoteText(file.file)}, ${ROW_NUMBER} = true)`,
      );
  }

  private async findPairs(most: number): Promise<number> {
    const { duck } = this.means;
    const { procedure, salt, left, right } = this.input;
    if (!isTieOut(procedure)) await duck.run(itemsSql(procedure, salt, most));
    else if (procedure.match && right) {
      if ((await matchItems(duck, procedure, { left, right })).length > 0) return 0;
      await this.openRows();
      await duck.run(linkedPairsSql(salt, most));
    } else await duck.run(pairsSql(procedure, salt, most));
    return this.count('select count(*) as n from pair_of_items');
  }

  /**
   * A text column of the key, under which one pair can carry many; none where passes match. A
   * currency is none: no other than a known one can be judged.
   */
  private async suffixedColumn(): Promise<string | null> {
    const { procedure } = this.input;
    if (isTieOut(procedure) && procedure.match) return null;
    const described = await this.means.duck.describe('select * from left_rows');
    const types = new Map(described.map(({ name, type }) => [name, type]));
    return (
      procedure.key.find(
        (name) => types.get(name) === 'VARCHAR' && name !== procedure.amount?.currency,
      ) ?? null
    );
  }

  private async makeShadows(
    facts: Omit<Parameters<typeof shadowSql>[1], 'columns'>,
  ): Promise<void> {
    for (const { side, file } of this.sides) {
      const columns = file.columns.map(({ name }) => name);
      await this.means.duck.run(shadowSql(side, { ...facts, columns }));
    }
  }

  /** Null when it was planted; else why not. */
  private async plant(canary: Canary): Promise<string | null> {
    const { duck } = this.means;
    const { planned, slot } = canary;
    if (planned.keyword !== null) {
      await duck.run(anomalySql(canary, this.input.procedure, this.input.graceFrom));
      return null;
    }
    await duck.run(anomalySql(canary, this.input.procedure, this.input.graceFrom));
    const columns = await this.conditionColumns(planned.finding.when);
    const twoSided = isTieOut(this.input.procedure);
    try {
      await duck.run(solutionSql(planned.finding.when, columns, slot, twoSided));
    } catch {
      // Values were tried that the condition cannot be asked about, such as a date out of range.
      return 'no values could be tried';
    }
    if ((await this.count('select count(*) as n from solution')) === 0)
      return 'no values that were tried meet its condition';
    const apply = applySolutionSql(columns, slot);
    if (apply !== '') await duck.run(apply);
    return null;
  }

  private async conditionColumns(condition: string): Promise<ConditionColumn[]> {
    const { key, amount } = this.input.procedure;
    const fixed = new Set([...key, ...matchedBy(this.input.procedure)]);
    const columns: ConditionColumn[] = [];
    for (const { side, column } of conditionColumns(condition)) {
      const described = await this.means.duck.describe(
        `select ${quoteName(column)} from ${shadowOf(side)}`,
      );
      const type = described[0]?.type ?? 'VARCHAR';
      columns.push({
        ...{ side, column, type, isFixed: fixed.has(column) },
        isNeeded: column === amount?.column || column === amount?.currency,
        isCurrency: column === amount?.currency,
      });
    }
    return columns;
  }

  /** `slot code` and `slot any` of all findings; why, when the shadow could not be judged. */
  private async judge(slots: readonly number[]): Promise<ReadonlySet<string> | string> {
    const files: Partial<Record<Side, PopulationFile>> = {};
    for (const { side, file } of this.sides) {
      const target = path.join(this.dir, `${side}.parquet`);
      const columns = file.columns.map(({ name }) => quoteName(name)).join(', ');
      await this.means.duck.run(
        `copy (select ${columns} from ${shadowOf(side)}
           where "#slot" in (${slots.join(', ') || '-1'}))
         to ${quoteText(target)} (format parquet)`,
      );
      files[side] = { ...file, file: target };
    }
    const { left, right = null } = files;
    if (!left) throw new Error('a procedure without items');
    const procedure = mayBeEmpty(this.input.procedure);
    const evaluation = await new TieoutEngine(this.means.duck).evaluate({
      ...{ ...this.input, procedure, left, right },
      limits: { findings: 10_000, itemsPerFinding: 1 },
    });
    if (!evaluation.evaluated) return evaluation.reasons.join(' ');
    const slotOf = await this.slotsByKey();
    const { key: keyColumns } = this.input.procedure;
    const found = new Set<string>();
    for await (const { code, key } of evaluation.findings)
      for (const slot of slotOf.get(JSON.stringify(keyColumns.map((name) => key[name]))) ?? [])
        found.add(`${slot} ${code}`).add(`${slot} any`);
    return found;
  }

  private async slotsByKey(): Promise<Map<string, string[]>> {
    const { procedure } = this.input;
    const slots = new Map<string, string[]>();
    for (const { side } of this.sides)
      for (const row of await this.means.duck.rows(slotKeysSql(procedure, side))) {
        const key = JSON.stringify(procedure.key.map((_, i) => row[`k${i}`]));
        slots.set(key, [...(slots.get(key) ?? []), row.slot ?? '']);
      }
    return slots;
  }

  private async count(sql: string): Promise<number> {
    const [row] = await this.means.duck.rows(sql);
    return Number(row?.n ?? Number.NaN);
  }
}

/** Columns that passes look at: another value would part the pair instead. */
function matchedBy(procedure: Procedure): string[] {
  const passes = (isTieOut(procedure) ? procedure.match?.passes : undefined) ?? [];
  return passes.flatMap((pass) => [
    ...matchColumns(pass),
    ...matchConditions(pass).flatMap((text) => conditionColumns(text).map(({ column }) => column)),
    ...(pass.within ? [pass.within.left, pass.within.right] : []),
  ]);
}

/** What is left of a shadow may have one side alone. */
function mayBeEmpty(procedure: Procedure): Procedure {
  const empty = { empty_ok: true };
  return isTieOut(procedure)
    ? {
        ...procedure,
        left: { ...procedure.left, ...empty },
        right: { ...procedure.right, ...empty },
      }
    : { ...procedure, item: { ...procedure.item, ...empty } };
}
