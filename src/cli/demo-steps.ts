import { performance } from 'node:perf_hooks';
import { LiveLines } from './live-lines';
import type { Means } from './command';
import { clip, duration, padRight } from './text-layout';

const nameWidth = 16;

/** The steps before the runs: one line each, with what came of it. */
export class DemoSteps {
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
      const result = await doing;
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
}
