import { ExactNumber, exactNumberText, type Payload } from './exact-json';
import { MappingProblem, type JsonText, type MappingProblemCode } from './mapping';

type Fields = Record<string, Payload>;

/**
 * Reads a payload field by field and throws MappingProblem for what is not as expected. Three ways
 * to ask: `text('x')` must be there with a value; `nullableText('x')` must be there and may be
 * null; `optionalText('x')` may be absent as well, for fields that only some versions have.
 */
export class PayloadReader {
  private constructor(
    private readonly fields: Fields,
    private readonly path: string,
    private readonly origin: { object: string; objectId: string },
  ) {}

  static of(payload: Payload, origin: { object: string; objectId: string }): PayloadReader {
    if (isFields(payload)) return new PayloadReader(payload, '', origin);
    throw new MappingProblem(origin.object, origin.objectId, '$', 'wrong_type', 'is no object.');
  }

  has(name: string): boolean {
    return Object.hasOwn(this.fields, name);
  }

  /** True when the field holds something other than null. */
  holds(name: string): boolean {
    return this.has(name) && this.fields[name] !== null;
  }

  problem(name: string, code: MappingProblemCode, message: string): MappingProblem {
    const { object, objectId } = this.origin;
    return new MappingProblem(object, objectId, this.path + name, code, message);
  }

  text(name: string): string {
    return this.required(name, this.nullableText(name));
  }
  nullableText(name: string): string | null {
    this.mustHave(name);
    return this.optionalText(name);
  }
  optionalText(name: string): string | null {
    const value = this.fields[name] ?? null;
    if (value === null) return null;
    // Postgres keeps no NUL in a text, and none that makes sense has one.
    if (typeof value === 'string' && !value.includes('\0')) return value;
    throw this.wrong(name, 'text');
  }

  boolean(name: string): boolean {
    const value = this.optionalBoolean(name);
    this.mustHave(name);
    return this.required(name, value);
  }
  optionalBoolean(name: string): boolean | null {
    const value = this.fields[name] ?? null;
    if (value === null || typeof value === 'boolean') return value;
    throw this.wrong(name, 'true or false');
  }

  /** A whole number, as text. */
  integer(name: string): string {
    this.mustHave(name);
    return this.required(name, this.optionalInteger(name));
  }
  optionalInteger(name: string): string | null {
    const text = this.optionalDecimal(name);
    if (text === null || /^-?\d+$/.test(text)) return text;
    throw this.wrong(name, 'a whole number');
  }

  /** A number, or a text that holds one, as decimal text without an exponent. */
  decimal(name: string): string {
    this.mustHave(name);
    return this.required(name, this.optionalDecimal(name));
  }
  optionalDecimal(name: string): string | null {
    const value = this.fields[name] ?? null;
    if (value === null) return null;
    if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return value;
    const text = exactNumberText(value);
    if (text === null) throw this.wrong(name, 'a number');
    return text;
  }

  /** One of the known values; anything else has a meaning that the mapping does not know. */
  oneOf<V extends string>(name: string, known: ReadonlySet<V>): V {
    this.mustHave(name);
    return this.required(name, this.optionalOneOf(name, known));
  }
  optionalOneOf<V extends string>(name: string, known: ReadonlySet<V>): V | null {
    const value = this.optionalText(name);
    if (value === null || (known as ReadonlySet<string>).has(value)) return value as V | null;
    throw this.problem(name, 'unknown_value', `has the unknown value ${shown(value)}.`);
  }

  /** The id of an object that may be there by id or in full. */
  id(name: string): string {
    this.mustHave(name);
    return this.required(name, this.optionalId(name));
  }
  nullableId(name: string): string | null {
    this.mustHave(name);
    return this.optionalId(name);
  }
  optionalId(name: string): string | null {
    const value = this.fields[name] ?? null;
    if (value === null || typeof value === 'string') return value;
    if (isFields(value) && typeof value['id'] === 'string') return value['id'];
    throw this.wrong(name, 'an id');
  }

  object(name: string): PayloadReader {
    this.mustHave(name);
    return this.required(name, this.optionalObject(name));
  }
  optionalObject(name: string): PayloadReader | null {
    const value = this.fields[name] ?? null;
    if (value === null) return null;
    if (isFields(value)) return new PayloadReader(value, `${this.path}${name}.`, this.origin);
    throw this.wrong(name, 'an object');
  }
  /** The object where the field holds one in full; null where it is absent, null or only an id. */
  expanded(name: string): PayloadReader | null {
    return typeof this.fields[name] === 'string' ? null : this.optionalObject(name);
  }

  /** The objects of a list; null where it is absent or null. */
  optionalObjects(name: string): PayloadReader[] | null {
    const value = this.fields[name] ?? null;
    if (value === null) return null;
    if (!Array.isArray(value)) throw this.wrong(name, 'a list');
    return value.map((item, at) => {
      if (isFields(item)) return new PayloadReader(item, `${this.path}${name}.${at}.`, this.origin);
      throw this.wrong(`${name}.${at}`, 'an object');
    });
  }
  objects(name: string): PayloadReader[] {
    this.mustHave(name);
    return this.required(name, this.optionalObjects(name));
  }
  /** The texts of a list, or the ids of its objects; null where it is absent or null. */
  optionalTexts(name: string): string[] | null {
    const value = this.fields[name] ?? null;
    if (value === null) return null;
    if (!Array.isArray(value)) throw this.wrong(name, 'a list');
    return value.map((item, at) => {
      if (typeof item === 'string') return item;
      if (isFields(item) && typeof item['id'] === 'string') return item['id'];
      throw this.wrong(`${name}.${at}`, 'text');
    });
  }

  /** The names of all fields. */
  names(): string[] {
    return Object.keys(this.fields);
  }

  /** The value as it stands, with numbers as texts, for a column of JSON. */
  json(name: string): JsonText {
    return asText(this.fields[name] ?? null);
  }

  private mustHave(name: string): void {
    if (!this.has(name)) throw this.problem(name, 'missing_field', 'is missing.');
  }
  private required<T>(name: string, value: T | null): T {
    if (value === null) throw this.problem(name, 'missing_field', 'is null, and is needed.');
    return value;
  }
  private wrong(name: string, expected: string): MappingProblem {
    return this.problem(name, 'wrong_type', `is not ${expected}.`);
  }
}

function isFields(value: Payload | undefined): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof ExactNumber)
  );
}

function asText(value: Payload): JsonText {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(asText);
  const number = exactNumberText(value);
  if (number !== null) return number;
  if (!isFields(value)) return null;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, asText(item)]));
}

/** Words of a protocol are short and plain; anything else is somebody's data and is not shown. */
function shown(value: string): string {
  return /^[A-Za-z0-9_. -]{1,40}$/.test(value) ? `'${value}'` : `of ${value.length} characters`;
}
