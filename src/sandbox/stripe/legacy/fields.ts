/** A JSON object whose fields are read by name, whatever version it is of. */
export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object in this field; an empty one where there is none. */
export function fieldsIn(of: Fields, name: string): Fields {
  const value = of[name];
  return isFields(value) ? value : {};
}

/** The objects in this field, of an array or of a list object. */
export function listIn(of: Fields, name: string): Fields[] {
  const value = of[name];
  const items: unknown = isFields(value) ? value.data : value;
  return Array.isArray(items) ? items.filter(isFields) : [];
}

/** A text, or the id of an object that was expanded; null where there is neither. */
export function idIn(of: Fields, name: string): string | null {
  const value = of[name];
  if (typeof value === 'string') return value;
  return isFields(value) && typeof value.id === 'string' ? value.id : null;
}

export const numberIn = (of: Fields, name: string): number => {
  const value = of[name];
  return typeof value === 'number' ? value : 0;
};

/** A copy without these fields. */
export const without = (of: Fields, ...names: string[]): Fields =>
  Object.fromEntries(Object.entries(of).filter(([name]) => !names.includes(name)));
