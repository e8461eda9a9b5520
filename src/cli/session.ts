import { exitCodes } from './exit-code';

const closingMs = 15_000;

/**
 * What a command opened, and the signals that end it. Whatever happens, everything is closed again
 * in reverse order: an embedded Postgres outlives its starter otherwise.
 */
export class Session {
  private readonly closers: (() => Promise<void> | void)[] = [];
  private readonly stopping = new AbortController();
  private serving = false;
  private heeding = false;

  /** Raised at Ctrl-C, SIGTERM, or when the terminal is gone. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** To be done at the end, in any case. */
  onClose(close: () => Promise<void> | void): void {
    this.closers.push(close);
  }

  /** From here on the command works until it is stopped, and that is no interruption. */
  async serveUntilStopped(): Promise<void> {
    this.serving = true;
    await this.stopped();
  }

  /** The command looks at `signal` itself: it is waited for, so that it can clean up. */
  heedsSignal(): void {
    this.heeding = true;
  }

  /** Runs a command to its end, or to the first signal, and gives its exit code. */
  async run(command: (session: Session) => Promise<number>): Promise<number> {
    const stop = (): void => this.stopping.abort();
    // Every further signal is ignored: npm, for one, sends a second when Ctrl-C is pressed once.
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, stop);
    try {
      const interrupted = this.stopped().then(() =>
        this.serving ? exitCodes.ok : exitCodes.interrupted,
      );
      const working = command(this);
      const code = await Promise.race([working, interrupted]);
      if (this.signal.aborted && this.heeding) await inTime(working.catch(() => code));
      return code;
    } finally {
      await inTime(this.closeAll());
      for (const signal of signals) process.off(signal, stop);
    }
  }

  private stopped(): Promise<void> {
    if (this.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  private async closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.closers.pop(); close; close = this.closers.pop()) {
      try {
        await close();
      } catch (cause) {
        failures.push(cause);
      }
    }
    if (failures.length > 0) throw new Error('closing what was open', { cause: failures[0] });
  }
}

/** Waits for an end at most `closingMs`. */
async function inTime(ending: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closingMs);
  });
  await Promise.race([ending, patience]);
  clearTimeout(timer);
}
