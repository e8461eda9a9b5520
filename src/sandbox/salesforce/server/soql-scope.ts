import type { BookZone } from '../../kit/book-zone';
import type { Org, OrgRecord } from './org';
import type { FieldInfo, ObjectInfo } from './org-schema';
import { queryError } from './salesforce-error';
import type { FieldPath, SoqlQuery } from './soql-ast';
import type { UserAccess } from './stand-in-user';
import type { FieldValue } from './wire-format';

/** Who asks, of what, and when. */
export interface SoqlScope {
  org: Org;
  access: UserAccess;
  nowMs: number;
  zone: BookZone;
}

/** A path of the query, found in the schema. */
export interface ResolvedField {
  /** Canonical: ['Account', 'Name']. */
  path: readonly string[];
  /** The object that has the field. */
  object: ObjectInfo;
  field: FieldInfo;
  read: (row: OrgRecord) => FieldValue;
  /** The record that has it, by way of its relationships; undefined when there is none. */
  owner: (row: OrgRecord) => OrgRecord | undefined;
  /** Each relationship on the way, outermost first. */
  parents: readonly ParentLink[];
}

export interface ParentLink {
  name: string;
  object: string;
  find: (row: OrgRecord) => OrgRecord | undefined;
}

const ADVICE =
  'If you are attempting to use a custom field, be sure to append the __c after the custom field ' +
  'name. Please reference your WSDL or the describe call for the appropriate names.';
const MAX_DEPTH = 5;

/** The object that the query reads; one that the user may not read is as good as none. */
export function queriedObject(query: SoqlQuery, { org, access }: SoqlScope): ObjectInfo {
  const object = org.schema.get(query.object.toLowerCase());
  if (object !== undefined && access.canReadObject(object)) return object;
  throw queryError(
    'INVALID_TYPE',
    query.text,
    query.objectAt,
    `sObject type '${query.object}' is not supported. If you are attempting to use a custom ` +
      "object, be sure to append the '__c' after the entity name. Please reference your WSDL or " +
      'the describe call for the appropriate names.',
  );
}

/** Finds a path; what the user may not read 'does not exist', in Salesforce's own words. */
export function resolveField(
  path: FieldPath,
  query: SoqlQuery,
  root: ObjectInfo,
  scope: SoqlScope,
): ResolvedField {
  const names = withoutAlias(path.path, query);
  const parents = names.slice(0, -1);
  if (parents.length > MAX_DEPTH)
    throw queryError('MALFORMED_QUERY', query.text, path.at, 'relationship path is too long');
  let object = root;
  const links: Link[] = [];
  const steps: ParentLink[] = [];
  for (const name of parents) {
    const link = linkOf(object, name, scope);
    if (link === undefined)
      throw queryError('INVALID_FIELD', query.text, path.at, noRelationship(name, object));
    links.push(link);
    object = link.targets[0] ?? object;
    const way = [...links];
    steps.push({
      name: link.field.relationshipName ?? name,
      object: object.name,
      find: (row) => followed(row, way, scope),
    });
  }
  const last = names.at(-1) ?? '';
  const field = object.fields.get(last.toLowerCase());
  if (field === undefined || !scope.access.canReadField(object, field))
    throw queryError('INVALID_FIELD', query.text, path.at, noColumn(last, object));
  const owner = (row: OrgRecord): OrgRecord | undefined => followed(row, links, scope);
  return {
    path: [...steps.map(({ name }) => name), field.name],
    object,
    field,
    owner,
    parents: steps,
    read: (row) => owner(row)?.[field.name] ?? null,
  };
}

/** Refuses a field that cannot be used so ('filtered', 'sorted', 'grouped'). */
export function requireUsable(
  resolved: ResolvedField,
  use: 'filtered' | 'sorted' | 'grouped',
  at: number,
  query: SoqlQuery,
  { org }: SoqlScope,
): void {
  const { field, object } = resolved;
  const isUsable = field.filterable && org.isFilterable(object.name, field.name);
  if (!isUsable)
    throw queryError(
      'INVALID_FIELD',
      query.text,
      at,
      `field '${field.name}' can not be ${use} in a query call`,
    );
}

const noColumn = (name: string, object: ObjectInfo): string =>
  `No such column '${name}' on entity '${object.name}'. ${ADVICE}`;

const noRelationship = (name: string, object: ObjectInfo): string =>
  `Didn't understand relationship '${name}' in field path of entity '${object.name}'. If you are ` +
  "attempting to use a custom relationship, be sure to append the '__r' after the custom " +
  'relationship name. Please reference your WSDL or the describe call for the appropriate names.';

interface Link {
  field: FieldInfo;
  targets: readonly ObjectInfo[];
}

function withoutAlias(path: readonly string[], query: SoqlQuery): readonly string[] {
  const first = path[0]?.toLowerCase();
  const isAlias = first === query.alias?.toLowerCase() || first === query.object.toLowerCase();
  return path.length > 1 && isAlias ? path.slice(1) : path;
}

function linkOf(object: ObjectInfo, name: string, { org, access }: SoqlScope): Link | undefined {
  const field = [...object.fields.values()].find(
    ({ relationshipName }) => relationshipName?.toLowerCase() === name.toLowerCase(),
  );
  if (field === undefined || !access.canReadField(object, field)) return undefined;
  const targets = field.referenceTo
    .map((target) => org.schema.get(target.toLowerCase()))
    .filter((target) => target !== undefined && access.canReadObject(target))
    .filter((target) => target !== undefined);
  return targets.length === 0 ? undefined : { field, targets };
}

function followed(
  row: OrgRecord,
  links: readonly Link[],
  { org, nowMs }: SoqlScope,
): OrgRecord | undefined {
  let current: OrgRecord | undefined = row;
  for (const { field, targets } of links) {
    const id: FieldValue | undefined = current?.[field.name];
    if (typeof id !== 'string') return undefined;
    current = targets
      .map((target) => org.find(target.name, id, nowMs))
      .find((found) => found !== undefined);
  }
  return current;
}
