import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Knex } from 'knex';
import type { Reach } from '../core/permissions';
import type { Journey, JourneyStep } from './journey.contract';

const journeySql = readFileSync(path.join(__dirname, 'journey.sql'), 'utf8');
const mostSteps = 500;
const mostIds = 200;

/** What of an exception can name things in the books. */
export interface Subject {
  key: Record<string, string>;
  left_items: Record<string, string | null>[] | null;
  right_items: Record<string, string | null>[] | null;
}

/** Reads the books for the way of one customer; writes nothing. */
export class JourneyQueries {
  constructor(private readonly app: Knex) {}

  async journey(subject: Subject, reach: Reach): Promise<Journey> {
    const { ids, customers } = idsOf(subject);
    if (ids.length === 0) return { steps: [], is_cut: false };
    const { rows } = await this.app.raw<{ rows: JourneyStep[] }>(journeySql, {
      ids,
      customers,
      entities: entitiesOf(reach),
      most: mostSteps + 1,
    });
    return { steps: rows.slice(0, mostSteps), is_cut: rows.length > mostSteps };
  }
}

/** null: every entity. A window narrows what was found, not the customer's history. */
function entitiesOf(reach: Reach): string[] | null {
  const entities = reach.map(({ entity }) => entity);
  return entities.includes(null) ? null : entities.filter((entity) => entity !== null);
}

/**
 * Values of the columns whose name says that they hold an id, and what `source_ref`
 * (`<system>:<object>:<id>`) names.
 */
export function idsOf(subject: Subject): { ids: string[]; customers: string[] } {
  const records = [subject.key, ...(subject.left_items ?? []), ...(subject.right_items ?? [])];
  const fields = records.flatMap((record) => Object.entries(record));
  const valuesOf = (isWanted: (name: string) => boolean): string[] => [
    ...new Set(fields.flatMap(([name, value]) => (isWanted(name) && value !== null ? value : []))),
  ];
  const places = valuesOf((name) => name === 'source_ref').flatMap(
    (place) => place.split(':').slice(2).join(':') || [],
  );
  return {
    ids: [...new Set([...valuesOf((name) => name.endsWith('_id')), ...places])].slice(0, mostIds),
    customers: valuesOf((name) => name === 'customer_id').slice(0, mostIds),
  };
}
