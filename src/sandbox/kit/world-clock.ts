import { performance } from 'node:perf_hooks';
import type { Clock } from '../../platform/clock';

/** A clock that began to run at a world's now, and can be set forward. */
export class WorldClock implements Clock {
  private readonly beganMs = performance.now();

  /** `now`: '2026-07-07T13:05:00Z'. */
  constructor(private baseMs: number) {}

  now(): string {
    return new Date(this.baseMs + performance.now() - this.beganMs).toISOString();
  }

  forward(ms: number): void {
    this.baseMs += ms;
  }
}
