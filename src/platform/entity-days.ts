import {
  addDays,
  businessDaysBetween,
  subtractBusinessDays,
  type BusinessCalendar,
} from '../core/calendar';
import { dateInZone, startOfDay, type Clock } from './clock';
import type { Config } from './config';

/** Where days of an entity end, for SQL that compares them with columns. */
export interface DayCutoff {
  entity: string;
  /** 'YYYY-MM-DD' there. */
  today: string;
  /** UTC, ISO 8601. */
  dayEnd: string;
}

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

  /** Each entity's today, and the end of the last day on which what is n days old began. */
  cutoffs(ageDays: number): DayCutoff[] {
    return [...this.calendars].map(([entity, { timeZone, calendar }]) => {
      const today = this.today(entity);
      const day = subtractBusinessDays(today, ageDays, calendar);
      return { entity, today, dayEnd: startOfDay(addDays(day, 1), timeZone) };
    });
  }

  /** An entity that left the configuration keeps its records: days of UTC, no day off. */
  private of(entity: string): { timeZone: string; calendar: BusinessCalendar } {
    const nowhere = { timeZone: 'UTC', calendar: { weekend: [], holidays: [] } };
    return this.calendars.get(entity) ?? nowhere;
  }
}
