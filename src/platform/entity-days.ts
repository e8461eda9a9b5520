import { businessDaysBetween, subtractBusinessDays, type BusinessCalendar } from '../core/calendar';
import { dateInZone, type Clock } from './clock';
import type { Config } from './config';

/** The days of each entity: which day it is there, and on which of them business is done. */
export class EntityDays {
  private readonly calendars: Map<string, { timeZone: string; calendar: BusinessCalendar }>;

  constructor(
    config: Pick<Config, 'entities' | 'calendars'>,
    private readonly clock: Clock,
  ) {
    this.calendars = new Map(
      config.entities.map((entity) => {
        const calendar = config.calendars[entity.calendar];
        if (!calendar) throw new Error(`entity ${entity.id} has no calendar`);
        return [entity.id, { timeZone: entity.time_zone, calendar }];
      }),
    );
  }

  get entities(): string[] {
    return [...this.calendars.keys()];
  }

  calendarOf(entity: string): BusinessCalendar {
    return this.of(entity).calendar;
  }

  today(entity: string): string {
    return dateInZone(this.clock.now(), this.of(entity).timeZone);
  }

  /** Business days from the day of one instant to that of another, or to today. */
  ageDays(entity: string, from: string, to: string | null): number {
    const { timeZone, calendar } = this.of(entity);
    const end = dateInZone(to ?? this.clock.now(), timeZone);
    return businessDaysBetween(dateInZone(from, timeZone), end, calendar);
  }

  /** For SQL: each entity's zone, today, and the last day on which what is n days old began. */
  cutoffs(ageDays: number): { entity: string; zone: string; today: string; day: string }[] {
    return [...this.calendars].map(([entity, { timeZone, calendar }]) => {
      const today = this.today(entity);
      return { entity, zone: timeZone, today, day: subtractBusinessDays(today, ageDays, calendar) };
    });
  }

  /** An entity that left the configuration keeps its records: days of UTC, no day off. */
  private of(entity: string): { timeZone: string; calendar: BusinessCalendar } {
    const nowhere = { timeZone: 'UTC', calendar: { weekend: [], holidays: [] } };
    return this.calendars.get(entity) ?? nowhere;
  }
}
