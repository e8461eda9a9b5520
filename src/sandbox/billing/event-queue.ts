import type { Instant } from '../kit/instants';

/** Of events at one instant, plan changes come first, then period ends, then all others. */
export const rank = { change: 0, cycle: 1, other: 2 } as const;

interface Event {
  at: Instant;
  rank: number;
  order: number;
  run: (at: Instant) => void;
}

/** What is to happen to one customer, earliest first; equal instants by rank, then as planned. */
export class EventQueue {
  private readonly heap: Event[] = [];
  private planned = 0;

  constructor(private readonly until: Instant) {}

  /** An event after the end of the world never happens. */
  plan(at: Instant, run: (at: Instant) => void, order: number = rank.other): void {
    this.planned += 1;
    if (at > this.until) return;
    const { heap } = this;
    const event = { at, rank: order, order: this.planned, run };
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !isBefore(event, parent)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = event;
  }

  /** Runs all events in their order, and those that they plan. */
  runAll(): void {
    for (let next = this.take(); next !== undefined; next = this.take()) next.run(next.at);
  }

  private take(): Event | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      let least = heap[child];
      if (least === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, least)) {
        child += 1;
        least = right;
      }
      if (!isBefore(least, last)) break;
      heap[i] = least;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  if (a.at !== b.at) return a.at < b.at;
  return a.rank === b.rank ? a.order < b.order : a.rank < b.rank;
}
