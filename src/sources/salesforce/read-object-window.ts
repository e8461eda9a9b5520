import { hashIdSet } from '../../books/land-raw';
import { recordWindow } from '../../books/source-windows';
import type { SourceTotal } from '../../books/window-state';
import { countWindow, type WindowCount } from './count-window';
import { landQuery, totalsOf, windowQuery, type LandedRecords } from './land-records';
import { streamOf, type ObjectJob } from './object-job';
import { idsOfWindow, type KnownWindow } from './object-windows.store';
import { instantMs } from './read-query';
import { settleVanished, type Vanished } from './settle-vanished';
import type { InstantRange } from './soql';

/** A window as this read left it. */
export interface WindowResult extends InstantRange {
  state: 'open' | 'closed';
  reason: string | null;
  rows: number;
  newVersions: number;
  /** Records that an earlier read gave and that are gone for good. */
  gone: string[];
}

/** Reads one window and records what it proves. Throws IncompleteQuery and SalesforceFault. */
export async function readObjectWindow(
  job: ObjectJob,
  range: InstantRange,
  earlier: KnownWindow | null,
  safe: string,
): Promise<WindowResult> {
  const startedAt = job.clock.now();
  const expected = await countWindow(job, range);
  const query = windowQuery(job, range, earlier === null ? 'stamp' : 'id');
  const landed = await landQuery(job, query, expected?.rows ?? 0);
  const counted = await countWindow(job, range);
  return recordRead(job, { range, earlier, safe, startedAt, landed, counted });
}

/**
 * Reads all records of an object whose stamp cannot be filtered by, and records each window by the
 * stamps that came. Salesforce can then be asked for the count of all of them only.
 */
export async function readWholeObject(
  job: ObjectJob,
  windows: readonly { range: InstantRange; earlier: KnownWindow | null }[],
  safe: string,
): Promise<WindowResult[]> {
  const startedAt = job.clock.now();
  const landed = await landQuery(job, windowQuery(job, null, 'id'), 0);
  const counted = await countWindow(job, null);
  const results: WindowResult[] = [];
  for (const { range, earlier } of windows) {
    const [from, to] = [instantMs(range.from), instantMs(range.to)];
    const records = landed.records.filter(({ stamp }) => {
      const at = instantMs(stamp);
      return at >= from && at < to;
    });
    const own = { ...landed, records };
    const isWhole = counted === null || counted.rows === landed.records.length;
    const whole = isWhole ? shareOf(own, counted) : counted;
    results.push(
      await recordRead(job, { range, earlier, safe, startedAt, landed: own, counted: whole }),
    );
  }
  return results;
}

/** The count of all records proves each window that was cut from them. */
function shareOf({ records }: LandedRecords, counted: WindowCount | null): WindowCount | null {
  if (counted === null) return null;
  const totals = totalsOf(records).map(({ currency, rows }) => [currency, Number(rows)] as const);
  const query = `${counted.query} (= ${counted.rows}, as many as came; by stamp here)`;
  return { rows: records.length, byCurrency: new Map(totals), query };
}

interface Read {
  range: InstantRange;
  earlier: KnownWindow | null;
  safe: string;
  startedAt: string;
  landed: LandedRecords;
  counted: WindowCount | null;
}

async function recordRead(job: ObjectJob, read: Read): Promise<WindowResult> {
  const { range, earlier, landed } = read;
  const { idSetSha256, vanished } = await identify(job, read);
  const totals = totalsOf(landed.records);
  const rows = landed.records.length;
  const decided = await recordWindow(
    job.database,
    {
      ...streamOf(job),
      ...range,
      apiVersion: job.connection.apiVersion,
      queryText: landed.query,
      pages: landed.read.pages,
      requestRefs: landed.read.references,
      extractIds: [landed.landing.extractId, ...vanished.extractIds],
      ...{ rows: String(rows), idSetSha256, totals },
      sourceTotal: sourceTotal(job, read, earlier?.idSetSha256 === hashOf(landed)),
      startedAt: read.startedAt,
      finishedAt: job.clock.now(),
      itemsMoveOn: true,
    },
    read.safe,
  );
  const reason = decided.state === 'open' ? decided.reason : null;
  const newVersions = Number(landed.landing.newVersions);
  return { ...range, state: decided.state, reason, rows, newVersions, gone: vanished.gone };
}

const hashOf = ({ records }: LandedRecords): string => hashIdSet(records.map(({ id }) => id));
const nothing: Vanished = { moved: [], gone: [], extractIds: [] };

/**
 * The ids of a window: those that came, and those that were in it once and have changed since. A
 * record leaves its window with every change, so what came alone is never the same twice. Whatever
 * an earlier read gave and this one does not is asked for by id.
 */
async function identify(
  job: ObjectJob,
  { range, earlier, landed }: Read,
): Promise<{ idSetSha256: string; vanished: Vanished }> {
  const own = hashOf(landed);
  if (earlier === null || earlier.idSetSha256 === own)
    return { idSetSha256: own, vanished: nothing };
  const { stamp } = job.plan.object;
  const { app } = job.database;
  const came = new Set(landed.records.map(({ id }) => id));
  const known = await idsOfWindow(app, streamOf(job), stamp, range);
  const vanished = await settleVanished(
    job,
    known.there.filter((id) => !came.has(id)),
  );
  const later = await idsOfWindow(app, streamOf(job), stamp, range);
  return { idSetSha256: hashIdSet([...came, ...later.moved]), vanished };
}

/**
 * The server's count by currency against the records. Its sums would be in the corporate currency;
 * the amounts are held against those of the pass before, which went by another key.
 */
function sourceTotal(
  { plan }: ObjectJob,
  { landed, counted, earlier }: Read,
  isSameSet: boolean,
): SourceTotal {
  const own = new Map(totalsOf(landed.records).map((total) => [total.currency, total]));
  if (counted === null) {
    const reason = `Salesforce does not count records of ${plan.object.name}`;
    return { status: 'unavailable', reason };
  }
  const before = new Map((earlier?.totals ?? []).map((total) => [total.currency, total]));
  const totals = [...counted.byCurrency].map(([currency, n]) => ({
    currency,
    rows: String(n),
    amount: (isSameSet ? before : own).get(currency)?.amount ?? '0',
  }));
  const agrees =
    counted.rows === landed.records.length &&
    totals.length === own.size &&
    totals.every(({ currency, rows, amount }) => {
      const total = own.get(currency);
      return total?.rows === rows && total.amount === amount;
    });
  return { status: agrees ? 'agrees' : 'differs', totals, query: counted.query };
}
