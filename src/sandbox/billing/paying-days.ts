import { DAY, HOUR, type Instant } from '../kit/instants';
import type { Invoice } from '../truth/billing';
import type { BillingState } from './billing-state';

/** When a customer pays an invoice that was sent: around its habit, never much too late. */
export function dayOfPaying(state: BillingState, invoice: Invoice, at: Instant): Instant {
  const random = state.random('pays', invoice.key);
  const days = Math.round(state.plan.paying.daysToPay + 9 * random.normal());
  const latest = Math.floor(((invoice.dueAt ?? at) - at) / DAY) + 60;
  const later = Math.min(Math.max(days, 2), latest);
  const onDay = Math.floor(at / DAY) + later;
  const weekday = (onDay + 3) % 7;
  const workday = weekday > 4 ? onDay + 7 - weekday : onDay;
  return workday * DAY + 9 * HOUR + random.int(0, 8 * HOUR);
}

/** So many days on, Saturdays and Sundays left out, at the same time of day. */
export function afterBusinessDays(at: Instant, days: number): Instant {
  let then = at;
  for (let left = days; left > 0;) {
    then += DAY;
    if ((Math.floor(then / DAY) + 3) % 7 < 5) left -= 1;
  }
  return then;
}
