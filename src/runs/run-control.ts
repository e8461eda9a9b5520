import { mkdir, rm } from 'node:fs/promises';
import * as path from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { syncToDisk } from '../evidence/evidence-store';
import type { WrittenFinding } from '../exceptions/finding-row';
import type { Config } from '../platform/config';
import type { Database } from '../platform/database/open-database';
import { DuckDb } from '../platform/duckdb';
import type { Logger } from '../platform/logger';
import { BooksSnapshot } from './freeze/books-snapshot';
import type { DriftWatch } from '../signoff/drift-watch';
import { ClaimLost, LEASE_S, MAX_ATTEMPTS, type ClaimsStore } from './claim/claims.store';
import { evaluateProcedures, type EvaluateInput } from './evaluate/evaluate-procedures';
import { faultOf, loggableFault } from './fault';
import { freezePopulations, type FreezeInput } from './freeze/freeze-populations';
import { gateSources, staleFiles } from './gate/gate-sources';
import { LiveRun } from './live/live-run';
import { noVerdictOf } from './no-verdict';
import { withCanaries } from './evaluate/plant-canaries';
import { prepareRun, type PreparedRun } from './prepare-run';
import { recordRun, type RecordDependencies } from './record/record-run';
import { withoutVerdict, type RunDraft } from './run-draft';
import { workRoot } from './claim/reap-work';
import { keepRunEvidence } from './record/run-evidence';
import { RunRecording } from './record/run-recording';
import { StepWatch } from './step-watch';
import type { Claim, FrozenPopulation, RecordedRun, RunProgress, RunRequest } from './run-types';

export interface RunDependencies extends RecordDependencies {
  config: Config;
  database: Database;
  catalog: Catalog;
  claims: ClaimsStore;
  logger: Logger;
  engine: PreparedRun['engine'];
  /** Opens signatures again over items that a run found changed. */
  drift: DriftWatch;
}

interface RunUnderWay {
  prepared: PreparedRun;
  claim: Claim;
  workDir: string;
  recording: RunRecording;
  watch: StepWatch;
}

/**
 * Runs one control for one entity and period: claim, gate, freeze, evaluate, record (DESIGN §5).
 * Whatever happens after the claim ends in a recorded run, unless the process dies or loses the
 * database; then the claim's lease ends and the run is tried again. Throws Refusal when the request
 * names nothing that exists or the run is already under way.
 */
export async function runControl(
  request: RunRequest,
  dependencies: RunDependencies,
  progress: RunProgress,
): Promise<RecordedRun> {
  const { config, catalog, claims, clock, logger } = dependencies;
  const prepared = prepareRun(request, config, catalog, dependencies.engine, clock.now());
  const watch = new StepWatch(progress);

  watch.enter('claim');
  const claim = await claims.claim(request);
  const live = new LiveRun(dependencies.app, request, claim);
  watch.alsoTell(live);
  const fields = { runId: claim.runId, controlId: request.control, attempt: claim.fence };
  logger.info('run claimed', fields);
  const lease = keepLease(claims, claim);
  const workDir = path.join(workRoot(config), `${claim.runId}-${claim.fence}`);
  const recording = openRecording(prepared, claim, dependencies);
  const run: RunUnderWay = { prepared, claim, workDir, recording, watch };
  try {
    const draft = await judge(run, dependencies);
    watch.enter('record');
    const recorded = await keepAndRecord(run, draft, dependencies);
    // The record itself can only hold what its own step took up to then.
    const stepMs = watch.finish();
    logger.info('run recorded', { ...fields, outcome: recorded.outcome, stepMs });
    live.outcome = recorded.outcome;
    if (dependencies.drift.concerns(request.control)) await dependencies.drift.wake();
    return { ...recorded, stepMs };
  } finally {
    await live.end();
    lease.stop();
    await recording.abandon();
    await rm(workDir, { recursive: true, force: true });
  }
}

/** It waits at most as long as the evaluation may take once more, and for slow disks. */
function openRecording(
  prepared: PreparedRun,
  claim: Claim,
  { app, clock, config }: RunDependencies,
): RunRecording {
  const idleMs = (config.limits.evaluate_timeout_s + 300) * 1000;
  return new RunRecording(prepared, claim, { app, clock, idleMs });
}

/** What cannot be kept or recorded is recorded as errored, without what could not be kept. */
async function keepAndRecord(
  { prepared, claim, recording, watch }: RunUnderWay,
  draft: RunDraft,
  dependencies: RunDependencies,
): Promise<RecordedRun> {
  const { evidence: store, catalog, logger } = dependencies;
  const { loaded, values } = prepared;
  try {
    const files = await keepRunEvidence({ store, catalogDir: catalog.dir, loaded, values, draft });
    const input = { prepared, claim, draft, files, stepMs: watch.finish(), recording };
    return await recordRun(input, dependencies);
  } catch (cause) {
    if (cause instanceof ClaimLost) throw cause;
    logger.error('run not recorded as it was', { runId: claim.runId, ...loggableFault(cause) });
    const errored = withoutVerdict('errored', `While the run was recorded: ${faultOf(cause)}`);
    const given = { prepared, claim, recording, stepMs: watch.finish() };
    return recordRun({ ...given, draft: errored, files: [] }, dependencies);
  }
}

/** Gate, freeze and evaluate; every way this can go wrong is a draft that says so. */
async function judge(run: RunUnderWay, dependencies: RunDependencies): Promise<RunDraft> {
  const { prepared, claim, watch } = run;
  if (claim.fence > MAX_ATTEMPTS)
    return withoutVerdict(
      'errored',
      `${MAX_ATTEMPTS} attempts at this run ended before their end.`,
    );
  try {
    watch.enter('gate');
    const gate = await openGate(prepared, dependencies);
    if (!gate.snapshot) return withoutVerdict('not_evaluated', gate.reasons.join(' '));
    const { books, snapshot } = gate;
    return await freezeAndEvaluate(run, { books, snapshot }, dependencies);
  } catch (cause) {
    const ended = noVerdictOf(cause, dependencies.config.limits);
    if (ended !== null) return ended;
    const fields = { runId: claim.runId, stage: watch.step, ...loggableFault(cause) };
    dependencies.logger.error('run failed', fields);
    return withoutVerdict('errored', `While the run was at ${watch.step}: ${faultOf(cause)}`);
  }
}

interface OpenedGate {
  books: FreezeInput['books'];
  snapshot: BooksSnapshot;
}

/**
 * What was extracted is asked in the very snapshot that is then copied: a sync in between could
 * otherwise let the evidence name another extract than the one it holds.
 */
function openGate(prepared: PreparedRun, { config, database }: RunDependencies) {
  return database.app.transaction(
    async (moment) => {
      const gate = await gateSources(prepared, config.sources, moment);
      const isOpen = gate.reasons.length === 0;
      const snapshot = isOpen ? await BooksSnapshot.open(() => database.reader(), moment) : null;
      return { ...gate, snapshot };
    },
    { isolationLevel: 'repeatable read', readOnly: true },
  );
}

async function freezeAndEvaluate(
  { prepared, claim, workDir, recording, watch }: RunUnderWay,
  opened: OpenedGate,
  { config }: RunDependencies,
): Promise<RunDraft> {
  watch.enter('freeze');
  const populations = await freeze(prepared, { ...opened, workDir }, watch, config).finally(() =>
    opened.snapshot.close(),
  );

  // The evidence store must have them on disk; the disk can work while the processor does. A
  // failure is thrown below: the kernel tells it once, and the store's own call would not see it.
  const onDisk = Promise.all([...populations.values()].map(({ file }) => syncToDisk(file)));
  onDisk.catch(() => undefined);

  const stale = staleFiles(prepared, populations);
  if (stale.length > 0) {
    await onDisk;
    return withoutVerdict('not_evaluated', stale.join(' '), populations);
  }

  watch.enter('evaluate');
  const question = evaluateQuestion(prepared, claim, config, { populations, workDir });
  const draft = await withDuckDb(config, workDir, [populationsDir(workDir)], async (duck) => {
    const onFinding = (finding: WrittenFinding) => recording.take(finding);
    const judged = await evaluateProcedures({ ...question, duck, onFinding });
    recording.findingsEnded();
    return judged;
  });
  const canaries =
    prepared.request.cause === 'scheduled' && draft.findings !== null
      ? await withCanaries(question, (work) => withDuckDb(config, workDir, [workDir], work))
      : null;
  await onDisk;
  return { ...draft, canaries };
}

const populationsDir = (workDir: string): string => path.join(workDir, 'populations');

async function freeze(
  { loaded, values }: PreparedRun,
  { workDir, books, snapshot }: OpenedGate & { workDir: string },
  watch: StepWatch,
  config: Config,
): Promise<Map<string, FrozenPopulation>> {
  await mkdir(populationsDir(workDir), { recursive: true });
  let frozen = 0;
  const onItems = (items: number): void => watch.frozen((frozen += items));
  return withDuckDb(config, workDir, [workDir], (duck) =>
    freezePopulations({ loaded, values, config, duck, workDir, books, snapshot, onItems }),
  );
}

function evaluateQuestion(
  prepared: PreparedRun,
  claim: Claim,
  { limits }: Config,
  frozen: Pick<EvaluateInput, 'populations' | 'workDir'>,
): Omit<EvaluateInput, 'duck'> {
  return {
    ...frozen,
    control: prepared.control,
    scope: { entity: prepared.entity.id, period: prepared.period.key },
    asOf: prepared.request.asOf,
    values: prepared.values,
    calendar: prepared.calendar,
    materiality: prepared.entity.materiality,
    salt: claim.runId,
    limits,
  };
}

/**
 * Runs with a DuckDB that sees only these folders, is interrupted at limits.evaluate_timeout_s, and
 * closed in any case.
 */
export async function withDuckDb<T>(
  { limits }: Config,
  workDir: string,
  readWriteDirs: string[],
  work: (duck: DuckDb) => Promise<T>,
): Promise<T> {
  const tempDir = path.join(workDir, 'spill');
  await mkdir(tempDir, { recursive: true });
  const duck = await DuckDb.open({
    memoryMb: limits.duckdb_memory_mb,
    threads: limits.duckdb_threads,
    tempDir,
    readWriteDirs,
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    duck.interrupt();
  }, limits.evaluate_timeout_s * 1000);
  try {
    const result = await work(duck);
    if (late) throw new Error('the interrupted work did not fail');
    return result;
  } catch (cause) {
    if (late) throw new Error('longer than limits.evaluate_timeout_s allows', { cause });
    throw cause;
  } finally {
    clearTimeout(timer);
    duck.close();
  }
}

/** Renews the lease while the run works. Once it is lost, the recording transaction will refuse. */
function keepLease(claims: ClaimsStore, claim: Claim): { stop(): void } {
  const timer = setInterval(
    () => {
      claims.renew(claim).catch((cause: unknown) => {
        // Anything else may heal before the lease ends.
        if (cause instanceof ClaimLost) clearInterval(timer);
      });
    },
    (LEASE_S * 1000) / 4,
  );
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
