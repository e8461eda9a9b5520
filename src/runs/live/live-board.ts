import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Knex } from 'knex';
import { instantSql } from '../../platform/http/fields';
import type { Logger } from '../../platform/logger';
import { workSilenceS } from '../../platform/progress/work-report';
import type { WorkUnderWay } from './live.contract';

const pollMs = 700;
/** How long a page that was away still learns that something ended. */
const endedMinutes = 10;

/** Somebody who watches. */
export interface Watcher {
  changed(works: readonly WorkUnderWay[]): void;
  /** The server ends. */
  ended(): void;
}

/**
 * Watches work of every process through their table, once for all who look. What is told is the
 * difference of two looks: a transaction that commits late is seen by the next one.
 */
@Injectable()
export class LiveBoard implements OnModuleDestroy {
  private readonly watchers = new Set<Watcher>();
  private known = new Map<string, string>();
  private timer: NodeJS.Timeout | null = null;
  private hasEnded = false;

  constructor(
    private readonly app: Knex,
    private readonly logger: Logger,
  ) {}

  get watching(): number {
    return this.watchers.size;
  }

  /** Tells from the next look on; gives what ends it. */
  watch(watcher: Watcher): () => void {
    if (this.hasEnded) {
      watcher.ended();
      return () => undefined;
    }
    this.watchers.add(watcher);
    if (this.watchers.size === 1) this.lookSoon();
    return () => this.watchers.delete(watcher);
  }

  /** What is under way, or ended a moment ago; what has been silent for too long is neither. */
  async now(): Promise<WorkUnderWay[]> {
    const { rows } = await this.app.raw<{ rows: WorkUnderWay[] }>(
      `select work_id, kind, name, entity_id, period_key, step, items,
         cast(share as float8) as share, outcome,
         ${instantSql('started_at')} as started_at, ${instantSql('changed_at')} as changed_at,
         change_no
       from tieout.work_progress
       where changed_at > clock_timestamp() - make_interval(mins => ${endedMinutes})
         and (outcome is not null
           or changed_at > clock_timestamp() - make_interval(secs => ${workSilenceS}))
       order by change_no`,
    );
    return rows;
  }

  onModuleDestroy(): void {
    this.hasEnded = true;
    if (this.timer !== null) clearTimeout(this.timer);
    for (const watcher of this.watchers) watcher.ended();
    this.watchers.clear();
  }

  private lookSoon(): void {
    this.timer = setTimeout(() => void this.look(), pollMs).unref();
  }

  private async look(): Promise<void> {
    try {
      const works = await this.now();
      const changed = works.filter(({ work_id: id, change_no: no }) => this.known.get(id) !== no);
      this.known = new Map(works.map(({ work_id: id, change_no: no }) => [id, no]));
      if (changed.length > 0) for (const watcher of this.watchers) watcher.changed(changed);
    } catch (cause) {
      // Watchers keep what they have; the next look may see again.
      this.logger.warn('work under way cannot be seen', { cause });
    }
    if (this.watchers.size > 0) this.lookSoon();
  }
}
