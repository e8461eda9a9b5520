import { KeyedRandom } from '../../kit/keyed-random';
import type { RecordTable } from '../store/record-table';

/**
 * What goes wrong (RELIABILITY §3.1). Each is off unless it is set, and is a function of the seed
 * and of the number of the request or the object alone, so that a failure can be had again.
 */
export interface Faults {
  seed: string;
  /** An object is on lists, and found by id, only so many seconds after its `created`. */
  visibilityLagS?: number;
  /** This share of objects is written so much later than its `created` says. */
  lateCommits?: { share: number; delayS: number };
  /**
   * The newest so many objects of each list are not there at first; every page asked of the list
   * brings one of them, so its head grows under whoever pages through it.
   */
  headGrowth?: number;
  /**
   * A cursor inside a second with more objects than fitted, carried into a list narrowed by a range
   * of `created` whose newest second that is, gives an empty last page (stripe/sync-engine #378).
   */
  burstCursors?: boolean;
  /** This share of pages begins with the row that the cursor names, once more. */
  repeatedRows?: number;
  /** In this share of stretches of so many requests, each is refused with 429. */
  rateLimitStorms?: { share: number; requests: number; retryAfterS: number | null };
  /** This share of requests is answered with 500. */
  serverErrors?: number;
  /** Half an answer: the connection is cut, or the JSON ends early in an answer that is whole. */
  halfAnswers?: { share: number; kind: 'cut' | 'json' };
  slowAnswers?: { share: number; delayMs: number };
}

export type Failure = 'rate_limit' | 'server_error' | 'cut' | 'json';

/** Decides what befalls which request and object. */
export class FaultPlan {
  private readonly pages = new Map<RecordTable, number>();

  constructor(private readonly faults: Faults) {}

  get retryAfterS(): number | null {
    return this.faults.rateLimitStorms?.retryAfterS ?? null;
  }

  get losesBursts(): boolean {
    return this.faults.burstCursors === true;
  }

  /** What befalls this request; null when nothing does. */
  failureOf(request: number): Failure | null {
    const { rateLimitStorms: storms, serverErrors, halfAnswers } = this.faults;
    if (storms && this.chance('storm', Math.floor(request / storms.requests), storms.share))
      return 'rate_limit';
    if (serverErrors && this.chance('error', request, serverErrors)) return 'server_error';
    if (halfAnswers && this.chance('half', request, halfAnswers.share)) return halfAnswers.kind;
    return null;
  }

  delayMsOf(request: number): number {
    const { slowAnswers: slow } = this.faults;
    return slow && this.chance('slow', request, slow.share) ? slow.delayMs : 0;
  }

  repeatsRow(request: number): boolean {
    const share = this.faults.repeatedRows;
    return share !== undefined && this.chance('repeat', request, share);
  }

  notePage(table: RecordTable): void {
    this.pages.set(table, (this.pages.get(table) ?? 0) + 1);
  }

  /** Whether the object at this rank can be seen at this instant, in seconds. */
  shows(table: RecordTable, rank: number, now: number): boolean {
    const { visibilityLagS = 0, lateCommits, headGrowth } = this.faults;
    const created = table.createdAt(rank);
    if (created > now - visibilityLagS) return false;
    if (headGrowth !== undefined && rank < headGrowth - (this.pages.get(table) ?? 1) + 1)
      return false;
    if (lateCommits === undefined || created <= now - lateCommits.delayS) return true;
    return !this.chance('late', table.markOf(rank), lateCommits.share);
  }

  private chance(kind: string, of: number, share: number): boolean {
    return KeyedRandom.of(this.faults.seed, 'stripe fault', kind, of).chance(share);
  }
}
