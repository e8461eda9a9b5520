import { addAmounts } from '../../../core/money';
import type { Org, OrgRecord } from './org';
import { isNumeric, type FieldInfo, type ObjectInfo } from './org-schema';
import type { SoqlResult } from './soql-result';
import { queryError } from './salesforce-error';
import type { Aggregate, SoqlQuery, Term } from './soql-ast';
import { comparableOf, compareComparables, compileCondition, type TermReader } from './soql-filter';
import { requireUsable, resolveField, type ResolvedField, type SoqlScope } from './soql-scope';
import { csvValue, jsonValue, type FieldValue } from './wire-format';

type Group = readonly OrgRecord[];

/** A column of the answer: what it is called, and how a group gives its value. */
interface Column extends TermReader<Group> {
  name: string;
}

/** GROUP BY and functions over groups; without GROUP BY there is one group, even an empty one. */
export function groupRows(
  query: SoqlQuery,
  object: ObjectInfo,
  rows: readonly OrgRecord[],
  scope: SoqlScope,
): SoqlResult {
  const keys = query.groupBy.map((path) => {
    const resolved = resolveField(path, query, object, scope);
    requireUsable(resolved, 'grouped', path.at, query, scope);
    return resolved;
  });
  const readerOf = (term: Term): TermReader<Group> =>
    term.kind === 'aggregate'
      ? aggregateReader(term, query, object, scope)
      : groupedReader(resolveField(term, query, object, scope), keys, term, query);
  const columns = columnsOf(query, readerOf);
  const holds =
    query.having === null ? () => true : compileCondition(query.having, readerOf, query, scope);
  const order = query.orderBy.map((item) => ({ ...item, reader: readerOf(item.term) }));
  const groups = groupsOf(rows, keys).filter((group) => holds(group));
  groups.sort((a, b) => {
    for (const { reader, descending } of order) {
      const { read, field } = reader;
      const decided = compareComparables(
        comparableOf(read(a), field),
        comparableOf(read(b), field),
      );
      if (decided !== 0) return descending ? -decided : decided;
    }
    return 0;
  });
  const page = groups.slice(query.offset, query.offset + (query.limit ?? Infinity));
  const at = (index: number): Group => page[index] ?? [];
  return {
    object: object.name,
    totalSize: page.length,
    rowCount: page.length,
    isAggregate: true,
    columns: columns.map(({ name }) => name),
    json: (index) => {
      const values = columns.map(
        ({ name, read, field }) => `"${name}":${jsonValue(read(at(index)), field.type)}`,
      );
      return `{${['"attributes":{"type":"AggregateResult"}', ...values].join(',')}}`;
    },
    cells: (index) => columns.map(({ read, field }) => csvValue(read(at(index)), field.type)),
  };
}

/** Functions without an alias are called expr0, expr1, … in the order of the query. */
function columnsOf(query: SoqlQuery, readerOf: (term: Term) => TermReader<Group>): Column[] {
  let unnamed = 0;
  return query.select.map(({ term, alias }) => {
    const { field, read } = readerOf(term);
    if (alias !== null) return { name: alias, field, read };
    if (term.kind === 'field') return { name: field.name, field, read };
    unnamed += 1;
    return { name: `expr${unnamed - 1}`, field, read };
  });
}

function groupsOf(rows: readonly OrgRecord[], keys: readonly ResolvedField[]): Group[] {
  if (keys.length === 0) return [rows];
  const groups = new Map<string, OrgRecord[]>();
  for (const row of rows) {
    const key = JSON.stringify(keys.map(({ read, field }) => comparableOf(read(row), field)));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function groupedReader(
  resolved: ResolvedField,
  keys: readonly ResolvedField[],
  { at }: { at: number },
  query: SoqlQuery,
): TermReader<Group> {
  const name = resolved.path.join('.');
  if (!keys.some((key) => key.path.join('.') === name))
    throw queryError(
      'MALFORMED_QUERY',
      query.text,
      at,
      `Field must be grouped or aggregated: ${name}`,
    );
  return {
    field: resolved.field,
    read: ([first]) => (first === undefined ? null : resolved.read(first)),
  };
}

function aggregateReader(
  { call, field: path, at }: Aggregate,
  query: SoqlQuery,
  object: ObjectInfo,
  scope: SoqlScope,
): TermReader<Group> {
  const resolved = resolveField(path, query, object, scope);
  const { field, read } = resolved;
  const rates = corporateRates(scope.org, scope.nowMs);
  const inCorporate = (row: OrgRecord): FieldValue =>
    corporateValue(read(row), field, resolved.owner(row)?.CurrencyIsoCode ?? null, rates);
  const valuesOf = (group: Group): FieldValue[] =>
    group.map(inCorporate).filter((value) => value !== null && value !== '');
  const whole: FieldInfo = { ...field, type: 'int' };
  switch (call) {
    case 'COUNT':
      return { field: whole, read: (group) => valuesOf(group).length };
    case 'COUNT_DISTINCT':
      return {
        field: whole,
        read: (group) => new Set(valuesOf(group).map((value) => comparableOf(value, field))).size,
      };
    case 'MIN':
    case 'MAX':
      return { field, read: (group) => extreme(valuesOf(group), field, call) };
    case 'SUM':
    case 'AVG': {
      if (!isNumeric(field.type))
        throw queryError(
          'MALFORMED_QUERY',
          query.text,
          at,
          `field ${field.name} does not support aggregate operator ${call}`,
        );
      return {
        field: { ...field, type: field.type === 'int' && call === 'SUM' ? 'int' : 'double' },
        read: (group) => totalOf(valuesOf(group).map(String), call),
      };
    }
  }
}

function extreme(values: readonly FieldValue[], field: FieldInfo, call: 'MIN' | 'MAX'): FieldValue {
  const sign = call === 'MIN' ? 1 : -1;
  return values.reduce<FieldValue>(
    (best, value) =>
      best === null ||
      sign * compareComparables(comparableOf(value, field), comparableOf(best, field)) < 0
        ? value
        : best,
    null,
  );
}

/** Exact over decimal texts; null when there is nothing to add. */
function totalOf(values: readonly string[], call: 'SUM' | 'AVG'): FieldValue {
  if (values.length === 0) return null;
  const total = values.reduce(addAmounts, '0');
  return call === 'SUM' ? total : Number(total) / values.length;
}

/** Units of each currency for one of the corporate currency; empty in an org with one currency. */
function corporateRates(org: Org, nowMs: number): ReadonlyMap<string, number> {
  const rows = org.rows('CurrencyType', nowMs);
  return new Map(rows.map((row) => [String(row.IsoCode), Number(row.ConversionRate)]));
}

/**
 * Aggregates of currency fields come in the org's corporate currency, whatever the groups are in
 * (SOQL reference, Querying Currency Fields in Multi-Currency Orgs): corporate = own / rate.
 */
function corporateValue(
  value: FieldValue,
  { type }: FieldInfo,
  currency: FieldValue,
  rates: ReadonlyMap<string, number>,
): FieldValue {
  const rate = type === 'currency' ? (rates.get(String(currency)) ?? 1) : 1;
  return value === null || value === '' || rate === 1 ? value : Number(value) / rate;
}
