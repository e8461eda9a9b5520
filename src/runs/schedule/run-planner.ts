import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Knex } from 'knex';
import type { Rhythm } from '../../core/control';
import { duePeriods, type PeriodHistory } from '../../core/due-periods';
import { Refusal, type RefusalCode } from '../../core/problem';
import { dateInZone, lastWholeDay, type Clock } from '../../platform/clock';
import type { EntityConfig } from '../../platform/config';
import type { Logger } from '../../platform/logger';
import { noteSchedule } from './note-schedule';
import type { RunRequest } from '../run-types';

const WAKE_MS = 15_000;
const othersWork: readonly RefusalCode[] = ['run_in_progress', 'already_run'];

export interface PlannerParts {
  app: Knex;
  clock: Clock;
  logger: Logger;
  /** First day whose periods are run; null: runs happen only on request. */
  since: string | null;
  entities: readonly EntityConfig[];
  controls: readonly (Rhythm & { id: string })[];
  /** Ids of controls whose version may run on schedule: a changed one waits for its approval. */
  approved: () => Promise<ReadonlySet<string>>;
  /** Runs whose process died, to be tried again. */
  abandoned: () => Promise<RunRequest[]>;
  run: (request: RunRequest) => Promise<unknown>;
}

/**
 * Runs what is due. A timer only wakes it: what is due follows from the calendar and from what was
 * recorded, so nothing is lost while no server runs, and two servers never run the same period.
 */
@Injectable()
export class RunPlanner {
  private awake = false;
  private isNoted = false;

  constructor(private readonly parts: PlannerParts) {}

  /** First day whose periods are run; null: runs happen only on request. */
  get since(): string | null {
    return this.parts.since;
  }

  @Interval(WAKE_MS)
  async wake(): Promise<void> {
    if (this.awake) return;
    this.awake = true;
    try {
      await this.noteOnce();
      for (const request of await this.dueRequests()) await this.runOne(request);
    } catch (cause) {
      // Without its database a server can run nothing; it looks again at the next wake.
      this.parts.logger.error('due runs could not be planned', { cause });
    } finally {
      this.awake = false;
    }
  }

  private async noteOnce(): Promise<void> {
    if (this.isNoted) return;
    await noteSchedule(this.parts.app, this.parts, this.parts.clock.now());
    this.isNoted = true;
  }

  /** Abandoned runs first, then due periods by control and entity, oldest first. */
  async dueRequests(): Promise<RunRequest[]> {
    const requests = await this.parts.abandoned();
    const { since } = this.parts;
    if (since === null) return requests;
    const approved = await this.parts.approved();
    for (const control of this.parts.controls.filter(({ id }) => approved.has(id))) {
      for (const entity of this.parts.entities) {
        const today = dateInZone(this.parts.clock.now(), entity.time_zone);
        const history = await this.history(control.id, entity);
        for (const period of duePeriods(control, since, today, history)) {
          requests.push({
            control: control.id,
            entity: entity.id,
            period: period.key,
            asOf: lastWholeDay(this.parts.clock.now(), entity.time_zone),
            cause: 'scheduled',
            reason: history.has(period.key) ? 'no final verdict yet' : null,
            requestedBy: 'the schedule',
            onlyAs: (history.get(period.key)?.seq ?? 0) + 1,
          });
        }
      }
    }
    return requests;
  }

  private async runOne(request: RunRequest): Promise<void> {
    try {
      await this.parts.run(request);
    } catch (cause) {
      // Another server was first; the record is complete without this one.
      if (cause instanceof Refusal && othersWork.includes(cause.code)) return;
      const { control, entity, period } = request;
      this.parts.logger.error('due run failed', { control, entity, period, cause });
    }
  }

  private async history(
    control: string,
    entity: EntityConfig,
  ): Promise<Map<string, PeriodHistory & { seq: number }>> {
    const { rows } = await this.parts.app.raw<{
      rows: (PeriodHistory & { period: string; seq: number })[];
    }>(
      `select distinct on (period_key) period_key as period, outcome, seq,
         exists (select from tieout.statement_lines l
           where l.run_id = r.run_id and l.category = 'timing') as waiting,
         to_char(recorded_at at time zone ?, 'YYYY-MM-DD') as "recordedOn",
         to_char(as_of, 'YYYY-MM-DD') as "asOf"
       from tieout.runs r where control_id = ? and entity_id = ?
       order by period_key, seq desc`,
      [entity.time_zone, control, entity.id],
    );
    return new Map(rows.map(({ period, ...known }) => [period, known]));
  }
}
