import { performance } from 'node:perf_hooks';

/** What a run cost this process; the database server has its own. */
export interface RunCost {
  took_ms: number;
  /** Largest resident memory seen while it ran; that of runs beside it is in it. */
  peak_rss_bytes: number;
}

export interface ControlCost extends RunCost {
  control: string;
  runs: number;
  /** Of the time of all runs, from 0 to 1. */
  share: number;
  slowest_ms: number;
}

/** What a call of `tieout run` cost, and each of its controls, the dearest first. */
export interface CostOfRuns {
  wall_ms: number;
  /** Since the process began. */
  peak_rss_bytes: number;
  controls: ControlCost[];
}

const lookEveryMs = 100;

/** Does some work and tells what it cost. Memory that is held between two looks is not seen. */
export async function costOf<T>(work: () => Promise<T>): Promise<[T, RunCost]> {
  const beganMs = performance.now();
  let peak = process.memoryUsage.rss();
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const looking = setInterval(look, lookEveryMs);
  try {
    const result = await work();
    look();
    return [result, { took_ms: Math.round(performance.now() - beganMs), peak_rss_bytes: peak }];
  } finally {
    clearInterval(looking);
  }
}

/** Sums runs by control. */
export function costOfRuns(
  runs: readonly (RunCost & { control: string })[],
  whole: Pick<CostOfRuns, 'wall_ms' | 'peak_rss_bytes'>,
): CostOfRuns {
  const all = runs.reduce((sum, run) => sum + run.took_ms, 0);
  const controls = [...new Set(runs.map(({ control }) => control))].map((control): ControlCost => {
    const own = runs.filter((run) => run.control === control);
    const took = own.reduce((sum, run) => sum + run.took_ms, 0);
    return {
      ...{ control, runs: own.length, took_ms: took, share: all === 0 ? 0 : took / all },
      slowest_ms: Math.max(...own.map((run) => run.took_ms)),
      peak_rss_bytes: Math.max(...own.map((run) => run.peak_rss_bytes)),
    };
  });
  return { ...whole, controls: controls.sort((a, b) => b.took_ms - a.took_ms) };
}
