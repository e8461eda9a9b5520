import { DAY, type Instant } from '../kit/instants';
import type { MeterKey } from '../truth/catalog';
import type { MeterError, UsageBatch, UsageHour } from '../truth/usage';
import { dayText } from './day-text';

/** A day's batch is closed so long after midnight UTC. */
const closesAfter = 1_800;

interface Counts {
  sent: number;
  sentQuantity: number;
  duplicate: number;
  duplicateQuantity: number;
  rejected: number;
  rejectedQuantity: number;
  replayed: number;
  replayedQuantity: number;
}

// Written out, not spread: it is made for millions of days.
const none = (): Counts => ({
  sent: 0,
  sentQuantity: 0,
  duplicate: 0,
  duplicateQuantity: 0,
  rejected: 0,
  rejectedQuantity: 0,
  replayed: 0,
  replayedQuantity: 0,
});

/** Adds up what is sent to the biller, by meter and day of sending. */
export class UsageBatches {
  private readonly days = new Map<MeterKey, Map<number, Counts>>();

  constructor(private readonly customerKey: string) {}

  private of(meter: MeterKey, at: Instant): Counts {
    let days = this.days.get(meter);
    if (days === undefined) this.days.set(meter, (days = new Map<number, Counts>()));
    const day = Math.floor(at / DAY);
    let counts = days.get(day);
    if (counts === undefined) days.set(day, (counts = none()));
    return counts;
  }

  /** An hour's events, of which so many went out twice. */
  send(hour: UsageHour, duplicates: number): void {
    const counts = this.of(hour.meter, hour.ingestedAt);
    counts.sent += hour.events + duplicates;
    counts.sentQuantity += hour.quantity;
    if (duplicates === 0) return;
    const again = Math.max(1, Math.floor((hour.quantity / hour.events) * duplicates));
    counts.sentQuantity += again;
    counts.duplicate += duplicates;
    counts.duplicateQuantity += again;
  }

  /** What was refused, and whether it has been taken since. */
  refuse({ meter, at, events, quantity, replayedAt }: MeterError): void {
    const counts = this.of(meter, at);
    counts.rejected += events;
    counts.rejectedQuantity += quantity;
    if (replayedAt === null) return;
    counts.replayed += events;
    counts.replayedQuantity += quantity;
  }

  /** The batches of all days that are closed by now, by meter and day. */
  closedBy(now: Instant): UsageBatch[] {
    const batches: UsageBatch[] = [];
    for (const [meter, days] of this.days) {
      const closed = [...days.keys()].filter((day) => (day + 1) * DAY + closesAfter <= now);
      for (const day of closed.sort((a, b) => a - b)) {
        const counts = days.get(day);
        if (counts !== undefined) batches.push(this.batchOf(meter, day, counts));
      }
    }
    return batches;
  }

  private batchOf(meter: MeterKey, number: number, counts: Counts): UsageBatch {
    const day = dayText(number);
    const { sent, sentQuantity, duplicate, duplicateQuantity } = counts;
    const { rejected, rejectedQuantity, replayed, replayedQuantity } = counts;
    return {
      key: `${this.customerKey}/${meter}/${day}`,
      meter,
      day,
      sentEvents: sent,
      acceptedEvents: sent - duplicate - rejected,
      duplicateEvents: duplicate,
      rejectedEvents: rejected,
      replayedEvents: replayed,
      sentQuantity,
      acceptedQuantity: sentQuantity - duplicateQuantity - rejectedQuantity,
      duplicateQuantity,
      rejectedQuantity,
      replayedQuantity,
    };
  }
}
