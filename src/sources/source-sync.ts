import type { Unread } from '../books/source-syncs';
import { formatProblem, InvalidInput } from '../core/problem';
import type { SalesforceSync } from './salesforce/sync-salesforce';
import type { StripeSync } from './stripe/sync-report';
import type { WarehouseSync } from './warehouse/sync-warehouse';

/** What came of one declared source: what was read, or why it could not be. */
export type SourceSync = { name: string } & (
  | { source: 'stripe'; read: StripeSync }
  | { source: 'salesforce'; read: SalesforceSync }
  | { source: 'warehouse'; read: WarehouseSync }
  | { source: 'stripe' | 'salesforce' | 'warehouse'; failed: InvalidInput | Error }
);

/** Of one kind of object, all of it or one window. */
interface UnreadPart {
  object: string | null;
  window: { from: string; to: string } | null;
  message: string;
}

/** What a sync could not read of its source: each reason once, in the order of the first. */
export function unreadOf(sync: SourceSync): Unread[] {
  const said = new Map<string, Unread>();
  for (const { object, window, message } of unreadParts(sync)) {
    const reason = JSON.stringify([object, window === null, message]);
    const before = said.get(reason);
    said.set(reason, {
      ...{ object, message },
      windows: window === null ? null : (before?.windows ?? 0) + 1,
      from: window && earlier(before?.from ?? window.from, window.from),
      to: window && later(before?.to ?? window.to, window.to),
    });
  }
  return [...said.values()];
}

const earlier = (a: string, b: string): string => (a < b ? a : b);
const later = (a: string, b: string): string => (a > b ? a : b);

function unreadParts(sync: SourceSync): UnreadPart[] {
  const whole = (object: string | null, message: string): UnreadPart => ({
    ...{ object, window: null, message },
  });
  if ('failed' in sync) {
    const { failed } = sync;
    return failed instanceof InvalidInput
      ? failed.problems.map((problem) => whole(null, formatProblem(problem)))
      : [whole(null, failed.message)];
  }
  switch (sync.source) {
    case 'stripe':
      return sync.read.unread;
    case 'salesforce':
      return sync.read.objects.flatMap(({ object, status, reason }) =>
        status === 'not_read' ? [whole(object, reason ?? 'it was not read')] : [],
      );
    case 'warehouse':
      return sync.read.tables.flatMap((table) =>
        table.status === 'not_landed'
          ? table.problems.map((problem) => whole(table.table, formatProblem(problem)))
          : [],
      );
  }
}
