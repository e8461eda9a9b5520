import type { Knex } from 'knex';
import { NO_CURRENCY } from '../../core/plan';
import type { ProcedureStatement } from '../../core/statement';
import type { Outcome } from '../../core/outcome';
import type { EvidenceFile } from '../../evidence/run-manifest';

export interface RunRow {
  run_id: string;
  control_id: string;
  control_title: string;
  control_version: string;
  entity_id: string;
  period_key: string;
  period_start: string;
  period_end: string;
  seq: number;
  cause: string;
  reason: string | null;
  requested_by: string;
  as_of: string;
  outcome: Outcome;
  outcome_reason: string | null;
  attempts: number;
  started_at: string;
  recorded_at: string;
  step_ms: string;
  /** Planted anomalies and whether they were found, as JSON; null where none were planted. */
  canaries: string | null;
  /** By name: type, value and who set it, as JSON. */
  parameters: string;
  findings: number;
  findings_sha256: string | null;
  manifest_sha256: string;
  previous_manifest_sha256: string | null;
}

export interface PopulationRow {
  procedure: string;
  side: 'left' | 'right';
  population: string;
  label: string;
  source: 'books' | 'files';
  items: string;
  file_sha256: string;
  file_bytes: string;
  verified: string;
}

/** The recorded facts of runs; append-only, and only whole. */
export class RunsStore {
  /** Chains manifests per control and entity: no two runs of them record at once. */
  async lockChain(trx: Knex.Transaction, control: string, entity: string): Promise<string | null> {
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 1))', [`${control}/${entity}`]);
    const { rows } = await trx.raw<{ rows: { manifest_sha256: string }[] }>(
      `select r.manifest_sha256 from tieout.runs r join tieout.evidence_leaves l using (run_id)
       where r.control_id = ? and r.entity_id = ? order by l.leaf_no desc limit 1`,
      [control, entity],
    );
    return rows[0]?.manifest_sha256 ?? null;
  }

  async insertRun(trx: Knex.Transaction, run: RunRow): Promise<void> {
    await trx.withSchema('tieout').insert(run).into('runs');
  }

  async insertPopulations(
    trx: Knex.Transaction,
    runId: string,
    rows: readonly PopulationRow[],
  ): Promise<void> {
    if (rows.length === 0) return;
    await trx
      .withSchema('tieout')
      .insert(rows.map((row) => ({ run_id: runId, ...row })))
      .into('run_populations');
  }

  async insertStatements(
    trx: Knex.Transaction,
    runId: string,
    statements: readonly ProcedureStatement[],
  ): Promise<void> {
    const totals = statements.flatMap((statement) => totalRows(runId, statement));
    const lines = statements.flatMap((statement) => lineRows(runId, statement));
    if (totals.length > 0) await trx.withSchema('tieout').insert(totals).into('run_totals');
    if (lines.length > 0) await trx.withSchema('tieout').insert(lines).into('statement_lines');
  }

  async insertFiles(
    trx: Knex.Transaction,
    runId: string,
    files: readonly EvidenceFile[],
  ): Promise<void> {
    await trx
      .withSchema('tieout')
      .insert(files.map((file) => ({ run_id: runId, ...file })))
      .into('run_files');
  }

  async insertLeaf(
    trx: Knex.Transaction,
    runId: string,
    leaf: { body: string; leafSha256: string },
  ): Promise<void> {
    await trx
      .withSchema('tieout')
      .insert({ run_id: runId, body: leaf.body, leaf_sha256: leaf.leafSha256 })
      .into('evidence_leaves');
  }
}

function totalRows(runId: string, statement: ProcedureStatement): object[] {
  return statement.currencies.flatMap(({ currency, left, right }) => {
    const scope = {
      run_id: runId,
      procedure: statement.procedure,
      currency: currency ?? NO_CURRENCY,
    };
    const rows = [{ ...scope, side: 'left', ...left }];
    if (right) rows.push({ ...scope, side: 'right', ...right });
    return rows;
  });
}

function lineRows(runId: string, statement: ProcedureStatement): object[] {
  return statement.currencies.flatMap(({ currency, lines }) =>
    lines.map((line, index) => ({
      run_id: runId,
      procedure: statement.procedure,
      currency: currency ?? NO_CURRENCY,
      line_no: index + 1,
      category: line.category,
      code: line.code,
      side: line.side,
      keys: line.keys,
      left_items: line.left.items,
      left_amount: line.left.amount,
      right_items: line.right.items,
      right_amount: line.right.amount,
      tolerated: line.tolerated ?? null,
    })),
  );
}
