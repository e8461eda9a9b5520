import { performance } from 'node:perf_hooks';
import type { RunProgress, RunStep } from '../runs/run-types';
import { LiveLines } from './live-lines';
import { renderOverall, renderUnderWay } from './render-progress';
import type { Session } from './session';
import type { Terminal } from './terminal';
import { duration } from './text-layout';

/** Shows runs as they go: two bars on a terminal, else one line per finished run. */
export class RunBoard {
  private readonly live: LiveLines;
  private readonly beganMs = performance.now();
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
    const startedMs = performance.now();
    let step: RunStep = 'claim';
    let items = 0;
    this.live.show(() => {
      const now = performance.now();
      return [
        renderUnderWay({ name, step, items, elapsedMs: now - startedMs }),
        renderOverall(this.done, this.total, 'runs', now - this.beganMs),
      ];
    });
    return {
      step: (entered) => {
        step = entered;
      },
      frozen: (count) => {
        items = count;
      },
    };
  }

  /** The run has ended: results may be printed until the next one begins. */
  end(name: string, outcome: string, elapsedMs: number): void {
    this.done += 1;
    this.live.clear();
    if (this.terminal.bars === null)
      this.terminal.note(`${this.done}/${this.total} ${name}: ${outcome}, ${duration(elapsedMs)}`);
  }
}
