import type { Run } from '../../api/types';

export interface TimelineRow {
  entity: string;
  /** By period: its newest run. */
  cells: Map<string, Run>;
}

export interface Timeline {
  /** Keys of periods, earliest first. */
  periods: string[];
  rows: TimelineRow[];
}

const mostPeriods = 16;

/** How the newest run of each period ended, entity by entity, as time goes on. */
export function timelineOf(runs: readonly Run[]): Timeline {
  const starts = new Map(runs.map(({ period }) => [period.key, period.start]));
  const periods = [...starts]
    .sort(([, a], [, b]) => (a < b ? -1 : 1))
    .map(([key]) => key)
    .slice(-mostPeriods);
  const entities = [...new Set(runs.map(({ entity_id: entity }) => entity))].sort();
  return {
    periods,
    rows: entities.map((entity) => {
      const cells = new Map<string, Run>();
      for (const run of runs) {
        const known = cells.get(run.period.key);
        if (run.entity_id !== entity || (known !== undefined && known.seq > run.seq)) continue;
        cells.set(run.period.key, run);
      }
      return { entity, cells };
    }),
  };
}
