import { addMonths, firstOfMonth, HOUR, monthOf, type Instant } from '../kit/instants';
import { bankCalendars } from '../cash/bank-calendars';
import { entities, type Entity } from '../truth/company';
import type { LedgerPeriod } from '../truth/ledger';
import { firstOfNext, lastOfMonth } from './ledger-days';

/** The first month of the books. */
export const firstMonth = '2024-07';
const softCloseDay = 3;
const hardCloseDay = 5;

/** The n-th business day after a month's end, late in the afternoon. */
export function closeInstant(entity: Entity, month: string, businessDay: number): Instant {
  const day = bankCalendars[entity.calendar].add(lastOfMonth(month), businessDay);
  return entity.zone.startOf(day) + 18 * HOUR;
}

/** Periods of all entities to the month after now: soft close on BD3, hard close on BD5. */
export function ledgerPeriods(
  now: Instant,
  controllers: Readonly<Record<string, string>>,
): LedgerPeriod[] {
  const periods: LedgerPeriod[] = [];
  for (const entity of Object.values(entities)) {
    const current = monthOf(entity.zone.dayOf(now));
    const last = monthOf(addMonths(firstOfMonth(current), 1));
    for (let month = firstMonth; month <= last; month = monthOf(firstOfNext(`${month}-01`)))
      periods.push(periodOf(entity, month, { current, now, by: controllers[entity.id] ?? '' }));
  }
  return periods;
}

function periodOf(
  entity: Entity,
  month: string,
  { current, now, by }: { current: string; now: Instant; by: string },
): LedgerPeriod {
  const softCloses = closeInstant(entity, month, softCloseDay);
  const closes = closeInstant(entity, month, hardCloseDay);
  const isClosed = closes <= now;
  const isSoft = softCloses <= now;
  return {
    ...{ entity: entity.id, period: month, start: firstOfMonth(month) },
    endExclusive: firstOfNext(firstOfMonth(month)),
    status: isClosed ? 'CLOSED' : isSoft ? 'SOFT_CLOSED' : month > current ? 'FUTURE' : 'OPEN',
    softClosedAt: isSoft ? softCloses : null,
    ...{ closedAt: isClosed ? closes : null, closedBy: isClosed ? by : null },
    ...{ reopenedAt: null, reopenedBy: null },
  };
}
