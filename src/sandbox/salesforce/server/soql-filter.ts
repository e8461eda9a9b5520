import { utcDay } from '../../kit/instants';
import { dateRange, instantsOf } from './date-range';
import type { OrgRecord } from './org';
import { isNumeric, isSalesforceId, shortId, type FieldInfo, type ObjectInfo } from './org-schema';
import { queryError, type SalesforceError } from './salesforce-error';
import type { Comparison, Condition, Literal, SoqlQuery, Term } from './soql-ast';
import { requireUsable, resolveField, type ResolvedField, type SoqlScope } from './soql-scope';
import type { FieldValue } from './wire-format';

/** What two values are compared by; null is no value. */
export type Comparable = string | number | boolean | null;

/** Text is compared without regard to case, ids by their first 15 characters, instants as such. */
export function comparableOf(value: FieldValue, { type }: FieldInfo): Comparable {
  if (value === null || value === '') return null;
  if (isNumeric(type)) return Number(value);
  if (type === 'datetime') return Date.parse(String(value));
  if (type === 'boolean') return value;
  if (type === 'date') return String(value);
  const isId = type === 'id' || type === 'reference';
  return isId ? shortId(String(value)) : String(value).toLowerCase();
}

/** Nulls are equal and come before all else; both sides are of one type. */
export function compareComparables(a: Comparable, b: Comparable): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}

/** How a condition gets the value that a term stands for. */
export interface TermReader<Row> {
  field: FieldInfo;
  read: (row: Row) => FieldValue;
}

/** A condition as a function of a row; every field and literal in it is checked first. */
export function compileCondition<Row>(
  condition: Condition,
  readerOf: (term: Term, at: number) => TermReader<Row>,
  query: SoqlQuery,
  scope: SoqlScope,
): (row: Row) => boolean {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => compileCondition(part, readerOf, query, scope));
      return condition.kind === 'and'
        ? (row) => parts.every((part) => part(row))
        : (row) => parts.some((part) => part(row));
    }
    case 'not': {
      const part = compileCondition(condition.part, readerOf, query, scope);
      return (row) => !part(row);
    }
    case 'compare': {
      const { comparison, values, at } = condition;
      const { field, read } = readerOf(condition.term, at);
      const tests = values.map((value) => testOf(field, comparison, value, query, scope));
      const any = (value: Comparable): boolean => tests.some((test) => test(value));
      const holds = comparison === 'NOT IN' ? (value: Comparable) => !any(value) : any;
      return (row) => holds(comparableOf(read(row), field));
    }
  }
}

/** Conditions of WHERE: terms are fields that may be filtered by. */
export function compileWhere(
  condition: Condition,
  query: SoqlQuery,
  object: ObjectInfo,
  scope: SoqlScope,
): (row: OrgRecord) => boolean {
  const readerOf = (term: Term, at: number): ResolvedField => {
    if (term.kind === 'aggregate')
      throw queryError('MALFORMED_QUERY', query.text, at, 'aggregate functions stand in HAVING');
    const resolved = resolveField(term, query, object, scope);
    requireUsable(resolved, 'filtered', at, query, scope);
    return resolved;
  };
  return compileCondition(condition, readerOf, query, scope);
}

function testOf(
  field: FieldInfo,
  comparison: Comparison,
  literal: Literal,
  query: SoqlQuery,
  scope: SoqlScope,
): (value: Comparable) => boolean {
  if (comparison === 'LIKE') return likeTest(field, literal, query);
  if (literal.kind === 'null') return nullTest(comparison);
  const { from, to } = boundsOf(field, literal, query, scope);
  const isAt = (value: Comparable): boolean =>
    from === to
      ? value === from
      : value !== null && from !== null && to !== null && value >= from && value < to;
  const isBelow = (value: Comparable): boolean => value !== null && from !== null && value < from;
  const isAbove = (value: Comparable): boolean =>
    value !== null && to !== null && (from === to ? value > to : value >= to);
  switch (comparison) {
    case '=':
    case 'IN':
    case 'NOT IN':
      return isAt;
    case '!=':
      return (value) => !isAt(value);
    case '<':
      return isBelow;
    case '<=':
      return (value) => isBelow(value) || isAt(value);
    case '>':
      return isAbove;
    case '>=':
      return (value) => isAbove(value) || isAt(value);
  }
}

const nullTest =
  (comparison: Comparison) =>
  (value: Comparable): boolean =>
    comparison === '!='
      ? value !== null
      : comparison !== '<' && comparison !== '>' && value === null;

function likeTest(
  field: FieldInfo,
  literal: Literal,
  query: SoqlQuery,
): (value: Comparable) => boolean {
  if (literal.kind !== 'text') throw wrongType(field, literal, query);
  const source = literal.text.replace(/\\([%_])|([%_])|([\s\S])/g, (_all, escaped, wild, plain) => {
    if (wild !== undefined) return wild === '%' ? '[\\s\\S]*' : '[\\s\\S]';
    return String(escaped ?? plain).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  });
  const pattern = new RegExp(`^${source}$`, 'i');
  return (value) => value !== null && pattern.test(String(value));
}

/** From and to of a literal as the field's comparable: equal for one value, half-open for days. */
function boundsOf(
  field: FieldInfo,
  literal: Exclude<Literal, { kind: 'null' }>,
  query: SoqlQuery,
  scope: SoqlScope,
): { from: Comparable; to: Comparable } {
  const { type } = field;
  if (literal.kind === 'range') {
    const today = scope.zone.dayOf(Math.floor(scope.nowMs / 1000));
    const range = dateRange(literal.name, literal.count, today);
    if (range === undefined)
      throw queryError(
        'MALFORMED_QUERY',
        query.text,
        literal.at,
        `unexpected token: '${literal.name}'`,
      );
    if (type === 'date') return range;
    if (type === 'datetime') return instantsOf(range, scope.zone);
    throw wrongType(field, literal, query);
  }
  const value = pointOf(field, literal, query);
  return { from: value, to: value };
}

function pointOf(
  field: FieldInfo,
  literal: Exclude<Literal, { kind: 'null' | 'range' }>,
  query: SoqlQuery,
): Comparable {
  const { type } = field;
  const isText = !isNumeric(type) && !['boolean', 'date', 'datetime'].includes(type);
  if (literal.kind === 'text' && isText) {
    const isId = type === 'id' || type === 'reference';
    if (isId && literal.text !== '' && !isSalesforceId(literal.text))
      throw queryError(
        'INVALID_QUERY_FILTER_OPERATOR',
        query.text,
        literal.at,
        `invalid ID field: ${literal.text}`,
      );
    return comparableOf(literal.text, field);
  }
  if (literal.kind === 'number' && isNumeric(type)) return Number(literal.text);
  if (literal.kind === 'boolean' && type === 'boolean') return literal.value;
  if (literal.kind === 'date' && type === 'date') return utcDay(Date.parse(literal.day) / 1000);
  if (literal.kind === 'datetime' && type === 'datetime') return literal.ms;
  throw wrongType(field, literal, query);
}

function wrongType(field: FieldInfo, literal: Literal, query: SoqlQuery): SalesforceError {
  const { name, type } = field;
  const isText = ['id', 'reference', 'string', 'picklist', 'email', 'textarea'].includes(type);
  const written = type === 'datetime' ? 'dateTime' : isText ? 'string' : type;
  return queryError(
    'INVALID_FIELD',
    query.text,
    literal.at,
    `value of filter criterion for field '${name}' must be of type ${written} and should ` +
      `${isText ? '' : 'not '}be enclosed in quotes`,
  );
}
