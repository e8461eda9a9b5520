import type { ControlHealth, ControlSummary } from '../../api/types';

/** Worst first: what a reviewer must look at decides what a cell says. */
const gravity = ['errored', 'exceptions', 'not_evaluated', 'never run', 'passed'] as const;
export type Standing = (typeof gravity)[number];

export interface HealthCell {
  worst: Standing;
  passed: number;
  /** Controls times entities that cover this. */
  all: number;
}

export interface HealthRow {
  process: string;
  /** By assertion; absent where no control covers it. */
  cells: Partial<Record<string, HealthCell>>;
  whole: HealthCell;
}

export const standingOf = (health: ControlHealth): Standing =>
  health.newest === null ? 'never run' : health.newest.outcome;

function cellOf(standings: readonly Standing[]): HealthCell | null {
  if (standings.length === 0) return null;
  return {
    worst: gravity.find((one) => standings.includes(one)) ?? 'passed',
    passed: standings.filter((one) => one === 'passed').length,
    all: standings.length,
  };
}

/** Health by process and assertion, from the newest run of each control for each entity. */
export function healthRows(
  controls: readonly ControlSummary[],
  health: readonly ControlHealth[],
): HealthRow[] {
  const of = (wanted: readonly ControlSummary[]): Standing[] =>
    health
      .filter(({ control_id: id }) => wanted.some((control) => control.id === id))
      .map(standingOf);
  return [...new Set(controls.map(({ process }) => process))].flatMap((process) => {
    const own = controls.filter((control) => control.process === process);
    const whole = cellOf(of(own));
    if (whole === null) return [];
    const cells: HealthRow['cells'] = {};
    for (const assertion of new Set(own.flatMap(({ assertions }) => assertions))) {
      const cell = cellOf(of(own.filter(({ assertions }) => assertions.includes(assertion))));
      if (cell !== null) cells[assertion] = cell;
    }
    return [{ process, cells, whole }];
  });
}
