import { z } from 'zod';
import { InvalidInput } from '../../core/problem';

const largestPage = 200;
const usualPage = 50;

/** Where a page ends: the instant and the id of its last entry, both of which never change. */
export interface Position {
  /** ISO 8601, UTC, microseconds: as exact as Postgres keeps it. */
  at: string;
  id: string;
}

export interface Page<Entry> {
  items: Entry[];
  /** null on the last page. */
  next_cursor: string | null;
}

/** The two query parameters of every list. */
export const pageQuery = {
  cursor: z.string().max(200).optional().describe('`next_cursor` of the page before.'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(largestPage)
    .default(usualPage)
    .describe(`Most entries to return, up to ${largestPage}.`),
};

/** One or several of some words, separated by commas: `open,acknowledged`. */
export const listOf = <Word extends string>(
  words: readonly Word[],
): z.ZodPipe<z.ZodString, z.ZodTransform<Word[], string>> =>
  z
    .string()
    .regex(
      new RegExp(`^(${words.join('|')})(,(${words.join('|')}))*$`),
      `must be of ${words.join(', ')}`,
    )
    .transform((text) => [...new Set(text.split(','))].filter((one) => isOneOf(one, words)));

const isOneOf = <Word extends string>(text: string, words: readonly Word[]): text is Word =>
  words.some((word) => word === text);

export function pageOf<Entry extends z.ZodType>(
  entry: Entry,
  id: string,
): z.ZodObject<{ items: z.ZodArray<Entry>; next_cursor: z.ZodNullable<z.ZodString> }> {
  const cursor = z.string().nullable().describe('Of the next page; null on the last.');
  return z.object({ items: z.array(entry), next_cursor: cursor }).meta({ id });
}

const positionSchema = z.tuple([
  z.iso.datetime().refine((at) => at >= '1970' && at < '9999', 'is beyond the calendar'),
  z.guid(),
]);

export function encodeCursor({ at, id }: Position): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

/** Throws InvalidInput when a cursor is not one that encodeCursor made. */
export function decodeCursor(cursor: string): Position {
  const position = positionSchema.safeParse(parsedJson(cursor));
  if (!position.success)
    throw new InvalidInput('request', [
      {
        field: 'cursor',
        message: 'is not a cursor of this API.',
        remedy: 'Use next_cursor of the page before as it is, or leave it out.',
      },
    ]);
  const [at, id] = position.data;
  return { at, id };
}

function parsedJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null; // no position either; refused by its caller
  }
}

/**
 * The first `limit` of the entries read, which were one more where there is a next page.
 * `positionOf` tells where in the list an entry stands.
 */
export function cutPage<Row, Entry>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => Position,
  show: (row: Row) => Entry,
): Page<Entry> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    items: shown.map(show),
    next_cursor: more ? encodeCursor(positionOf(last)) : null,
  };
}
