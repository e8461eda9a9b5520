import type { Derivation } from '../../books/derive-books';
import type { AccountCheck } from './check-account';
import type { BalanceProof } from './prove-balance';
import type { Span } from './plan-windows';

/** What was not read, or stands in the way of a proof: never silent. */
export interface SyncProblem {
  object: string;
  /** Null where it concerns the object as a whole. */
  window: Span | null;
  /** In words for a person, with the ids it is about. */
  message: string;
}

/** What was read of one kind of object. */
export interface StreamSync {
  object: string;
  windowsRead: number;
  /** Of those. */
  windowsClosed: number;
  rows: number;
  pages: number;
  newVersions: string;
  /** Objects found to be gone. */
  deletions: number;
}

/** What one sync of an account did. */
export interface StripeSync {
  account: string;
  check: AccountCheck;
  /** Windows that end after it stay open; ISO 8601, UTC. */
  safeThrough: string;
  /** Why everything was read again; null when it was not. */
  fullReadBecause: string | null;
  /** Objects that events named, and that were asked for again by their id. */
  dirtyObjects: number;
  streams: StreamSync[];
  derivations: Derivation[];
  /** Opening + movements = closing, once a day; why it could not be asked; null when it was not. */
  balance: BalanceProof[] | { reason: string } | null;
  /** What was not read. */
  unread: SyncProblem[];
  /** What stands in the way of a proof of what was. */
  problems: SyncProblem[];
  requests: number;
}

/** For a bar: one call per page. */
export interface StripeProgress {
  object: string;
  window: Span;
  /** Windows of the object that were read, of how many that are due. */
  done: number;
  of: number;
  /** Of the object, in this sync. */
  rows: number;
  rowsPerSecond: number;
  /** Of the account, in this sync. */
  requests: number;
}
