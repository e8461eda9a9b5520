import { canonicalJson, sha256Hex, type Json } from '../core/canonical-json';
import type { Payload } from './exact-json';

/**
 * A value of a column: decimals, dates and instants as text, lists of text, JSON with text
 * numbers.
 */
export type Cell = string | boolean | null | readonly string[] | { json: JsonText };
export type JsonText = string | boolean | null | JsonText[] | { [field: string]: JsonText };

/** Columns that are left out are null; the table's defaults do not apply. */
export type BooksRow = Readonly<Record<string, Cell | undefined>>;

/** Rows for tables of the books, by their plural names. */
export type MappedRows = Record<string, BooksRow[]>;

/** A legal entity as mappings need it. */
export interface MappingEntity {
  entityId: string;
  /** IANA name; accounting dates are days in it. */
  bookZone: string;
}

/** A raw object as mappings get it. */
export interface RawObject {
  object: string;
  objectId: string;
  /** ISO 8601, UTC. */
  observedAt: string;
  apiVersion: string | null;
  payload: Payload;
  /** Lists that the source hands over apart, by the end of their object's name: `lines`. */
  parts: Readonly<Record<string, Payload>>;
}

/**
 * How one kind of object becomes rows. Deterministic: the same raw object and context give the same
 * rows, byte for byte. Throws MappingProblem for what it does not know.
 */
export interface ObjectMapping<Context> {
  /** As in the raw store: `invoice`, `Opportunity`. */
  object: string;
  /** Lists landed apart under `<object>.<part>` and the id of the object. */
  parts?: readonly string[];
  /** Every table that rows of it land in. */
  tables: readonly string[];
  map(raw: RawObject, context: Context): MappedRows;
  /** What is left of an object that is gone without saying what it was; nothing by default. */
  mapDeleted?(raw: Omit<RawObject, 'payload' | 'parts'>, context: Context): MappedRows;
}

/**
 * Names a version of some mappings together with their context, of plain values, as it is here:
 * `stripe-5 0a1b2c3d4e5f`. What another one derived is derived again, whichever of both changed.
 */
export function mappingVersion(mappings: string, context: object): string {
  return `${mappings} ${sha256Hex(canonicalJson(context as Json)).slice(0, 12)}`;
}

export type MappingProblemCode =
  | 'missing_field'
  | 'wrong_type'
  | 'unknown_value'
  | 'unknown_currency'
  | 'unknown_api_version'
  | 'unknown_entity'
  | 'incomplete_list'
  | 'wrong_mode'
  | 'inconsistent'
  | 'held_elsewhere';

/** Why an object of a source cannot become rows: says where and what, never whose data it is. */
export class MappingProblem extends Error {
  constructor(
    readonly object: string,
    readonly objectId: string,
    /** Dotted path in the payload, list positions from 0. */
    readonly field: string,
    readonly code: MappingProblemCode,
    message: string,
  ) {
    super(`${object} ${objectId}: ${field} ${message}`);
    this.name = 'MappingProblem';
  }
}
