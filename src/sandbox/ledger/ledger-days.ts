import { addDays, addMonths, firstOfMonth, HOUR, monthOf } from '../kit/instants';
import type { Day, Instant } from '../kit/instants';
import type { Entity, EntityId } from '../truth/company';
import type { Posting } from '../truth/ledger';

/** The journals of a day are posted in the night after it. */
export const postedAfterDay = ({ zone }: Entity, day: Day): Instant =>
  zone.startOf(addDays(day, 1)) + 2 * HOUR;

/** The month's revenue is run in the first night of the next month, accruals in the second. */
export const postedAfterMonth = (entity: Entity, lastDay: Day, isAccrual: boolean): Instant =>
  postedAfterDay(entity, lastDay) + (isAccrual ? 23 : 3) * HOUR;

export const lastOfMonth = (month: string): Day => addDays(addMonths(firstOfMonth(month), 1), -1);

export const firstOfNext = (day: Day): Day => addMonths(firstOfMonth(monthOf(day)), 1);

/** 'JE-ni-us-20260630-RECEIVABLES': entity, day and category; '-RUN' for the month's run. */
export const journalIdOf = (
  entity: EntityId,
  day: Day,
  category: Posting['category'],
  isRun = false,
): string => `JE-${entity}-${day.replaceAll('-', '')}-${category}${isRun ? '-RUN' : ''}`;

export const laterOf = (a: Day, b: Day): Day => (a > b ? a : b);
export const earlierOf = (a: Day, b: Day): Day => (a < b ? a : b);
