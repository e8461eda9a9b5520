import { performance } from 'node:perf_hooks';
import { LiveLines } from './live-lines';
import type { Means } from './command';
import { clip, duration, padRight } from './text-layout';

const nameWidth = 16;

/** What one phase of the demo took. */
export interface DemoPhase {
  name: string;
  seconds: number;
  /** Of this process; its Postgres has its own. */
  processor_seconds: number;
}

/** The phases of the demo, and a line for each step before the runs, with what came of it. */
export class DemoSteps {
  readonly phases: DemoPhase[] = [];

  constructor(private readonly means: Pick<Means, 'terminal' | 'session'>) {}

  async do<T>(name: string, doing: Promise<T>, describe: (result: T) => string): Promise<T> {
    const { terminal, session } = this.means;
    const { width, paint } = terminal.page;
    const live = new LiveLines(terminal.bars);
    session.onClose(() => live.clear());
    const beganMs = performance.now();
    const elapsed = (): string => duration(performance.now() - beganMs);
    live.show(() => [`  … ${padRight(name, nameWidth)}${elapsed()}`]);
    try {
      const result = await this.timed(name, doing);
      live.clear();
      const words = clip(describe(result), width - nameWidth - 12);
      terminal.print([
        `  ${paint.good('✓')} ${padRight(name, nameWidth)}${words}  ${paint.faint(elapsed())}`,
      ]);
      return result;
    } finally {
      live.clear();
    }
  }

  /** Notes what a phase takes that shows itself. */
  async timed<T>(name: string, doing: Promise<T>): Promise<T> {
    const [beganMs, processor] = [performance.now(), process.cpuUsage()];
    const result = await doing;
    const { user, system } = process.cpuUsage(processor);
    const seconds = rounded((performance.now() - beganMs) / 1000);
    this.phases.push({ name, seconds, processor_seconds: rounded((user + system) / 1e6) });
    return result;
  }
}

const rounded = (seconds: number): number => Math.round(seconds * 100) / 100;
