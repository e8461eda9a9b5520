import type { Knex } from 'knex';

/** A run or replay of a control, or the reading of a source, while it goes on. */
export interface Work {
  id: string;
  kind: 'run' | 'sync' | 'replay';
  /** The control, or the source that is read. */
  name: string;
  entity: string | null;
  period: string | null;
}

/** How far a work is. */
export interface WorkState {
  step: string;
  items: number;
  /** From 0 to 1; null where steps tell it. */
  share: number | null;
}

const betweenWritesMs = 250;
/** A work that says nothing for longer than `workSilenceS` is taken for dead. */
const heartbeatMs = 20_000;
export const workSilenceS = 60;
const keptHours = 24;

/**
 * Tells every process how far a work is, through tieout.work_progress: at most four times a second,
 * and the latest state always. Telling is no part of the work: where it fails, the work goes on.
 */
export class WorkReport {
  private state: WorkState;
  private writing: Promise<void>;
  private due: NodeJS.Timeout | null = null;
  private readonly heart: NodeJS.Timeout;

  constructor(
    private readonly app: Knex,
    private readonly work: Work,
    step: string,
  ) {
    this.state = { step, items: 0, share: work.kind === 'run' ? null : 0 };
    this.writing = this.begin();
    this.heart = setInterval(() => this.write(null), heartbeatMs).unref();
  }

  tell(change: Partial<WorkState>): void {
    this.state = { ...this.state, ...change };
    this.due ??= setTimeout(() => {
      this.due = null;
      this.write(null);
    }, betweenWritesMs).unref();
  }

  /** Resolves once it is written, so that a process may end. */
  async end(outcome: string): Promise<void> {
    clearInterval(this.heart);
    if (this.due !== null) clearTimeout(this.due);
    this.due = null;
    this.write(outcome);
    await this.writing;
  }

  private async begin(): Promise<void> {
    const { id, kind, name, entity, period } = this.work;
    await this.attempt(async () => {
      await this.app.raw(
        `delete from tieout.work_progress
         where changed_at < clock_timestamp() - make_interval(hours => ${keptHours})`,
      );
      await this.app.raw(
        `insert into tieout.work_progress (work_id, kind, name, entity_id, period_key, step, items,
           share)
         values (:id, :kind, :name, :entity, :period, :step, :items, :share)
         on conflict (work_id) do update set step = excluded.step, items = excluded.items,
           outcome = null, changed_at = excluded.changed_at, change_no = excluded.change_no`,
        { id, kind, name, entity, period, ...this.state },
      );
    });
  }

  private write(outcome: string | null): void {
    this.writing = this.writing.then(() =>
      this.attempt(async () => {
        await this.app.raw(
          `update tieout.work_progress set step = :step, items = :items, share = :share,
             outcome = :outcome, changed_at = clock_timestamp(), change_no = default
           where work_id = :id`,
          { ...this.state, id: this.work.id, outcome },
        );
      }),
    );
  }

  private async attempt(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch {
      // Nobody sees it go on; whether it did is recorded elsewhere.
    }
  }
}
