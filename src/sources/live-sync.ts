import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { WorkReport } from '../platform/progress/work-report';

type Told = (name: string, doing: string, share: number, rows?: number) => void;

/** Tells other processes of the reading of a source what a terminal is told of it here. */
export class LiveSync {
  outcome = 'failed';
  /** Rows of the kinds of object that are done with, by kind. */
  private readonly rows = new Map<string, number>();
  private readonly report: WorkReport;

  constructor(
    app: Knex,
    name: string,
    private readonly told: Told,
  ) {
    const work = { id: randomUUID(), kind: 'sync', name, entity: null, period: null } as const;
    this.report = new WorkReport(app, work, 'starting');
  }

  readonly progress: Told = (name, doing, share, rows) => {
    this.told(name, doing, share, rows);
    if (rows !== undefined) this.rows.set(doing.split(':')[0] ?? doing, rows);
    const items = [...this.rows.values()].reduce((sum, count) => sum + count, 0);
    this.report.tell({ step: doing, share: Math.min(1, Math.max(0, share)), items });
  };

  end(): Promise<void> {
    return this.report.end(this.outcome);
  }
}
