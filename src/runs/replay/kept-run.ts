import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Knex } from 'knex';
import { bindParameters } from '../../core/bind-parameters';
import { sidesOf } from '../../core/control';
import type { Outcome } from '../../core/outcome';
import { sha256OfFile, type EvidenceStore } from '../../evidence/evidence-store';
import type { ColumnType } from '../../platform/config';
import type { PreparedRun } from '../prepare-run';
import type { FrozenPopulation } from '../run-types';
import type { WrittenFacts } from './compare-findings';

/** A recorded run with a verdict, to be replayed. */
export interface ReplayableRun {
  runId: string;
  entity: string;
  period: string;
  asOf: string;
  version: string;
  outcome: Outcome;
  findings: string;
  parameters: Record<string, { value: string }> | null;
  files: { path: string; sha256: string }[];
}

/**
 * The newest run with a verdict of each of the last periods of every entity; one by the approved
 * version before a later one by another.
 */
export async function replayableRuns(
  app: Knex,
  { control, approved, periods }: { control: string; approved: string; periods: number },
): Promise<ReplayableRun[]> {
  const { rows } = await app.raw<{ rows: ReplayableRun[] }>(
    `select run_id as "runId", entity_id as entity, period_key as period,
       to_char(as_of, 'YYYY-MM-DD') as "asOf", control_version as version, outcome,
       findings::text as findings, parameters,
       (select coalesce(json_agg(json_build_object('path', f.path, 'sha256', f.sha256)), '[]')
         from tieout.run_files f where f.run_id = newest.run_id) as files
     from (
       select *, dense_rank() over (partition by entity_id order by period_start desc) as back
       from (
         select distinct on (entity_id, period_key) * from tieout.runs
         where control_id = :control and outcome in ('passed', 'exceptions')
         order by entity_id, period_key, control_version = :approved desc, seq desc) r
     ) newest
     where back <= cast(:periods as integer) order by entity_id, period_start desc`,
    { control, approved, periods },
  );
  return rows;
}

interface DescribedSide {
  population: string;
  query: string;
  frozen: {
    executed: string;
    items: string;
    sha256: string;
    bytes: string;
    columns: { name: string; type: ColumnType }[];
  } | null;
}

/**
 * The populations of a prepared run among those that the recorded run froze; null when one of them
 * asks something else today. Throws when a file does not have its hash.
 */
export async function keptPopulations(
  prepared: PreparedRun,
  run: ReplayableRun,
  evidence: EvidenceStore,
): Promise<Map<string, FrozenPopulation> | null> {
  const described = await describedSides(run, evidence);
  const kept = new Map<string, FrozenPopulation>();
  for (const { ref } of prepared.control.procedures.flatMap(sidesOf)) {
    const loaded = prepared.loaded.populations[ref.population];
    if (loaded === undefined) throw new Error(`population ${ref.population} is not loaded`);
    const boundSql = bindParameters(loaded.sql, prepared.values);
    const frozen = described.find((one) => one.frozen?.executed === boundSql)?.frozen;
    if (frozen === null || frozen === undefined) return null;
    const { items, sha256, bytes, columns } = frozen;
    const file = evidence.pathOf(sha256);
    if ((await sha256OfFile(file)) !== sha256)
      throw new Error(`evidence ${sha256} does not have its hash`);
    const { sql, source } = loaded;
    const population = { population: ref.population, source, sql, boundSql, file, sources: [] };
    kept.set(ref.population, { ...population, items, sha256, bytes, columns });
  }
  return kept;
}

async function describedSides(
  { files }: ReplayableRun,
  evidence: EvidenceStore,
): Promise<DescribedSide[]> {
  const file = files.find(({ path }) => path === 'populations.json');
  if (file === undefined) return [];
  const text = await readFile(evidence.pathOf(file.sha256), 'utf8');
  const procedures = JSON.parse(text) as { sides: DescribedSide[] }[];
  return procedures.flatMap(({ sides }) => sides);
}

/** What the run found, from its evidence, which must have its hash. */
export async function recordedFindings(
  { runId, files }: ReplayableRun,
  evidence: EvidenceStore,
): Promise<AsyncIterable<WrittenFacts>> {
  const file = files.find(({ path }) => path === 'findings.jsonl');
  if (file === undefined) throw new Error(`run ${runId} has no findings.jsonl among its evidence`);
  const path = evidence.pathOf(file.sha256);
  if ((await sha256OfFile(path)) !== file.sha256)
    throw new Error(`evidence ${file.sha256} does not have its hash`);
  return readFindings(path);
}

/** By line feeds alone: a finding may hold other characters that end a line elsewhere. */
export async function* readFindings(file: string): AsyncIterable<WrittenFacts> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as WrittenFacts;
  }
  if (rest !== '') throw new Error('the findings end within a line');
}

/** Whether the run was asked with these very parameters. */
export function hadParameters({ parameters }: ReplayableRun, { values }: PreparedRun): boolean {
  const told = (of: Record<string, { value: string }>): string =>
    JSON.stringify(
      Object.entries(of)
        .map(([name, { value }]) => [name, value])
        .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    );
  return parameters !== null && told(parameters) === told(values);
}
