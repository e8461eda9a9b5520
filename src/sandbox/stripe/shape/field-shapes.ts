/** JSON types by field path, by object: shapes.invoice['status_transitions.paid_at']. */
export type FieldShapes = Record<string, Record<string, string[]>>;

/** Fields whose keys are data. */
const maps = new Set(['metadata', 'invoice_credit_balance', 'currency_options', 'custom_fields']);

const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/**
 * Notes the fields of every object inside a JSON value. An object that says what it is begins a
 * path of its own; in an array the path goes through '[]'. The payload of an event is not followed:
 * it is of the version of its endpoint.
 */
export function noteShapes(value: unknown, shapes: FieldShapes, kinds: ReadonlySet<string>): void {
  if (Array.isArray(value)) for (const item of value) noteShapes(item, shapes, kinds);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const kind: unknown = Reflect.get(value, 'object');
  if (typeof kind === 'string' && kinds.has(kind)) noteFields(value, (shapes[kind] ??= {}), '');
  for (const [name, inner] of Object.entries(value))
    if (!(kind === 'event' && name === 'data')) noteShapes(inner, shapes, kinds);
}

function noteFields(value: object, fields: Record<string, string[]>, path: string): void {
  for (const [name, inner] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    note(fields, at, typeOf(inner));
    if (maps.has(name) || (path === '' && name === 'data')) continue;
    follow(inner, fields, at);
  }
}

function follow(inner: unknown, fields: Record<string, string[]>, at: string): void {
  if (Array.isArray(inner))
    for (const item of inner) {
      note(fields, `${at}[]`, typeOf(item));
      follow(item, fields, `${at}[]`);
    }
  else if (typeof inner === 'object' && inner !== null) {
    const kind: unknown = Reflect.get(inner, 'object');
    if (typeof kind !== 'string') noteFields(inner, fields, at);
  }
}

function note(fields: Record<string, string[]>, path: string, type: string): void {
  const types = (fields[path] ??= []);
  if (!types.includes(type)) types.push(type);
}

/** The same with paths and types in order, for a file. */
export const sortedShapes = (shapes: FieldShapes): FieldShapes =>
  Object.fromEntries(
    Object.entries(shapes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, fields]) => [
        kind,
        Object.fromEntries(
          Object.entries(fields)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([path, types]) => [path, [...types].sort()]),
        ),
      ]),
  );
