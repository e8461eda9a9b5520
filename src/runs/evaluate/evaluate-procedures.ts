import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import * as path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bindParameters, type ParameterValue } from '../../core/bind-parameters';
import { earliestWithinGrace, type BusinessCalendar } from '../../core/calendar';
import type { KnownTexts } from '../../core/canonical-json';
import { codePrefix, isTieOut, keywordOf, type Control, type Procedure } from '../../core/control';
import { findingLine, fingerprintOf, type FindingFacts } from '../../core/finding';
import type { Materiality } from '../../core/severity';
import type { ProcedureStatement } from '../../core/statement';
import type { WrittenFinding } from '../../exceptions/finding-row';
import type { Limits } from '../../platform/config';
import type { DuckDb } from '../../platform/duckdb';
import { withoutVerdict, type RunDraft } from '../run-draft';
import type { FrozenPopulation } from '../run-types';
import { TieoutEngine } from './tieout-engine';

export interface EvaluateInput {
  control: Control;
  scope: { entity: string; period: string };
  asOf: string;
  /** Parameters that conditions and impacts may name. */
  values: Record<string, ParameterValue>;
  calendar: BusinessCalendar;
  materiality: Materiality;
  populations: ReadonlyMap<string, FrozenPopulation>;
  /** A DuckDB that can reach the frozen files and nothing else. */
  duck: DuckDb;
  salt: string;
  limits: Pick<Limits, 'findings' | 'items_per_finding'>;
  /** Folder for the findings, outside the reach of the DuckDB. */
  workDir: string;
  /** Gets each finding as it is written, and may ask to be waited for. */
  onFinding?: (finding: WrittenFinding) => Promise<void> | undefined;
}

/** Lines are hashed and written together: each write has a cost of its own. */
const BATCH_CHARACTERS = 65_536;

/**
 * Judges every procedure of a control from the frozen files alone, and writes the findings as
 * canonical JSON, one per line, ordered by procedure, code and key. One procedure without a verdict
 * leaves the whole run without one.
 */
export async function evaluateProcedures(input: EvaluateInput): Promise<RunDraft> {
  const engine = new TieoutEngine(input.duck);
  const statements: ProcedureStatement[] = [];
  const reasons: string[] = [];
  const file = path.join(input.workDir, 'findings.jsonl');
  const hash = createHash('sha256');
  let count = 0;
  const lines = async function* (): AsyncIterable<string> {
    for (const procedure of input.control.procedures) {
      const evaluation = await engine.evaluate(procedureInput(input, procedure));
      if (!evaluation.evaluated) {
        reasons.push(...evaluation.reasons);
        continue;
      }
      statements.push(evaluation.statement);
      let batch = '';
      for await (const facts of evaluation.findings) {
        const finding = writtenFinding(input, facts, evaluation.texts);
        batch += `${finding.line}\n`;
        count += 1;
        const wait = input.onFinding?.(finding);
        if (wait) await wait;
        if (batch.length < BATCH_CHARACTERS) continue;
        hash.update(batch);
        yield batch;
        batch = '';
      }
      if (batch === '') continue;
      hash.update(batch);
      yield batch;
    }
  };
  await pipeline(Readable.from(lines(), { highWaterMark: 1 }), createWriteStream(file));
  if (reasons.length > 0)
    return withoutVerdict('not_evaluated', reasons.join(' '), input.populations);
  return {
    outcome: count === 0 ? 'passed' : 'exceptions',
    reason: null,
    populations: input.populations,
    statements,
    findings: { file, sha256: hash.digest('hex'), count },
    canaries: null,
  };
}

function writtenFinding(
  { control, scope }: EvaluateInput,
  facts: FindingFacts,
  texts: KnownTexts,
): WrittenFinding {
  const fingerprint = fingerprintOf({ control: control.id, ...scope }, facts, texts);
  return { facts, fingerprint, line: findingLine(fingerprint, facts, texts), texts };
}

/** A procedure as the run judges it. */
export function procedureInput(
  input: Omit<EvaluateInput, 'duck'>,
  procedure: Procedure,
): Parameters<TieoutEngine['evaluate']>[0] {
  const frozen = (name: string): FrozenPopulation => {
    const population = input.populations.get(name);
    if (!population) throw new Error(`population ${name} was not frozen`);
    return population;
  };
  const tieOut = isTieOut(procedure);
  const grace = tieOut ? procedure.timing?.grace : undefined;
  return {
    procedure: bindConditions(procedure, input.values),
    left: frozen(tieOut ? procedure.left.population : procedure.item.population),
    right: tieOut ? frozen(procedure.right.population) : null,
    codePrefix: codePrefix(input.control.id),
    graceFrom:
      grace === undefined
        ? null
        : earliestWithinGrace(input.asOf, Number.parseInt(grace, 10), input.calendar),
    salt: input.salt,
    materiality: input.materiality,
    limits: {
      findings: input.limits.findings,
      itemsPerFinding: input.limits.items_per_finding,
    },
  };
}

/** The procedure with the run's parameters as literals in its conditions and impacts. */
function bindConditions(procedure: Procedure, values: Record<string, ParameterValue>): Procedure {
  const findings = procedure.findings.map((finding) => ({
    ...finding,
    when: keywordOf(finding) ? finding.when : bindParameters(finding.when, values),
    ...(finding.impact && { impact: bindParameters(finding.impact, values) }),
  }));
  if (!isTieOut(procedure) || !procedure.match) return { ...procedure, findings };
  const passes = procedure.match.passes.map((pass) => ({
    ...pass,
    on: pass.on.map((text) => bindParameters(text, values)),
  }));
  return { ...procedure, findings, match: { passes } };
}
