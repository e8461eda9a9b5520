import { invalidRequest } from './stripe-error';

/** Parameters of a request: `created[gte]=1` is { created: { gte: '1' } }. */
export interface Params {
  [name: string]: string | string[] | Params;
}

/** Reads a query or a form as Stripe does: brackets nest, `expand[]` and `expand[0]` are lists. */
export function parseParams(text: string): Params {
  const params: Params = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const [head = '', ...rest] = name.split('[').map((part) => part.replace(/\]$/, ''));
    const [key] = rest;
    if (key === undefined) params[head] = value;
    else if (/^\d*$/.test(key)) params[head] = [...listOf(params[head]), value];
    else if (rest.length === 1) params[head] = { ...inside(params[head]), [key]: value };
    else {
      const list = /^\d*$/.test(rest[1] ?? '');
      const within = inside(params[head]);
      const deeper = list ? [...listOf(within[key]), value] : { [rest[1] ?? '']: value };
      params[head] = { ...within, [key]: deeper };
    }
  }
  return params;
}

export const listOf = (value: Params[string] | undefined): string[] =>
  Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];

export const inside = (value: Params[string] | undefined): Params =>
  typeof value === 'object' && !Array.isArray(value) ? value : {};

export const textOf = (value: Params[string] | undefined): string | null =>
  typeof value === 'string' ? value : null;

export function integerOf(params: Params, name: string): number | null {
  const value = params[name];
  if (value === undefined) return null;
  if (typeof value !== 'string' || !/^-?\d+$/.test(value))
    throw invalidRequest(
      'parameter_invalid_integer',
      `Invalid integer: ${typeof value === 'string' ? value : name}`,
      name,
    );
  return Number(value);
}

/** Instants from and before which a range holds. */
export interface Range {
  from: number;
  before: number;
}

/** A range filter such as created: exact, or gt, gte, lt and lte. */
export function rangeOf(params: Params, name: string): Range | null {
  const value = params[name];
  if (value === undefined) return null;
  const exact = typeof value === 'string' ? integerOf(params, name) : null;
  if (exact !== null) return { from: exact, before: exact + 1 };
  const bounds = inside(value);
  const range: Range = { from: 0, before: Infinity };
  for (const operator of Object.keys(bounds)) {
    const at = integerOf(bounds, operator) ?? 0;
    if (operator === 'gte') range.from = Math.max(range.from, at);
    else if (operator === 'gt') range.from = Math.max(range.from, at + 1);
    else if (operator === 'lt') range.before = Math.min(range.before, at);
    else if (operator === 'lte') range.before = Math.min(range.before, at + 1);
    else throw unknownParameter(`${name}[${operator}]`);
  }
  return range;
}

export const unknownParameter = (name: string): Error =>
  invalidRequest('parameter_unknown', `Received unknown parameter: ${name}`, name);
