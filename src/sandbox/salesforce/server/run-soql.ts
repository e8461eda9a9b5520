import type { OrgRecord } from './org';
import type { FieldType, ObjectInfo } from './org-schema';
import { groupRows } from './group-rows';
import { parseSoql } from './parse-soql';
import { queryError, SalesforceError } from './salesforce-error';
import type { FieldPath, SoqlQuery } from './soql-ast';
import { comparableOf, compareComparables, compileWhere, type Comparable } from './soql-filter';
import {
  queriedObject,
  requireUsable,
  resolveField,
  type ParentLink,
  type ResolvedField,
  type SoqlScope,
} from './soql-scope';
import type { SoqlResult } from './soql-result';
import { withoutAggregates } from './standard-objects';
import { csvValue, jsonValue } from './wire-format';

export interface SoqlRunOptions {
  /** Deleted rows too: queryAll. */
  withDeleted: boolean;
  /** '/services/data/v66.0', for the addresses of records. */
  basePath: string;
}

/** Runs a query as this user at this instant. Throws SalesforceError in Salesforce's words. */
export function runSoql(soql: string, scope: SoqlScope, options: SoqlRunOptions): SoqlResult {
  const query = parseSoql(soql);
  const object = queriedObject(query, scope);
  const isAggregate =
    query.groupBy.length > 0 || query.select.some(({ term }) => term.kind === 'aggregate');
  if ((isAggregate || query.isCount) && withoutAggregates.has(object.name))
    throw new SalesforceError(
      400,
      'INVALID_TYPE_FOR_OPERATION',
      `entity type ${object.name} does not support aggregate`,
    );
  if (query.having !== null && !isAggregate)
    throw queryError('MALFORMED_QUERY', soql, soql.length, 'HAVING needs GROUP BY');
  if (isAggregate)
    return groupRows(query, object, matchingRows(query, object, scope, options), scope);
  return plainResult(query, object, scope, options);
}

function matchingRows(
  query: SoqlQuery,
  object: ObjectInfo,
  scope: SoqlScope,
  { withDeleted }: SoqlRunOptions,
): OrgRecord[] {
  const { org, access, nowMs } = scope;
  const holds = query.where === null ? () => true : compileWhere(query.where, query, object, scope);
  return org
    .rows(object.name, nowMs)
    .filter((row) => withDeleted || query.allRows || row.IsDeleted !== true)
    .filter((row) => access.canReadRow(object, row) && holds(row));
}

function plainResult(
  query: SoqlQuery,
  object: ObjectInfo,
  scope: SoqlScope,
  options: SoqlRunOptions,
): SoqlResult {
  const fields = query.select.map(({ term }) =>
    resolveField(term as FieldPath, query, object, scope),
  );
  refuseDoubles(fields, query);
  const order = orderOf(query, object, scope);
  const matching = matchingRows(query, object, scope, options);
  const ordered = order === null ? matching : sorted(matching, order);
  const rows = ordered.slice(query.offset, query.offset + (query.limit ?? Infinity));
  const write = jsonWriter(fields, object, options.basePath);
  const at = (index: number): OrgRecord => rows[index] ?? {};
  return {
    object: object.name,
    totalSize: rows.length,
    rowCount: query.isCount ? 0 : rows.length,
    isAggregate: query.isCount,
    columns: fields.map(({ path }) => path.join('.')),
    json: (index) => write(at(index)),
    cells: (index) => fields.map(({ read, field }) => csvValue(read(at(index)), field.type)),
  };
}

function refuseDoubles(fields: readonly ResolvedField[], query: SoqlQuery): void {
  const seen = new Set<string>();
  fields.forEach(({ path, field }, index) => {
    const name = path.join('.');
    const at = query.select[index]?.term.at ?? 0;
    if (seen.has(name))
      throw queryError('INVALID_FIELD', query.text, at, `duplicate field selected: ${field.name}`);
    seen.add(name);
  });
}

interface SortKey {
  read: (row: OrgRecord) => Comparable;
  sign: number;
  nullsFirst: boolean;
}

function orderOf(query: SoqlQuery, object: ObjectInfo, scope: SoqlScope): SortKey[] | null {
  if (query.orderBy.length === 0) return null;
  return query.orderBy.map(({ term, descending, nullsFirst }) => {
    if (term.kind === 'aggregate')
      throw queryError('MALFORMED_QUERY', query.text, term.at, 'aggregate without GROUP BY');
    const resolved = resolveField(term, query, object, scope);
    requireUsable(resolved, 'sorted', term.at, query, scope);
    return {
      read: (row) => comparableOf(resolved.read(row), resolved.field),
      sign: descending ? -1 : 1,
      nullsFirst,
    };
  });
}

function sorted(rows: readonly OrgRecord[], keys: readonly SortKey[]): OrgRecord[] {
  return rows
    .map((row) => ({ row, values: keys.map(({ read }) => read(row)) }))
    .sort((a, b) => {
      for (const [index, { sign, nullsFirst }] of keys.entries()) {
        const [left, right] = [a.values[index] ?? null, b.values[index] ?? null];
        const decided =
          left === null || right === null
            ? compareComparables(left, right) * (nullsFirst ? 1 : -1)
            : compareComparables(left, right) * sign;
        if (decided !== 0) return decided;
      }
      return 0;
    })
    .map(({ row }) => row);
}

interface JsonNode {
  fields: { name: string; type: FieldType }[];
  parents: Map<string, { node: JsonNode; link: ParentLink }>;
}

/** Fields of related records are nested: { "Account": { "attributes": …, "Name": … } }. */
function jsonWriter(
  fields: readonly ResolvedField[],
  object: ObjectInfo,
  basePath: string,
): (row: OrgRecord) => string {
  const root: JsonNode = { fields: [], parents: new Map() };
  for (const { field, parents } of fields) {
    let node = root;
    for (const link of parents) {
      const parent = node.parents.get(link.name) ?? {
        node: { fields: [], parents: new Map() },
        link,
      };
      node.parents.set(link.name, parent);
      node = parent.node;
    }
    node.fields.push({ name: field.name, type: field.type });
  }
  const write = (node: JsonNode, row: OrgRecord, origin: OrgRecord, type: string): string => {
    const own = node.fields.map(
      (field) => `"${field.name}":${jsonValue(row[field.name] ?? null, field.type)}`,
    );
    const related = [...node.parents].map(([name, parent]) => {
      const found = parent.link.find(origin);
      const json =
        found === undefined ? 'null' : write(parent.node, found, origin, parent.link.object);
      return `"${name}":${json}`;
    });
    return `{${[attributes(type, basePath, row), ...own, ...related].join(',')}}`;
  };
  return (row) => write(root, row, row, object.name);
}

/** The type of a record and its address. */
export const attributes = (type: string, basePath: string, row: OrgRecord): string =>
  `"attributes":${JSON.stringify({ type, url: `${basePath}/sobjects/${type}/${String(row.Id)}` })}`;
