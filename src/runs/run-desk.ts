import { lastWholeDay, type Clock } from '../platform/clock';
import type { EntityConfig } from '../platform/config';
import type { RunRequest } from './run-types';
import type { RunOrder } from './runs.contract';

/** Does a run and gives its id once it is recorded; refuses as runControl does. */
export type RunNow = (request: RunRequest) => Promise<{ runId: string }>;

/** Where people order runs: fills in what an order leaves out. */
export class RunDesk {
  constructor(
    private readonly runNow: RunNow,
    private readonly entities: readonly EntityConfig[],
    private readonly clock: Clock,
  ) {}

  /** Runs a control as ordered and gives the run's id. Throws what `runNow` throws. */
  async run(order: RunOrder, requestedBy: string): Promise<string> {
    const entity = this.entities.find(({ id }) => id === order.entity);
    const { runId } = await this.runNow({
      control: order.control,
      entity: order.entity,
      period: order.period,
      // Of an entity that does not exist the run itself is refused, with the names that do.
      asOf: order.as_of ?? lastWholeDay(this.clock.now(), entity?.time_zone ?? 'UTC'),
      cause: 'requested',
      reason: order.reason ?? null,
      requestedBy,
    });
    return runId;
  }
}
