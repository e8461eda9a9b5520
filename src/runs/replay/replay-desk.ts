import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import * as path from 'node:path';
import type { Actor } from '../../access/audit-trail';
import type { ControlVersions } from '../../catalog/control-versions';
import { openVersion } from '../../catalog/open-version';
import { keepReplay, replaysOf, type KeptReplay } from '../../catalog/version-replays';
import { periodOf } from '../../core/calendar';
import { covers, type Reach } from '../../core/permissions';
import { WorkReport } from '../../platform/progress/work-report';
import { workRoot } from '../claim/reap-work';
import type { RunDependencies } from '../run-control';
import { replayableRuns } from './kept-run';
import { replayPeriod } from './replay-period';
import type { ControlReplay, ReplayedPeriod } from './replay.contract';

export interface ReplayRequest {
  control: string;
  version: string;
  /** How many periods back. */
  periods: number;
}

/** Told before each period, and at the end. */
export type ReplayProgress = (done: number, total: number) => void;

type Result = { periods: ReplayedPeriod[] };

const mostListed = 20;

/**
 * Shows what a version that waits for its approval would have found in periods that were judged
 * before. It opens no exception, records no run and alerts nobody; it is kept with the version.
 */
export class ReplayDesk {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dependencies: RunDependencies,
    private readonly versions: ControlVersions,
  ) {}

  /** One at a time: each may take the memory of a run. Throws Refusal for a decided version. */
  replay(request: ReplayRequest, actor: Actor, tell?: ReplayProgress): Promise<ControlReplay> {
    const done = this.last.then(() => this.replayNow(request, actor, tell));
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Of a version, newest first, with the periods that the reader may see. */
  async list(control: string, version: string, reach: Reach): Promise<ControlReplay[]> {
    const { app } = this.dependencies;
    const kept = await replaysOf<Result>(app, control, version, mostListed);
    return kept.map((one) => withinReach(one, reach));
  }

  private async replayNow(
    { control, version, periods }: ReplayRequest,
    actor: Actor,
    tell?: ReplayProgress,
  ): Promise<ControlReplay> {
    const { app, clock, config } = this.dependencies;
    const waiting = await this.versions.awaiting(control, version);
    const id = randomUUID();
    const work = { id, kind: 'replay', name: control, entity: null, period: null } as const;
    const report = new WorkReport(app, work, 'evaluate');
    await mkdir(workRoot(config), { recursive: true });
    const workDir = await mkdtemp(path.join(workRoot(config), 'replay-'));
    let outcome = 'failed';
    try {
      const open = (one: typeof waiting.next, name: string) =>
        openVersion({ controlId: control, ...one }, path.join(workDir, name));
      const versions = {
        next: await open(waiting.next, 'next'),
        approved: await open(waiting.approved, 'approved'),
      };
      const against = waiting.approved.version;
      const runs = await replayableRuns(app, { control, approved: against, periods });
      const replayed: ReplayedPeriod[] = [];
      for (const run of runs) {
        tell?.(replayed.length, runs.length);
        report.tell({ share: replayed.length / runs.length });
        const folder = path.join(workDir, run.runId);
        const parts = { dependencies: this.dependencies, workDir: folder };
        replayed.push(await replayPeriod(run, versions, parts));
        await rm(folder, { recursive: true, force: true });
      }
      tell?.(runs.length, runs.length);
      const at = clock.now();
      const result: Result = { periods: replayed };
      const kept = { id, control, version, against, result };
      const recordedAt = await keepReplay(app, kept, { actor, at });
      outcome = 'replayed';
      const named = { replay_id: id, control_id: control, version, against };
      return { ...named, requested_by: actor.name, recorded_at: recordedAt, ...result };
    } finally {
      await report.end(outcome);
      await rm(workDir, { recursive: true, force: true });
    }
  }
}

/** A reader of some entities sees their periods alone. */
export function withinReach(
  { result, ...replay }: KeptReplay<Result>,
  reach: Reach,
): ControlReplay {
  const periods = result.periods.filter(({ entity_id: entity, period_key: key }) =>
    covers(reach, { entity, period: periodOf('on_event', key) }),
  );
  return { ...replay, periods };
}
