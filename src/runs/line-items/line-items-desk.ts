import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import * as path from 'node:path';
import type { Reach } from '../../core/permissions';
import type { EvidenceStore } from '../../evidence/evidence-store';
import type { EvidenceQueries } from '../../evidence/evidence.queries';
import { DuckDb } from '../../platform/duckdb';
import type { LineItems, LineItemsQuery } from './line-items.contract';
import { lineItemsOf } from './line-items';
import type { RunsQueries } from '../runs.queries';

export interface LineItemsLimits {
  memoryMb: number;
  evidenceDir: string;
  /** Where a DuckDB may spill. */
  workDir: string;
}

/** Opens the evidence of a run for a reader; one at a time, so that many do not exhaust memory. */
export class LineItemsDesk {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly runs: RunsQueries,
    private readonly files: EvidenceQueries,
    private readonly evidence: EvidenceStore,
    private readonly limits: LineItemsLimits,
  ) {}

  /** null when there is no such run in reach, or its statement has no such line. */
  async items(runId: string, query: LineItemsQuery, reach: Reach): Promise<LineItems | null> {
    const run = await this.runs.run(runId, reach);
    const statement = await this.runs.statement(runId, reach);
    const list = await this.files.ofRun(runId, reach);
    if (run === null || statement === null || list === null) return null;
    const line = statement.procedures
      .find(({ procedure }) => procedure === query.procedure)
      ?.currencies.find(({ currency }) => currency === (query.currency ?? null))
      ?.lines.find(
        ({ category, side, code }) =>
          category === query.category && side === query.side && code === (query.code ?? null),
      );
    if (line === undefined) return null;
    const { populations } = run;
    const opened = this.last.then(() =>
      this.withDuck((duck) =>
        lineItemsOf(query, line.keys, {
          evidence: this.evidence,
          files: list.files,
          populations,
          duck,
        }),
      ),
    );
    this.last = opened.catch(() => undefined);
    return opened;
  }

  private async withDuck<Result>(use: (duck: DuckDb) => Promise<Result>): Promise<Result> {
    const { workDir, evidenceDir, memoryMb } = this.limits;
    await mkdir(workDir, { recursive: true });
    const tempDir = await mkdtemp(path.join(workDir, 'items-'));
    const duck = await DuckDb.open({
      memoryMb,
      threads: 1,
      tempDir,
      readWriteDirs: [evidenceDir],
    });
    try {
      return await use(duck);
    } finally {
      duck.close();
      await rm(tempDir, { recursive: true, force: true });
    }
  }
}
