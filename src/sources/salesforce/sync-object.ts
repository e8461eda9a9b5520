import { apartMs } from '../../books/window-state';
import { compareIds, idSetObject, type IdComparison } from './compare-ids';
import { divideRange } from './count-window';
import { readGainedFields } from './gained-fields';
import { streamOf, type ObjectJob } from './object-job';
import { knownWindows, lastCompared, type KnownWindow } from './object-windows.store';
import { readObjectWindow, readWholeObject, type WindowResult } from './read-object-window';
import { safeThrough, type SafeThrough } from './safe-through';
import type { InstantRange } from './soql';
import { unreadRanges } from './unread-ranges';

const compareEveryMs = 7 * 86_400_000;

/** How one object was read. */
export interface ObjectSync {
  object: string;
  status: 'read' | 'not_read';
  /** Why it was not read, or not in full. */
  reason: string | null;
  rows: number;
  newVersions: number;
  windows: WindowResult[];
  /** Null when it was not read. */
  safeThrough: SafeThrough | null;
  /** The full comparison of ids, when it was due. */
  compared: IdComparison | null;
}

export interface ObjectTask extends ObjectJob {
  /** Instant from which records are read. */
  since: string;
  settleMinutes: number;
  /** Compare all ids now, due or not. */
  compareNow: boolean;
}

/**
 * Reads what is new of one object, every window that waits for its second read, and every record
 * that was read without a field that is there now; then, once a week, compares all ids. Throws
 * IncompleteQuery and SalesforceFault; windows read before are kept.
 */
export async function syncObject(task: ObjectTask): Promise<ObjectSync> {
  const { plan, database, clock } = task;
  const name = plan.object.name;
  const settle = { settleMinutes: task.settleMinutes, now: () => clock.now() };
  const { isReplicateable } = plan;
  const safe = await safeThrough(task.connection, { name, isReplicateable }, settle);
  const known = await knownWindows(database.app, streamOf(task));
  const now = new Date(clock.now()).getTime();
  const waiting = known.filter(
    ({ state, finishedAt }) => state === 'open' && now - new Date(finishedAt).getTime() >= apartMs,
  );
  await readGainedFields(task);
  const fresh = await freshRanges(task, known, safe.instant);
  const windows = plan.canFilterStamp
    ? await readWindows(task, fresh, waiting, safe.instant)
    : await readWhole(task, fresh, waiting, safe.instant);
  const compared = await compareWhenDue(task, known, safe.instant);
  return {
    ...{ object: name, status: 'read', reason: null, windows, safeThrough: safe, compared },
    rows: windows.reduce((sum, { rows }) => sum + rows, 0),
    newVersions: windows.reduce((sum, { newVersions }) => sum + newVersions, 0),
  };
}

/** What lies in no window yet, up to where nothing can appear any more. */
async function freshRanges(
  task: ObjectTask,
  known: readonly KnownWindow[],
  safe: string,
): Promise<InstantRange[]> {
  const ranges = unreadRanges(task.since, known, safe);
  if (!task.plan.canFilterStamp) return ranges;
  const divided: InstantRange[] = [];
  for (const range of ranges) divided.push(...(await divideRange(task, range)));
  return divided;
}

/** New ones first: a record that left an older window is then known where it went. */
async function readWindows(
  task: ObjectTask,
  fresh: readonly InstantRange[],
  waiting: readonly KnownWindow[],
  safe: string,
): Promise<WindowResult[]> {
  const results: WindowResult[] = [];
  for (const range of fresh) results.push(await readObjectWindow(task, range, null, safe));
  for (const earlier of waiting) {
    const { from, to } = earlier;
    results.push(await readObjectWindow(task, { from, to }, earlier, safe));
  }
  return results;
}

async function readWhole(
  task: ObjectTask,
  fresh: readonly InstantRange[],
  waiting: readonly KnownWindow[],
  safe: string,
): Promise<WindowResult[]> {
  const windows = [
    ...fresh.map((range) => ({ range, earlier: null })),
    ...waiting.map((earlier) => ({ range: { from: earlier.from, to: earlier.to }, earlier })),
  ];
  return windows.length === 0 ? [] : readWholeObject(task, windows, safe);
}

/** Not with the first read, which just gave all of them. */
async function compareWhenDue(
  task: ObjectTask,
  known: readonly KnownWindow[],
  safe: string,
): Promise<IdComparison | null> {
  const { object } = task.plan;
  const first = known.map(({ finishedAt }) => finishedAt).sort()[0];
  if (object.isAgedOut || first === undefined) return null;
  const stream = { ...streamOf(task), object: idSetObject(object.name) };
  const last = (await lastCompared(task.database.app, stream)) ?? first;
  const ageMs = new Date(task.clock.now()).getTime() - new Date(last).getTime();
  if (ageMs < compareEveryMs && !task.compareNow) return null;
  return compareIds(task, { from: task.since, to: safe });
}
