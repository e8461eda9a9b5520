import { salesforcePrefixes } from '../../kit/ids';
import type { SalesforceRecord } from '../../world/records';
import { standardObjects } from './standard-objects';

export const fieldTypes = [
  'id',
  'reference',
  'string',
  'textarea',
  'picklist',
  'email',
  'boolean',
  'int',
  'double',
  'percent',
  'currency',
  'date',
  'datetime',
] as const;
export type FieldType = (typeof fieldTypes)[number];

export interface FieldInfo {
  name: string;
  type: FieldType;
  nillable: boolean;
  filterable: boolean;
  /** Objects that a reference may point to. */
  referenceTo: readonly string[];
  /** 'Account' of AccountId, 'SBQQ__Quote__r' of SBQQ__Quote__c. */
  relationshipName: string | null;
}

export interface ObjectInfo {
  name: string;
  keyPrefix: string | null;
  /** By name in lower case: SOQL does not care. */
  fields: ReadonlyMap<string, FieldInfo>;
}

export type OrgSchema = ReadonlyMap<string, ObjectInfo>;

const SALESFORCE_ID = /^[a-zA-Z0-9]{15}([A-Z0-5]{3})?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATETIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/;

/** The standard objects, and whatever fields the records have beyond them. By lower-case name. */
export function schemaOf(records: Iterable<SalesforceRecord>): OrgSchema {
  const schema = new Map<string, { info: ObjectInfo; fields: Map<string, FieldInfo> }>();
  const add = (name: string, fields: readonly FieldInfo[]): Map<string, FieldInfo> => {
    const map = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
    const keyPrefix = new Map<string, string>(Object.entries(salesforcePrefixes)).get(name) ?? null;
    schema.set(name.toLowerCase(), { info: { name, keyPrefix, fields: map }, fields: map });
    return map;
  };
  for (const [name, text] of Object.entries(standardObjects)) add(name, parsedFields(text));
  for (const { object, record } of records) {
    const fields = schema.get(object.toLowerCase())?.fields ?? add(object, parsedFields(''));
    for (const [name, value] of Object.entries(record)) {
      const key = name.toLowerCase();
      if (!fields.has(key) && value !== null) fields.set(key, inferredField(name, value));
    }
  }
  return new Map([...schema].map(([key, { info }]) => [key, info]));
}

const parsedFields = (text: string): FieldInfo[] =>
  ['Id:id!', ...text.split(/\s+/)].filter((word) => word !== '').map(parsedField);

function parsedField(word: string): FieldInfo {
  const match = /^(\w+)(?::(\w+)|>([\w+]+))([!~]?)$/.exec(word);
  const type = fieldTypes.find((known) => known === match?.[2]) ?? 'reference';
  const name = match?.[1];
  if (name === undefined || (type === 'reference' && match?.[3] === undefined))
    throw new RangeError(`'${word}' is not a field`);
  const referenceTo = match?.[3]?.split('+') ?? [];
  return {
    name,
    type,
    nillable: match?.[4] !== '!',
    filterable: match?.[4] !== '~',
    referenceTo,
    relationshipName: type === 'reference' ? relationshipOf(name) : null,
  };
}

const relationshipOf = (name: string): string =>
  name.endsWith('__c') ? name.replace(/__c$/, '__r') : name.replace(/Id$/, '');

function inferredField(name: string, value: string | number | boolean): FieldInfo {
  return {
    name,
    type: typeOf(value),
    nillable: true,
    filterable: true,
    referenceTo: [],
    relationshipName: null,
  };
}

function typeOf(value: string | number | boolean): FieldType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return 'double';
  if (DATETIME.test(value)) return 'datetime';
  return DATE.test(value) ? 'date' : 'string';
}

/** The 15 characters that tell one record from another; ids are case-sensitive. */
export const shortId = (id: string): string => id.slice(0, 15);

export const isSalesforceId = (text: string): boolean => SALESFORCE_ID.test(text);

export const isNumeric = (type: FieldType): boolean =>
  type === 'int' || type === 'double' || type === 'percent' || type === 'currency';
