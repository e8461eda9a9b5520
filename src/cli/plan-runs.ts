import { addDays, periodContaining, periodOf, type Frequency } from '../core/calendar';
import { periodLength } from '../core/control';
import { Refusal } from '../core/problem';
import type { LoadedControl } from '../catalog/catalog';
import { lastWholeDay } from '../platform/clock';
import type { EntityConfig } from '../platform/config';
import type { RunRequest } from '../runs/run-types';

export interface RunPlan {
  controls: readonly LoadedControl[];
  entities: readonly EntityConfig[];
  /** Key of the period; the last one that ended by the as-of day when absent. */
  period?: string | undefined;
  /** 'YYYY-MM-DD'; the last whole day at the entity when absent. */
  asOf?: string | undefined;
  reason?: string | undefined;
  requestedBy: string;
  /** The instant, ISO UTC. */
  now: string;
  /** All controls were meant: those without such a period are left out, not refused. */
  lenient: boolean;
}

/** What to run, by control and entity, and what is left out and why. */
export function planRuns(plan: RunPlan): { requests: RunRequest[]; left: string[] } {
  const requests: RunRequest[] = [];
  const left: string[] = [];
  for (const { control } of plan.controls) {
    const { id } = control;
    const length = periodLength(control);
    const why = whyNotPlanned(id, length, plan.period);
    if (why !== null) {
      if (!plan.lenient) throw new Refusal('invalid_request', `${why}.`);
      left.push(why);
      continue;
    }
    for (const entity of plan.entities) {
      const asOf = plan.asOf ?? lastWholeDay(plan.now, entity.time_zone);
      const period = plan.period ?? lastClosed(length, asOf);
      if (period === null) continue;
      requests.push({
        control: id,
        entity: entity.id,
        period,
        asOf,
        cause: 'requested',
        reason: plan.reason ?? null,
        requestedBy: plan.requestedBy,
      });
    }
  }
  return { requests, left };
}

function whyNotPlanned(id: string, frequency: Frequency, period?: string): string | null {
  if (period === undefined)
    return frequency === 'on_event' ? `${id} runs on an event; name its period` : null;
  if (isPeriod(frequency, period)) return null;
  return frequency === 'on_event'
    ? `'${period}' is no period for ${id}`
    : `${id} is ${frequency}, and '${period}' is no ${frequency} period`;
}

/** The last period of a frequency that is over at the end of a day; null: it has none. */
export function lastClosed(frequency: Frequency, asOf: string): string | null {
  if (frequency === 'on_event') return null;
  const { start } = periodContaining(frequency, addDays(asOf, 1));
  return periodContaining(frequency, addDays(start, -1)).key;
}

function isPeriod(frequency: Frequency, key: string): boolean {
  try {
    return periodOf(frequency, key).key === key;
  } catch (cause) {
    if (cause instanceof RangeError) return false;
    throw cause;
  }
}
