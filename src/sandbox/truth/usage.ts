import type { Day, Instant } from '../kit/instants';
import type { MeterKey } from './catalog';

/** What one customer used, by the product's own store and as the biller's meters took it. */
export interface Usage {
  /** Sorted by (meter, hour); what has reached the store by now. */
  store: UsageHour[];
  /**
   * The same unless something went wrong on the way; what is billed comes from here. It may be the
   * very array of `store`: copy it before changing it. Internal usage is never metered (L29).
   */
  metered: UsageHour[];
  /** Batches that Stripe's meters refused. */
  errors: MeterError[];
  seats: SeatDay[];
  batches: UsageBatch[];
  keptAccess?: KeptAccess[];
}

/**
 * Usage of one meter in one UTC hour. All its events lie between `firstAt` and `lastAt`, which a
 * billing boundary never splits: an hour belongs to the period that holds `firstAt` (CONTROLS S24).
 */
export interface UsageHour {
  meter: MeterKey;
  hour: Instant;
  firstAt: Instant;
  lastAt: Instant;
  /** Whole units below 2^53. */
  quantity: number;
  events: number;
  /** When the last of its events reached the store; late ones days after (1.5 %). */
  ingestedAt: Instant;
}

export interface MeterError {
  key: string;
  meter: MeterKey;
  code:
    | 'meter_event_customer_not_found'
    | 'archived_meter'
    | 'timestamp_too_far_in_past'
    | 'meter_event_invalid_value'
    | 'no_meter';
  at: Instant;
  events: number;
  quantity: number;
  /** Sent again under the same identifiers (L34). */
  replayedAt: Instant | null;
}

export interface SeatDay {
  workspace: string;
  day: Day;
  assigned: number;
  active: number;
  plan: string;
}

/**
 * What the product sent to the biller in one day and meter, and what became of it at once:
 * sent = accepted + duplicate + rejected. What is metered in the end is accepted + replayed.
 */
export interface UsageBatch {
  key: string;
  meter: MeterKey;
  /** A UTC day: of sending, which for late usage is after the day of use. */
  day: Day;
  sentEvents: number;
  acceptedEvents: number;
  /** Sent twice under one identifier, and taken once (L32). */
  duplicateEvents: number;
  /** Refused with an error. */
  rejectedEvents: number;
  /** Of those refused, sent again and taken (L34). */
  replayedEvents: number;
  sentQuantity: number;
  acceptedQuantity: number;
  duplicateQuantity: number;
  rejectedQuantity: number;
  replayedQuantity: number;
}

/** Access that nothing pays for any more, or nothing ever did: it was left on (A29, A30). */
export interface KeptAccess {
  workspace: string;
  plan: string;
  grantedAt: Instant;
}
