import { addDays } from '../../core/calendar';
import { covers } from '../../core/permissions';
import type { Clock } from '../../platform/clock';
import type { DuePeriod, Overview } from './overview.contract';
import type { OverviewQueries, OverviewScope } from './overview.queries';
import type { RunPlanner } from '../schedule/run-planner';

/** How far back money at risk is shown. */
const riskDays = 180;
const mostDue = 200;

interface Company {
  controls: readonly string[];
  entities: readonly string[];
}

/** Puts the first screen together: what was recorded, and what should have been. */
export class OverviewDesk {
  constructor(
    private readonly queries: OverviewQueries,
    private readonly planner: RunPlanner,
    private readonly company: Company,
    private readonly clock: Clock,
  ) {}

  async overview(scope: OverviewScope): Promise<Overview> {
    const at = this.clock.now();
    const today = at.slice(0, 10);
    const entities = this.company.entities.filter(
      (entity) =>
        (scope.entity === null || scope.entity === entity) &&
        scope.reach.some((part) => part.entity === null || part.entity === entity),
    );
    const [controls, open, atRisk, due] = await Promise.all([
      this.queries.newestRuns(this.company.controls, entities, scope),
      this.queries.open(scope, today),
      this.queries.atRisk(scope, addDays(today, -riskDays)),
      this.due(scope, entities),
    ]);
    return {
      at,
      controls,
      open,
      at_risk: atRisk,
      due: due.slice(0, mostDue),
      due_total: due.length,
      scheduled_since: this.planner.since,
    };
  }

  /** Periods that the schedule owes a verdict; an auditor's window is not part of the schedule. */
  private async due({ reach }: OverviewScope, entities: readonly string[]): Promise<DuePeriod[]> {
    const requests = await this.planner.dueRequests();
    return requests
      .filter(({ entity }) => entities.includes(entity) && covers(reach, { entity }))
      .map(({ control, entity, period }) => ({
        control_id: control,
        entity_id: entity,
        period_key: period,
      }));
  }
}
