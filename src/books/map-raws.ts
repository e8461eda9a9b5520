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
  return raws
    .filter((raw) => raw.object === mapping.object)
    .map((raw) => {
      const { object, objectId, extractId, payloadSha256: rawSha256 } = raw;
      const origin = { account, object, objectId, extractId, rawSha256 };
      try {
        return { origin, rows: mapOne(raw, parts.get(objectId) ?? [], mapping, context) };
      } catch (cause) {
        if (cause instanceof MappingProblem) return { origin, problem: cause };
        throw cause;
      }
    });
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
