import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import type { LoadedControl } from '../../catalog/catalog';
import { BooksSnapshot } from '../freeze/books-snapshot';
import { evaluateProcedures } from '../evaluate/evaluate-procedures';
import { faultOf, loggableFault } from '../fault';
import { freezePopulations, type FreezeInput } from '../freeze/freeze-populations';
import { gateSources, staleFiles } from '../gate/gate-sources';
import { noVerdictOf } from '../no-verdict';
import { prepareRun, type PreparedRun } from '../prepare-run';
import { withDuckDb, type RunDependencies } from '../run-control';
import { withoutVerdict, type RunDraft } from '../run-draft';
import type { FrozenPopulation } from '../run-types';
import { compareFindings, type WrittenFacts } from './compare-findings';
import {
  hadParameters,
  keptPopulations,
  readFindings,
  recordedFindings,
  type ReplayableRun,
} from './kept-run';
import type { ReplayedPeriod } from './replay.contract';

export interface ReplayedVersions {
  next: LoadedControl;
  approved: LoadedControl;
}

/** What one version found; without a verdict it found nothing, and says why. */
interface Judged {
  side: ReplayedPeriod['before'];
  findings: AsyncIterable<WrittenFacts> | null;
}

interface JudgedBoth {
  basis: ReplayedPeriod['basis'];
  before: Judged;
  after: Judged;
}

type Populations = ReadonlyMap<string, FrozenPopulation>;
type Gate = Awaited<ReturnType<typeof gateSources>>;

interface OpenedGates {
  before: Gate;
  after: Gate;
  snapshot: BooksSnapshot;
}

/**
 * What both versions find in the period of a recorded run. From its evidence where both ask the
 * same of their populations; otherwise both judge the same moment of today, so that only the rule
 * differs. Nothing is recorded; what goes wrong with a version is its outcome.
 */
export async function replayPeriod(
  run: ReplayableRun,
  versions: ReplayedVersions,
  parts: { dependencies: RunDependencies; workDir: string },
): Promise<ReplayedPeriod> {
  const { basis, before, after } = await new PeriodReplay(run, parts).judgeBoth(versions);
  // Against no verdict nothing is gained and nothing lost.
  const [first, second] =
    before.findings !== null && after.findings !== null
      ? [before.findings, after.findings]
      : [none(), none()];
  return {
    entity_id: run.entity,
    period_key: run.period,
    as_of: run.asOf,
    run_id: run.runId,
    basis,
    before: before.side,
    after: after.side,
    ...(await compareFindings(first, second)),
  };
}

async function* none(): AsyncIterable<WrittenFacts> {
  await Promise.resolve();
  yield* [];
}

class PeriodReplay {
  private readonly dependencies: RunDependencies;
  private readonly workDir: string;

  constructor(
    private readonly run: ReplayableRun,
    { dependencies, workDir }: { dependencies: RunDependencies; workDir: string },
  ) {
    this.dependencies = dependencies;
    this.workDir = workDir;
  }

  async judgeBoth(versions: ReplayedVersions): Promise<JudgedBoth> {
    const { evidence } = this.dependencies;
    const approved = this.prepare(versions.approved);
    const next = this.prepare(versions.next);
    const asked = {
      approved: await keptPopulations(approved, this.run, evidence),
      next: await keptPopulations(next, this.run, evidence),
    };
    if (asked.approved === null || asked.next === null) return this.anew(approved, next);
    const isRecorded =
      this.run.version === approved.loaded.version && hadParameters(this.run, approved);
    return {
      basis: 'evidence',
      before: isRecorded
        ? await this.recorded()
        : await this.judge(approved, 'before', () => asked.approved),
      after: await this.judge(next, 'after', () => asked.next),
    };
  }

  private prepare(loaded: LoadedControl): PreparedRun {
    const { config, catalog, engine, clock } = this.dependencies;
    const { entity, period, asOf } = this.run;
    const asked = { entity, period, asOf, reason: null, requestedBy: 'a replay' };
    const request = { control: loaded.control.id, cause: 'requested', ...asked } as const;
    const only = { ...catalog, controls: [loaded], problems: [] };
    return prepareRun(request, config, only, engine, clock.now());
  }

  private async recorded(): Promise<Judged> {
    const { outcome, findings } = this.run;
    return {
      side: { outcome, reason: null, findings },
      findings: await recordedFindings(this.run, this.dependencies.evidence),
    };
  }

  /** Both versions are gated and freeze in one snapshot of the books. */
  private async anew(approved: PreparedRun, next: PreparedRun): Promise<JudgedBoth> {
    const { snapshot, before, after } = await this.openGates(approved, next);
    try {
      return {
        basis: 'frozen_anew',
        before: await this.judge(approved, 'before', (workDir) =>
          this.freeze(approved, { gate: before, snapshot, workDir }),
        ),
        after: await this.judge(next, 'after', (workDir) =>
          this.freeze(next, { gate: after, snapshot, workDir }),
        ),
      };
    } finally {
      await snapshot.close();
    }
  }

  /** As for a run: a sync in between would let one moment be proven and another be judged. */
  private openGates(approved: PreparedRun, next: PreparedRun): Promise<OpenedGates> {
    const { config, database } = this.dependencies;
    return database.app.transaction(
      async (moment) => ({
        before: await gateSources(approved, config.sources, moment),
        after: await gateSources(next, config.sources, moment),
        snapshot: await BooksSnapshot.open(() => database.reader(), moment),
      }),
      { isolationLevel: 'repeatable read', readOnly: true },
    );
  }

  private async freeze(
    prepared: PreparedRun,
    { gate, snapshot, workDir }: { gate: Gate; snapshot: BooksSnapshot; workDir: string },
  ): Promise<Populations | RunDraft> {
    const { config } = this.dependencies;
    if (gate.reasons.length > 0) return withoutVerdict('not_evaluated', gate.reasons.join(' '));
    const { loaded, values } = prepared;
    const asked: Omit<FreezeInput, 'duck'> = {
      ...{ loaded, values, config, workDir, snapshot },
      books: gate.books,
      onItems: () => undefined,
    };
    const populations = await withDuckDb(config, workDir, [workDir], (duck) =>
      freezePopulations({ ...asked, duck }),
    );
    const stale = staleFiles(prepared, populations);
    return stale.length > 0 ? withoutVerdict('not_evaluated', stale.join(' ')) : populations;
  }

  private async judge(
    prepared: PreparedRun,
    name: 'before' | 'after',
    populationsIn: (workDir: string) => Promise<Populations | RunDraft> | Populations | null,
  ): Promise<Judged> {
    const { config, logger } = this.dependencies;
    const workDir = path.join(this.workDir, name);
    await mkdir(workDir, { recursive: true });
    try {
      const given = await populationsIn(workDir);
      if (given === null) throw new Error('the populations are not there');
      return judged('outcome' in given ? given : await this.evaluate(prepared, given, workDir));
    } catch (cause) {
      const ended = noVerdictOf(cause, config.limits);
      if (ended !== null) return judged(ended);
      logger.error('replay failed', { runId: this.run.runId, ...loggableFault(cause) });
      return judged(withoutVerdict('errored', faultOf(cause)));
    }
  }

  private evaluate(
    prepared: PreparedRun,
    populations: Populations,
    workDir: string,
  ): Promise<RunDraft> {
    const { config } = this.dependencies;
    const { control, entity, period, values, calendar } = prepared;
    const folders = [...populations.values()].map(({ file }) => path.dirname(file));
    return withDuckDb(config, workDir, [...new Set(folders)], (duck) =>
      evaluateProcedures({
        ...{ control, values, calendar, populations, workDir, duck },
        scope: { entity: entity.id, period: period.key },
        asOf: this.run.asOf,
        materiality: entity.materiality,
        salt: this.run.runId,
        limits: config.limits,
      }),
    );
  }
}

const judged = ({ outcome, reason, findings }: RunDraft): Judged => ({
  side: { outcome, reason, findings: String(findings?.count ?? 0) },
  findings: findings === null ? null : readFindings(findings.file),
});
