import { performance } from 'node:perf_hooks';
import type { RunProgress, RunStep } from '../runs/run-types';
import { LiveLines } from './live-lines';
import { renderOverall, renderUnderWay } from './render-progress';
import type { Session } from './session';
import type { Terminal } from './terminal';
import { duration } from './text-layout';

interface UnderWay {
  startedMs: number;
  step: RunStep;
  items: number;
}

/** Shows runs as they go: bars on a terminal, else one line per finished run. */
export class RunBoard {
  private readonly live: LiveLines;
  private readonly beganMs = performance.now();
  private readonly underWay = new Map<string, UnderWay>();
  private done = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly total: number,
    session: Session,
  ) {
    this.live = new LiveLines(terminal.bars);
    session.onClose(() => this.live.clear());
  }

  /** The progress of the next run. `name` is for people. */
  begin(name: string): RunProgress {
    const run: UnderWay = { startedMs: performance.now(), step: 'claim', items: 0 };
    this.underWay.set(name, run);
    this.show();
    return {
      step: (entered) => {
        run.step = entered;
      },
      frozen: (count) => {
        run.items = count;
      },
    };
  }

  /** The run has ended. */
  end(name: string, outcome: string, elapsedMs: number): void {
    this.done += 1;
    this.underWay.delete(name);
    if (this.terminal.bars === null)
      this.terminal.note(`${this.done}/${this.total} ${name}: ${outcome}, ${duration(elapsedMs)}`);
    this.show();
  }

  /** Lines that stay, above the bars of what is still under way. */
  print(lines: readonly string[]): void {
    this.live.clear();
    this.terminal.print(lines);
    this.show();
  }

  private show(): void {
    this.live.clear();
    if (this.underWay.size === 0) return;
    this.live.show(() => {
      const now = performance.now();
      return [
        ...[...this.underWay].map(([name, { startedMs, step, items }]) =>
          renderUnderWay({ name, step, items, elapsedMs: now - startedMs }),
        ),
        renderOverall(this.done, this.total, 'runs', now - this.beganMs),
      ];
    });
  }
}
