import { booksTable } from './books-tables';
import type { Payload } from './exact-json';
import { parseExactJson } from './exact-json';
import { MappingProblem, type MappedRows, type ObjectMapping, type RawObject } from './mapping';
import type { LatestRaw, RawStream } from './raw-objects';
import type { RowOrigin } from './row-encoder';

/** What a raw object became: its rows, or why it has none. */
export type MappedObject = { origin: RowOrigin } & (
  { rows: MappedRows; problem?: undefined } | { rows?: undefined; problem: MappingProblem }
);

/** Maps the latest versions of some objects, each with what stands apart of it. */
export function mapRaws<Context>(
  raws: readonly LatestRaw[],
  mapping: ObjectMapping<Context>,
  { account }: RawStream,
  context: Context,
): MappedObject[] {
  const parts = new Map<string, LatestRaw[]>();
  for (const raw of raws)
    if (raw.object !== mapping.object)
      parts.set(raw.objectId, [...(parts.get(raw.objectId) ?? []), raw]);
  const keys = new Set<string>();
  return raws
    .filter((raw) => raw.object === mapping.object)
    .map((raw) => {
      const { object, objectId, extractId, payloadSha256: rawSha256 } = raw;
      const origin = { account, object, objectId, extractId, rawSha256 };
      try {
        const rows = mapOne(raw, parts.get(objectId) ?? [], mapping, context);
        refuseRepeatedKeys(rows, raw, keys);
        return { origin, rows };
      } catch (cause) {
        if (cause instanceof MappingProblem) return { origin, problem: cause };
        throw cause;
      }
    });
}

/** Two rows of one key cannot both be current: the object that gives the second is not mapped. */
function refuseRepeatedKeys(
  mapped: MappedRows,
  { object, objectId }: LatestRaw,
  taken: Set<string>,
): void {
  const own = new Set<string>();
  for (const [name, rows] of Object.entries(mapped)) {
    const { key } = booksTable(name);
    for (const row of rows) {
      const text = JSON.stringify([name, ...key.map((column) => row[column] ?? null)]);
      if (taken.has(text) || own.has(text)) {
        const says = `is the same in two rows of books.${name}.`;
        throw new MappingProblem(object, objectId, key.join(', '), 'inconsistent', says);
      }
      own.add(text);
    }
  }
  for (const text of own) taken.add(text);
}

function mapOne<Context>(
  raw: LatestRaw,
  apart: readonly LatestRaw[],
  mapping: ObjectMapping<Context>,
  context: Context,
): MappedRows {
  const { object, objectId, observedAt, apiVersion } = raw;
  const named = { object, objectId, observedAt, apiVersion };
  if (raw.isDeleted) return mapping.mapDeleted?.(named, context) ?? {};
  const parts: Record<string, Payload> = {};
  for (const part of apart) {
    if (!part.isDeleted) parts[part.object.slice(object.length + 1)] = parse(part, named);
  }
  return mapping.map({ ...named, payload: parse(raw, named), parts }, context);
}

function parse(raw: LatestRaw, named: Pick<RawObject, 'object' | 'objectId'>): Payload {
  try {
    return parseExactJson(raw.payload);
  } catch {
    throw new MappingProblem(named.object, named.objectId, '$', 'wrong_type', 'is no JSON.');
  }
}
