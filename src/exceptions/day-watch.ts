import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Knex } from 'knex';
import type { Actor } from '../access/audit-trail';
import { subtractBusinessDays } from '../core/calendar';
import { dueDates, escalationBusinessDays, escalationsDue } from '../core/exception';
import type { Clock } from '../platform/clock';
import type { EntityDays } from '../platform/entity-days';
import type { Logger } from '../platform/logger';
import { openedAnew, workableOf } from './change-of-move';
import { MovesStore, type LockedException } from './moves.store';
import { recordMoves } from './record-moves';

const wakeMs = 15 * 60_000;
/** In one transaction, so that none holds many exceptions for long. */
const batch = 500;
const actor: Actor = { name: 'system', personId: null, via: 'system' };

export interface DayWatchParts {
  app: Knex;
  clock: Clock;
  days: EntityDays;
  logger: Logger;
}

/** Moves some exceptions of an entity, at most a batch, and gives how many. */
type MoveSome = (trx: Knex.Transaction, entity: string) => Promise<number>;

/**
 * What a day that has come does to exceptions without anybody's doing: past their due date they are
 * escalated, and past the day until which their risk was accepted they are open again. A timer only
 * wakes it: what is due follows from the calendar, so nothing is lost meanwhile.
 */
@Injectable()
export class DayWatch {
  private readonly store = new MovesStore();

  constructor(private readonly parts: DayWatchParts) {}

  @Interval(wakeMs)
  async wake(): Promise<void> {
    try {
      await this.reopenLapsed();
      await this.escalate();
    } catch (cause) {
      // Without its database a server can move nothing; it looks again at the next wake.
      this.parts.logger.error('exceptions could not be held against the calendar', { cause });
    }
  }

  /** Marks what is past its due date, once, and once more a week of business days later. */
  escalate(): Promise<number> {
    return this.moveAll((trx, entity) => this.escalateSome(trx, entity));
  }

  /** Opens what was closed until a day that is over: no run looks at a period that has ended. */
  reopenLapsed(): Promise<number> {
    return this.moveAll((trx, entity) => this.reopenSome(trx, entity));
  }

  private async moveAll(moveSome: MoveSome): Promise<number> {
    let count = 0;
    for (const entity of this.parts.days.entities)
      for (let moved = batch; moved === batch; count += moved)
        moved = await this.parts.app.transaction((trx) => moveSome(trx, entity));
    return count;
  }

  private async escalateSome(trx: Knex.Transaction, entity: string): Promise<number> {
    const { days, clock } = this.parts;
    const today = days.today(entity);
    const calendar = days.calendarOf(entity);
    const due = ({ due_on: on }: LockedException): number =>
      on === null ? 0 : escalationsDue(on, today, calendar);
    // Due dates before this day are past it by more than the days of the second escalation.
    const second = subtractBusinessDays(today, escalationBusinessDays[1], calendar);
    const found = await this.store.lockOverdue(trx, entity, today, { second, limit: batch });
    const rows = found.filter((row) => due(row) > row.escalations);
    await recordMoves(
      trx,
      rows.map((row) => ({
        row,
        kind: 'escalated',
        after: { ...workableOf(row), escalations: due(row) },
        reason: `Due on ${row.due_on}.`,
        details: { level: due(row) },
        facts: { due_on: row.due_on, level: due(row) },
      })),
      { actor, at: clock.now() },
    );
    return rows.length;
  }

  private async reopenSome(trx: Knex.Transaction, entity: string): Promise<number> {
    const { days, clock } = this.parts;
    const today = days.today(entity);
    const due = dueDates(today, days.calendarOf(entity));
    const rows = await this.store.lockLapsed(trx, entity, today, batch);
    await recordMoves(
      trx,
      rows.map((row) => ({
        row,
        kind: 'lapsed',
        after: openedAnew(row, due[row.severity]),
        reason: `The risk was accepted until ${row.accepted_until}.`,
        details: null,
        facts: { accepted_until: row.accepted_until },
      })),
      { actor, at: clock.now() },
    );
    return rows.length;
  }
}
