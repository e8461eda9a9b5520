import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Knex } from 'knex';
import { recordChanges, type Actor } from '../access/audit-trail';
import { subtractBusinessDays } from '../core/calendar';
import { escalationBusinessDays, escalationsDue } from '../core/exception';
import type { Clock } from '../platform/clock';
import type { EntityDays } from '../platform/entity-days';
import type { Logger } from '../platform/logger';
import { workableOf } from './change-of-move';
import { MovesStore, type LockedException } from './moves.store';

const wakeMs = 15 * 60_000;
/** In one transaction, so that none holds many exceptions for long. */
const batch = 500;
const actor: Actor = { name: 'system', personId: null, via: 'system' };

export interface EscalationParts {
  app: Knex;
  clock: Clock;
  days: EntityDays;
  logger: Logger;
}

/**
 * Marks what is past its due date, once when it passes and once more a week of business days later.
 * A timer only wakes it: what is due follows from the calendar, so nothing is lost meanwhile.
 */
@Injectable()
export class Escalation {
  private readonly store = new MovesStore();

  constructor(private readonly parts: EscalationParts) {}

  @Interval(wakeMs)
  async wake(): Promise<void> {
    try {
      await this.escalate();
    } catch (cause) {
      // Without its database a server can mark nothing; it looks again at the next wake.
      this.parts.logger.error('overdue exceptions could not be escalated', { cause });
    }
  }

  /** Escalates whatever is due, and gives how many there were. */
  async escalate(): Promise<number> {
    let count = 0;
    for (const entity of this.parts.days.entities)
      for (let marked = batch; marked === batch; count += marked)
        marked = await this.parts.app.transaction((trx) => this.escalateSome(trx, entity));
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
    if (rows.length === 0) return 0;
    const at = clock.now();
    const changes = await recordChanges(
      trx,
      rows.map((row) => ({
        at,
        actor,
        action: 'exceptions.escalated',
        subject: { kind: 'exception', id: row.id },
        control: row.control,
        entity: row.entity,
        period: row.period,
        facts: { due_on: row.due_on, level: due(row) },
      })),
    );
    const events = await this.store.insertEvents(
      trx,
      rows.map((row, index) => ({
        exceptionId: row.id,
        kind: 'escalated',
        at,
        from: row.state,
        to: row.state,
        personId: null,
        actor: actor.name,
        reason: `Due on ${row.due_on}.`,
        details: { level: due(row) },
        auditEvent: changes[index] ?? '',
      })),
    );
    await this.store.update(
      trx,
      rows.map((row) => ({
        ...workableOf(row),
        id: row.id,
        escalations: due(row),
        last_event: events.get(row.id) ?? '',
      })),
    );
    return rows.length;
  }
}
