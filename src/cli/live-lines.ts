import { MultiBar, type Options } from 'cli-progress';
import { clip } from './text-layout';

/** Most lines one display has. */
const mostLines = 3;
const perSecond = 10;

const options: Options = {
  fps: perSecond,
  clearOnComplete: true,
  hideCursor: true,
  // Signals are the session's.
  gracefulExit: false,
};

/** Lines at the bottom of a terminal that are drawn anew as things go on, and vanish at the end. */
export class LiveLines {
  private bars: MultiBar | null = null;

  constructor(private readonly stream: NodeJS.WriteStream | null) {}

  /**
   * Draws what `lines` gives, at most three and as many as it gives now, ten times a second until
   * the next show or clear.
   */
  show(lines: () => string[]): void {
    this.clear();
    if (this.stream === null) return;
    const width = (this.stream.columns ?? 80) - 1;
    this.bars = new MultiBar({ ...options, stream: this.stream });
    for (let line = 0; line < Math.min(lines().length, mostLines); line += 1)
      this.bars.create(1, 0, {}, { format: () => clip(lines()[line] ?? '', width) });
  }

  clear(): void {
    this.bars?.stop();
    this.bars = null;
  }
}
