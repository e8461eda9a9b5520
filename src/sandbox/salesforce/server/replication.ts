import { isReplicateable } from './describe-object';
import { stampOf, wholeMinute, type Org } from './org';
import type { ObjectInfo } from './org-schema';
import { SalesforceError } from './salesforce-error';
import type { UserAccess } from './stand-in-user';
import { restInstant } from './wire-format';

export interface ReplicationWindow {
  org: Org;
  access: UserAccess;
  nowMs: number;
  /** EXCEEDED_ID_LIMIT above it; Salesforce has 600,000. */
  maxIds: number;
}

const DAY_MS = 86_400_000;
const MAX_DAYS = 30;

/** GET /sobjects/:type/updated: ids of rows touched in the window and not deleted. */
export function updatedIds(
  object: ObjectInfo,
  search: URLSearchParams,
  { org, access, nowMs, maxIds }: ReplicationWindow,
): object {
  const { from, to } = windowOf(object, search, nowMs);
  const ids = org
    .rows(object.name, nowMs)
    .filter((row) => row.IsDeleted !== true && access.canReadRow(object, row))
    .filter((row) => stampOf(row) >= from && stampOf(row) < to)
    .map((row) => String(row.Id));
  if (ids.length > maxIds) throw tooMany();
  return { ids, latestDateCovered: restInstant(org.latestDateCovered(to, nowMs)) };
}

/**
 * GET /sobjects/:type/deleted: reaches back at most 15 days, and no further than the delete log
 * does. What lies before is left out without a word: compare `earliestDateAvailable`.
 */
export function deletedIds(
  object: ObjectInfo,
  search: URLSearchParams,
  { org, access, nowMs, maxIds }: ReplicationWindow,
): object {
  const { from, to } = windowOf(object, search, nowMs);
  const earliest = org.deleteLogStart(nowMs);
  const binned = org
    .rows(object.name, nowMs)
    .filter((row) => row.IsDeleted === true && access.canReadRow(object, row))
    .map((row) => ({ id: String(row.Id), atMs: stampOf(row) }));
  const erased = org
    .loggedHardDeletes(object.name, nowMs)
    .map(({ id, at }) => ({ id, atMs: Date.parse(at) }));
  const deleted = [...binned, ...erased].filter(
    ({ atMs }) => atMs >= Math.max(from, earliest) && atMs < to,
  );
  if (deleted.length > maxIds) throw tooMany();
  return {
    deletedRecords: deleted.map(({ id, atMs }) => ({ deletedDate: restInstant(atMs), id })),
    earliestDateAvailable: restInstant(wholeMinute(earliest)),
    latestDateCovered: restInstant(org.latestDateCovered(to, nowMs)),
  };
}

/** Seconds are ignored; at most 30 days back, at least a minute long. */
function windowOf(
  object: ObjectInfo,
  search: URLSearchParams,
  nowMs: number,
): { from: number; to: number } {
  if (!isReplicateable(object))
    throw new SalesforceError(
      400,
      'INVALID_TYPE_FOR_OPERATION',
      `${object.name} is not replicateable`,
    );
  const [from, to] = ['start', 'end'].map((name) => {
    const ms = Date.parse((search.get(name) ?? '').replace(' ', '+'));
    if (Number.isNaN(ms))
      throw new SalesforceError(400, 'INVALID_FIELD', `The ${name} parameter is not a dateTime`);
    return wholeMinute(ms);
  });
  if (from === undefined || to === undefined || to <= from)
    throw new SalesforceError(
      400,
      'INVALID_REPLICATION_DATE',
      'end date must be at least one minute greater than start date',
    );
  if (from < nowMs - MAX_DAYS * DAY_MS - 60_000)
    throw new SalesforceError(
      400,
      'INVALID_REPLICATION_DATE',
      `startDate cannot be more than ${MAX_DAYS} days ago`,
    );
  return { from, to };
}

const tooMany = (): SalesforceError =>
  new SalesforceError(
    400,
    'EXCEEDED_ID_LIMIT',
    'exceeded max id limit: narrow the range of start and end',
  );
