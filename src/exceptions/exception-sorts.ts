import { z } from 'zod';
import { InvalidInput } from '../core/problem';
import { instantSql } from '../platform/http/fields';
import type { ExceptionSort } from './exceptions.contract';

/** How a list is ordered, so that a page can go on where the one before it ended. */
interface Sort {
  /** SQL of the order; the id at its end makes it total. */
  order: string;
  /** SQL that gives the place of a row as text. */
  place: string;
  /** SQL that is true for rows after the place bound as :place and :id. */
  after: string;
  /** What a place looks like: nothing else reaches Postgres. */
  form: RegExp;
}

const instantForm = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const firstSeen = instantSql('e.first_seen_at');
const impact = 'coalesce(e.impact, -1)';
const due = `coalesce(e.due_on, 'infinity'::date)`;

/** Keyset conditions say twice where they begin: the first is what an index understands. */
export const sorts: Readonly<Record<ExceptionSort, Sort>> = {
  newest: {
    order: 'e.first_seen_at desc, e.exception_id',
    place: firstSeen,
    after: `e.first_seen_at <= cast(:place as timestamptz)
      and (e.first_seen_at < cast(:place as timestamptz) or e.exception_id > cast(:id as uuid))`,
    form: instantForm,
  },
  oldest: {
    order: 'e.first_seen_at, e.exception_id desc',
    place: firstSeen,
    after: `e.first_seen_at >= cast(:place as timestamptz)
      and (e.first_seen_at > cast(:place as timestamptz) or e.exception_id < cast(:id as uuid))`,
    form: instantForm,
  },
  impact: {
    order: `${impact} desc, e.exception_id`,
    place: `cast(${impact} as text)`,
    after: `${impact} <= cast(:place as numeric)
      and (${impact} < cast(:place as numeric) or e.exception_id > cast(:id as uuid))`,
    form: /^-?\d{1,32}(\.\d{1,6})?$/,
  },
  severity: {
    order: 'e.severity_rank desc, e.first_seen_at desc, e.exception_id',
    place: `e.severity_rank || ' ' || ${firstSeen}`,
    after: `e.severity_rank <= cast(left(:place, 1) as smallint)
      and (e.severity_rank < cast(left(:place, 1) as smallint)
        or e.first_seen_at < cast(substr(:place, 3) as timestamptz)
        or (e.first_seen_at = cast(substr(:place, 3) as timestamptz)
          and e.exception_id > cast(:id as uuid)))`,
    form: /^[1-4] [1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
  },
  due: {
    order: `${due}, e.exception_id`,
    place: `cast(${due} as text)`,
    after: `${due} >= cast(:place as date)
      and (${due} > cast(:place as date) or e.exception_id > cast(:id as uuid))`,
    form: /^(infinity|[1-9]\d{3}-\d\d-\d\d)$/,
  },
};

const cursorSchema = z.tuple([z.string(), z.string(), z.guid()]);

/** Where a page ended: its sort, the place of its last row, and that row's id. */
export function encodePlace(sort: ExceptionSort, place: string, id: string): string {
  return Buffer.from(JSON.stringify([sort, place, id])).toString('base64url');
}

/** Throws InvalidInput for a cursor that is none, or of a list that was sorted otherwise. */
export function decodePlace(cursor: string, sort: ExceptionSort): { place: string; id: string } {
  const parsed = cursorSchema.safeParse(parsedJson(cursor));
  if (parsed.success) {
    const [of, place, id] = parsed.data;
    if (of === sort && sorts[sort].form.test(place) && isPlace(place)) return { place, id };
  }
  throw new InvalidInput('request', [
    {
      field: 'cursor',
      message: 'is not a cursor of this list.',
      remedy: 'Use next_cursor of the page before with the same sort, or leave it out.',
    },
  ]);
}

/** A day that is none, such as 2026-02-30, has the form of one. */
const isPlace = (place: string): boolean => {
  const day = /\d{4}-\d\d-\d\d.*/.exec(place)?.[0];
  return day === undefined || !Number.isNaN(Date.parse(day));
};

function parsedJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null; // no cursor either; refused by its caller
  }
}
