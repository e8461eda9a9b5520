import { performance } from 'node:perf_hooks';
import type { RunProgress, RunStep } from './run-types';

/** Follows a run through its steps: tells the progress and measures how long each one took. */
export class StepWatch {
  private readonly durations: Partial<Record<RunStep, number>> = {};
  private current: RunStep = 'claim';
  private since = performance.now();

  private readonly told: RunProgress[];

  constructor(progress: RunProgress) {
    this.told = [progress];
  }

  /** What is told from now on is told there too. */
  alsoTell(progress: RunProgress): void {
    this.told.push(progress);
  }

  get step(): RunStep {
    return this.current;
  }

  enter(step: RunStep): void {
    this.close();
    this.current = step;
    for (const progress of this.told) progress.step(step);
  }

  frozen(items: number): void {
    for (const progress of this.told) progress.frozen(items);
  }

  /** Whole milliseconds by step, up to now. */
  finish(): Partial<Record<RunStep, number>> {
    this.close();
    return { ...this.durations };
  }

  private close(): void {
    const now = performance.now();
    const before = this.durations[this.current] ?? 0;
    this.durations[this.current] = before + Math.round(now - this.since);
    this.since = now;
  }
}
