import type { Catalog } from '../catalog/catalog';
import { periodOf, type Frequency } from '../core/calendar';
import { InvalidInput, Refusal } from '../core/problem';
import { dateInZone, type Clock } from '../platform/clock';
import type { EntityConfig } from '../platform/config';
import type { RunRequest } from './run-types';
import type { RunOrder } from './runs.contract';

/** Does a run and gives its id once it is recorded. Throws Refusal('run_in_progress'). */
export type RunNow = (request: RunRequest) => Promise<{ runId: string }>;

export interface RunDeskParts {
  catalog: Catalog;
  entities: readonly EntityConfig[];
  clock: Clock;
  runNow: RunNow;
}

/** Where people order runs: knows the names that an order uses, and fills in what it leaves out. */
export class RunDesk {
  constructor(private readonly parts: RunDeskParts) {}

  /**
   * Runs a control as asked and gives the run's id. Throws Refusal('not_found') for a control or an
   * entity that does not exist, InvalidInput for a period that the control does not have.
   */
  async run(order: RunOrder, requestedBy: string): Promise<string> {
    const { catalog, entities, clock, runNow } = this.parts;
    const loaded = catalog.controls.find(({ control }) => control.id === order.control);
    if (loaded === undefined)
      throw new Refusal('not_found', `There is no control ${order.control} without a problem.`);
    const entity = entities.find(({ id }) => id === order.entity);
    if (entity === undefined)
      throw new Refusal('not_found', `There is no entity '${order.entity}'.`);
    requirePeriod(loaded.control.frequency, order.period);
    const { runId } = await runNow({
      control: order.control,
      entity: order.entity,
      period: order.period,
      asOf: order.as_of ?? dateInZone(clock.now(), entity.time_zone),
      cause: 'requested',
      reason: order.reason ?? null,
      requestedBy,
    });
    return runId;
  }
}

function requirePeriod(frequency: Frequency, key: string): void {
  try {
    periodOf(frequency, key);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InvalidInput('request', [
      { field: 'period', message: `${cause.message}.`, remedy: 'Name a period of this control.' },
    ]);
  }
}
