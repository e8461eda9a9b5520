import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { AlertDispatcher, type DispatchResult } from './alert-dispatcher';

const WAKE_EVERY_MS = 2_000;

/** Wakes the dispatcher while the server runs, and lets a message under way end before it stops. */
@Injectable()
export class AlertSchedule implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly underWay = new Set<Promise<DispatchResult>>();

  constructor(private readonly dispatcher: AlertDispatcher) {}

  @Interval(WAKE_EVERY_MS)
  async wake(): Promise<void> {
    // One that still rests between two messages goes on by itself.
    if (this.underWay.size > 0 || this.stopping.signal.aborted) return;
    const dispatching = this.dispatcher.dispatchDue(this.stopping.signal);
    this.underWay.add(dispatching);
    try {
      await dispatching;
    } finally {
      this.underWay.delete(dispatching);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.allSettled(this.underWay);
  }
}
