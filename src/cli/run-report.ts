import type { Knex } from 'knex';
import { wholeReach } from '../core/permissions';
import type { RecordedRun } from '../runs/run-types';
import type { RunDetail, Statement } from '../runs/runs.contract';
import { RunsQueries } from '../runs/runs.queries';
import {
  OpenExceptionsQueries,
  type ImpactTotal,
  type ListedException,
} from './open-exceptions.queries';

/** A recorded run as it stands in the database, with what is open after it. */
export interface RunReport {
  run: RunDetail;
  procedures: Statement['procedures'];
  exceptions: {
    opened: number;
    reopened: number;
    cleared: number;
    /** By currency, open in the run's control, entity and period. */
    open: ImpactTotal[];
    gravest: ListedException[];
  };
}

/** How many exceptions a run shows; the rest is counted. */
export const shownExceptions = 5;

/** Reads a run back after it was recorded: what is shown is what is kept. */
export async function reportRun(app: Knex, recorded: RecordedRun): Promise<RunReport> {
  const runs = new RunsQueries(app);
  const run = await runs.run(recorded.runId, wholeReach);
  const statement = await runs.statement(recorded.runId, wholeReach);
  if (run === null || statement === null)
    throw new Error(`run ${recorded.runId} was recorded and is not there`);
  const exceptions = new OpenExceptionsQueries(app);
  const scope = {
    control: run.control_id,
    entity: run.entity_id,
    period: run.period.key,
    state: 'open',
  };
  return {
    run,
    procedures: statement.procedures,
    exceptions: {
      opened: recorded.opened,
      reopened: recorded.reopened,
      cleared: recorded.cleared,
      open: await exceptions.totals(scope),
      gravest: await exceptions.gravest(scope, shownExceptions),
    },
  };
}

/** Open exceptions over all currencies: counts may be added, amounts may not. */
export const countOpen = (totals: readonly ImpactTotal[]): number =>
  totals.reduce((sum, total) => sum + Number(total.exceptions), 0);
