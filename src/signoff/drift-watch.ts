import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import * as path from 'node:path';
import type { Knex } from 'knex';
import type { Control } from '../core/control';
import { quoteText } from '../core/sql-text';
import type { EvidenceStore } from '../evidence/evidence-store';
import type { Clock } from '../platform/clock';
import { DuckDb } from '../platform/duckdb';
import type { Logger } from '../platform/logger';
import { DriftsStore, type Drift, type DriftCode, type DriftedSignature } from './drifts.store';
import { recordReopened } from './reopen-signoff';
import { SignoffStore } from './signoff.store';

const wakeMs = 10 * 60_000;
/** Items that a reason tells one by one. */
const mostTold = 3;

export interface DriftWatchParts {
  app: Knex;
  clock: Clock;
  logger: Logger;
  evidence: EvidenceStore;
  controls: readonly Control[];
  limits: { memoryMb: number; evidenceDir: string; workDir: string };
}

/**
 * Opens signatures again when what they rest on changed afterwards: a finding with `drifted_at`
 * names an item by its source_ref, and the frozen evidence of a signed run says whether that run
 * judged it. A run wakes it, and so does a timer, so that nothing is lost when a process ends.
 */
@Injectable()
export class DriftWatch {
  private readonly store = new SignoffStore();
  private readonly codes: DriftCode[];
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: DriftWatchParts) {
    this.codes = driftCodes(parts.controls);
  }

  @Interval(wakeMs)
  async wake(): Promise<void> {
    try {
      await this.reopenDrifted();
    } catch (cause) {
      // It looks again at the next wake; what drifted is an exception meanwhile.
      this.parts.logger.error('signatures could not be held against what changed', { cause });
    }
  }

  /** Whether a run of this control may say that something changed. */
  concerns(control: string): boolean {
    return this.codes.some((one) => one.control === control);
  }

  /** Gives how many signatures were opened again. */
  reopenDrifted(): Promise<number> {
    const done = this.last.then(() => this.reopenNow());
    this.last = done.catch(() => undefined);
    return done;
  }

  private async reopenNow(): Promise<number> {
    const signatures = await new DriftsStore(this.parts.app).signatures(this.codes);
    if (signatures.length === 0) return 0;
    let reopened = 0;
    await this.withDuck(async (duck) => {
      for (const signature of signatures) {
        const judged = await this.judgedOf(duck, signature);
        if (judged.length > 0 && (await this.reopen(signature, judged))) reopened += 1;
      }
    });
    return reopened;
  }

  /** Those among the drifts whose item stands in the evidence of the signed run. */
  private async judgedOf(duck: DuckDb, { files, drifts }: DriftedSignature): Promise<Drift[]> {
    const sought = drifts.map(({ sourceRef }) => quoteText(sourceRef)).join(', ');
    const found = new Set<string | null | undefined>();
    for (const sha256 of files) {
      const file = quoteText(this.parts.evidence.pathOf(sha256));
      const rows = await duck.rows(
        `select distinct source_ref from read_parquet(${file}) where source_ref in (${sought})`,
      );
      for (const row of rows) found.add(row['source_ref']);
    }
    return drifts.filter(({ sourceRef }) => found.has(sourceRef));
  }

  /** False when it is no longer that signature by now. */
  private reopen(signature: DriftedSignature, drifts: readonly Drift[]): Promise<boolean> {
    const { app, clock, logger } = this.parts;
    const { control, entity, period, run } = signature;
    const scope = { control, entity, period };
    return app.transaction(async (trx) => {
      await this.store.lock(trx, scope);
      const { state, signedRun } = await this.store.facts(trx, scope);
      if ((state !== 'prepared' && state !== 'reviewed') || signedRun !== run) return false;
      await recordReopened(trx, scope, {
        ...{ run, at: clock.now(), reason: reasonOf(drifts) },
        actor: { name: 'system', personId: null, via: 'system' },
        facts: { signed_run: run, drifts: drifts.map(({ exception }) => exception) },
      });
      logger.info('sign-off reopened: its inputs changed', { runId: run });
      return true;
    });
  }

  private async withDuck(use: (duck: DuckDb) => Promise<void>): Promise<void> {
    const { workDir, evidenceDir, memoryMb } = this.parts.limits;
    await mkdir(workDir, { recursive: true });
    const tempDir = await mkdtemp(path.join(workDir, 'drift-'));
    const duck = await DuckDb.open({ memoryMb, threads: 1, tempDir, readWriteDirs: [evidenceDir] });
    try {
      await use(duck);
    } finally {
      duck.close();
      await rm(tempDir, { recursive: true, force: true });
    }
  }
}

function driftCodes(controls: readonly Control[]): DriftCode[] {
  return controls.flatMap(({ id, procedures }) =>
    procedures
      .flatMap(({ findings }) => findings)
      .flatMap(({ code, drifted_at: column }) =>
        column === undefined ? [] : [{ control: id, code, column }],
      ),
  );
}

function reasonOf(drifts: readonly Drift[]): string {
  const told = drifts
    .slice(0, mostTold)
    .map(({ control, explanation }) => `${control}: ${explanation}`);
  const more = drifts.length - told.length;
  const rest = more > 0 ? [`And ${more} more.`] : [];
  return ['What it rests on changed after it was signed.', ...told, ...rest].join(' ');
}
