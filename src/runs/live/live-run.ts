import type { Knex } from 'knex';
import { WorkReport } from '../../platform/progress/work-report';
import type { Claim, RunProgress, RunRequest, RunStep } from '../run-types';

/** Tells other processes of a run what a terminal is told of it here. */
export class LiveRun implements RunProgress {
  /** What it ended with; stays so when it was claimed and not recorded. */
  outcome = 'not_recorded';
  private readonly report: WorkReport;

  constructor(app: Knex, { control, entity, period }: RunRequest, { runId }: Claim) {
    const work = { id: runId, kind: 'run', name: control, entity, period } as const;
    this.report = new WorkReport(app, work, 'claim');
  }

  step(step: RunStep): void {
    this.report.tell({ step });
  }

  frozen(items: number): void {
    this.report.tell({ items });
  }

  end(): Promise<void> {
    return this.report.end(this.outcome);
  }
}
