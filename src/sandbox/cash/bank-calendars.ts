import { addBusinessDays, isBusinessDay, type BusinessCalendar } from '../../core/calendar';
import type { Day } from '../kit/instants';
import type { Entity } from '../truth/company';

const weekend = ['saturday', 'sunday'] as const;

/** Days on which the Federal Reserve and the Irish banks are closed, 2024 to 2027. */
const holidays: Readonly<Record<Entity['calendar'], string>> = {
  us:
    '2024-01-01 2024-01-15 2024-02-19 2024-05-27 2024-06-19 2024-07-04 2024-09-02 2024-10-14 ' +
    '2024-11-11 2024-11-28 2024-12-25 2025-01-01 2025-01-20 2025-02-17 2025-05-26 2025-06-19 ' +
    '2025-07-04 2025-09-01 2025-10-13 2025-11-11 2025-11-27 2025-12-25 2026-01-01 2026-01-19 ' +
    '2026-02-16 2026-05-25 2026-06-19 2026-07-03 2026-09-07 2026-10-12 2026-11-11 2026-11-26 ' +
    '2026-12-25 2027-01-01 2027-01-18 2027-02-15 2027-05-31 2027-06-18 2027-07-05 2027-09-06 ' +
    '2027-10-11 2027-11-11 2027-11-25 2027-12-24',
  ie:
    '2024-01-01 2024-02-05 2024-03-18 2024-03-29 2024-04-01 2024-05-06 2024-06-03 2024-08-05 ' +
    '2024-10-28 2024-12-25 2024-12-26 2025-01-01 2025-02-03 2025-03-17 2025-04-18 2025-04-21 ' +
    '2025-05-05 2025-06-02 2025-08-04 2025-10-27 2025-12-25 2025-12-26 2026-01-01 2026-02-02 ' +
    '2026-03-17 2026-04-03 2026-04-06 2026-05-04 2026-06-01 2026-08-03 2026-10-26 2026-12-25 ' +
    '2026-12-28 2027-01-01 2027-02-01 2027-03-17 2027-03-26 2027-03-29 2027-05-03 2027-06-07 ' +
    '2027-08-02 2027-10-25 2027-12-27 2027-12-28',
};

/** Business days of one entity's banks; each answer is computed once. */
class BankCalendar {
  private readonly calendar: BusinessCalendar;
  private readonly later = new Map<string, Day>();

  constructor(name: Entity['calendar']) {
    this.calendar = { weekend: [...weekend], holidays: holidays[name].split(' ') };
  }

  isOpen(day: Day): boolean {
    return isBusinessDay(day, this.calendar);
  }

  /** The n-th business day after a day. */
  add(day: Day, n: number): Day {
    const key = `${day}+${String(n)}`;
    const known = this.later.get(key);
    if (known !== undefined) return known;
    const found = addBusinessDays(day, n, this.calendar);
    this.later.set(key, found);
    return found;
  }
}

export const bankCalendars: Readonly<Record<Entity['calendar'], BankCalendar>> = {
  us: new BankCalendar('us'),
  ie: new BankCalendar('ie'),
};
