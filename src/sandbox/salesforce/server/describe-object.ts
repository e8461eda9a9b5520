import { withoutAggregates } from './standard-objects';
import { isNumeric, type FieldInfo, type FieldType, type ObjectInfo } from './org-schema';

const SOAP_TYPES: Partial<Record<FieldType, string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  percent: 'xsd:double',
  currency: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
};

const LENGTHS: Partial<Record<FieldType, number>> = {
  id: 18,
  reference: 18,
  string: 255,
  textarea: 32_000,
  picklist: 255,
  email: 80,
};

/** Whether getUpdated and getDeleted follow an object: those that carry a SystemModstamp. */
export const isReplicateable = (object: ObjectInfo): boolean =>
  object.fields.has('systemmodstamp') && object.fields.has('isdeleted');

/** One entry of GET /sobjects. */
export function objectSummary(object: ObjectInfo, basePath: string): object {
  const url = `${basePath}/sobjects/${object.name}`;
  return {
    activateable: false,
    createable: false,
    custom: object.name.endsWith('__c'),
    customSetting: false,
    deepCloneable: false,
    deletable: false,
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: object.keyPrefix,
    label: labelOf(object.name),
    labelPlural: `${labelOf(object.name)}s`,
    layoutable: true,
    mergeable: object.name === 'Account',
    mruEnabled: true,
    name: object.name,
    queryable: true,
    replicateable: isReplicateable(object),
    retrieveable: true,
    searchable: true,
    triggerable: true,
    undeletable: isReplicateable(object),
    updateable: false,
    urls: { rowTemplate: `${url}/{ID}`, describe: `${url}/describe`, sobject: url },
  };
}

/** GET /sobjects/:type/describe: the fields that this user may see. */
export function describeObject(
  object: ObjectInfo,
  fields: readonly FieldInfo[],
  children: readonly { object: string; field: FieldInfo }[],
  basePath: string,
): object {
  return {
    ...objectSummary(object, basePath),
    actionOverrides: [],
    childRelationships: children.map((child) => ({
      cascadeDelete: false,
      childSObject: child.object,
      deprecatedAndHidden: false,
      field: child.field.name,
      junctionIdListNames: [],
      junctionReferenceTo: [],
      relationshipName: null,
      restrictedDelete: false,
    })),
    compactLayoutable: true,
    fields: fields.map((field) => describeField(field, !withoutAggregates.has(object.name))),
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: [],
    searchLayoutable: true,
    supportedScopes: [],
  };
}

function describeField(field: FieldInfo, aggregatable: boolean): object {
  const { name, type, filterable } = field;
  const fraction = type === 'currency' || type === 'percent' ? 2 : 6;
  const isFraction = isNumeric(type) && type !== 'int';
  return {
    aggregatable: aggregatable && filterable,
    autoNumber: false,
    byteLength: (LENGTHS[type] ?? 0) * (type === 'id' || type === 'reference' ? 1 : 3),
    calculated: false,
    calculatedFormula: null,
    cascadeDelete: false,
    caseSensitive: false,
    createable: false,
    custom: name.endsWith('__c'),
    defaultedOnCreate: type === 'boolean',
    deprecatedAndHidden: false,
    digits: type === 'int' ? 8 : 0,
    encrypted: false,
    externalId: name === 'Stripe_Customer_Id__c',
    filterable,
    groupable: filterable && !isFraction && type !== 'datetime',
    idLookup: type === 'id',
    label: labelOf(name),
    length: LENGTHS[type] ?? 0,
    name,
    nameField: name === 'Name',
    namePointing: field.referenceTo.length > 1,
    nillable: field.nillable,
    permissionable: field.nillable,
    picklistValues: [],
    precision: isFraction ? 18 : 0,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    restrictedPicklist: false,
    scale: isFraction ? fraction : 0,
    soapType: SOAP_TYPES[type] ?? 'xsd:string',
    sortable: filterable,
    type,
    unique: false,
    updateable: false,
  };
}

/** 'SBQQ__NetAmount__c' is labelled 'Net Amount', 'AccountId' 'Account ID'. */
const labelOf = (name: string): string =>
  name
    .replace(/^[A-Za-z]+__(?=.*__c$)/, '')
    .replace(/__c$/, '')
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/ Id$/, ' ID');
