import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database/open-database';
import type { StripeConnection } from './stripe-connection';
import type { StripeLists } from './stripe-lists';
import type { LotShares } from './lot-shares';
import type { SyncProblem, StreamSync, StripeProgress } from './sync-report';

/** What the parts of one sync share. */
export interface SyncContext {
  database: Pick<Database, 'app'>;
  account: string;
  connection: StripeConnection;
  lists: StripeLists;
  clock: Clock;
  /** Of what all windows under read may hold together. */
  shares: LotShares;
  /** Hears of a lot that was landed, so that it is derived while reading goes on. */
  landed: (extractIds: readonly string[]) => void;
  /** When it began, and what is settled since; ISO 8601, UTC. */
  now: string;
  safeThrough: string;
  /** First day (UTC) that is read. */
  since: string;
  full: boolean;
  elapsedMs: () => number;
  progress: (progress: StripeProgress) => void;
  unread: SyncProblem[];
  problems: SyncProblem[];
  streams: StreamSync[];
}
