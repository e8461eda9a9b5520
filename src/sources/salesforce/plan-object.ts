import type { SalesforceConfig } from '../../platform/source-config';
import type { SalesforceConnection } from './salesforce-connection';
import { SalesforceFault } from './salesforce-fault';
import { cpqPrefix, salesforceObjects, type SalesforceObject } from './salesforce-objects';
import type { SalesforceProblem } from './salesforce-problem';
import { hiddenField, hiddenObject, unsortableObject } from './salesforce-problem';

/** What an object of this org can be asked, and what of it is selected. */
export interface ObjectPlan {
  object: SalesforceObject;
  fields: readonly string[];
  /** False where the field of windows cannot be filtered by: all records are read each time. */
  canFilterStamp: boolean;
  /** False where Salesforce does not count records of this object. */
  canCount: boolean;
  hasCurrency: boolean;
  /** Fields whose values are numbers or flags: bulk results write them as texts. */
  literals: ReadonlySet<string>;
  /** Salesforce tells how far its changes are committed. */
  isReplicateable: boolean;
}

interface DescribedField {
  name: string;
  type?: string;
  filterable?: boolean;
  aggregatable?: boolean;
  groupable?: boolean;
  relationshipName?: string | null;
}

interface Description {
  replicateable?: boolean;
  queryable?: boolean;
  fields: DescribedField[];
}

/** The objects that can be read, and what stands in the way of the others. */
export interface OrgPlan {
  plans: ObjectPlan[];
  /** Names of objects that this org does without. */
  absent: string[];
  problems: SalesforceProblem[];
}

const literalTypes = new Set(['int', 'long', 'double', 'percent', 'currency', 'boolean']);

type Choice = Pick<SalesforceConfig, 'entity' | 'fields'>;

/** Asks the org to describe every object, as this user sees it. Throws SalesforceFault. */
export async function planObjects(
  connection: SalesforceConnection,
  config: Choice,
): Promise<OrgPlan> {
  const plan: OrgPlan = { plans: [], absent: [], problems: [] };
  const described = new Map<string, Description>();
  for (const { name } of salesforceObjects) {
    const description = await describe(connection, name);
    if (description !== null) described.set(name, description);
  }
  const org = { hasCpq: described.has('SBQQ__Quote__c'), isMulti: described.has('CurrencyType') };
  for (const object of salesforceObjects) {
    const description = described.get(object.name);
    if (description === undefined) {
      if (object.isOptional) plan.absent.push(object.name);
      else plan.problems.push(hiddenObject(object.name));
      continue;
    }
    const own = planOne(object, description, config, org);
    plan.problems.push(...own.problems);
    if (own.plan !== null) plan.plans.push(own.plan);
  }
  return plan;
}

function describe(connection: SalesforceConnection, name: string): Promise<Description | null> {
  return connection
    .ask({ path: `/sobjects/${name}/describe` }, ({ body }) => descriptionIn(body))
    .catch((cause: unknown) => {
      if (cause instanceof SalesforceFault && cause.kind === 'not_found') return null;
      throw cause;
    });
}

function descriptionIn(body: string): Description | null {
  try {
    const parsed = JSON.parse(body) as Partial<Description> | null;
    return parsed && Array.isArray(parsed.fields) ? { ...parsed, fields: parsed.fields } : null;
  } catch {
    return null;
  }
}

function planOne(
  object: SalesforceObject,
  description: Description,
  config: Choice,
  { hasCpq, isMulti }: { hasCpq: boolean; isMulti: boolean },
): { plan: ObjectPlan | null; problems: SalesforceProblem[] } {
  const fields = new Map(description.fields.map((field) => [field.name, field]));
  const relations = new Set(description.fields.map((field) => field.relationshipName));
  const isThere = (path: string): boolean => {
    const [first = '', ...rest] = path.split('.');
    return rest.length === 0 ? fields.has(first) : relations.has(first);
  };
  const currency = 'CurrencyIsoCode';
  const named = configuredFields(object.name, config.fields);
  const entity = entityPath(object, config);
  const required = [...object.required, ...named, ...(entity === null ? [] : [entity])].filter(
    (path) => hasCpq || !path.startsWith(cpqPrefix),
  );
  if (isMulti && object.optional.includes(currency)) required.push(currency);
  const missing = required.filter((path) => !isThere(path));
  const problems = missing.map((path) => hiddenField(object.name, path, named.includes(path)));
  if (fields.get('Id')?.filterable === false) problems.push(unsortableObject(object.name));
  if (problems.length > 0) return { plan: null, problems };
  const selected = new Set([...required, ...object.optional.filter(isThere)]);
  const plan: ObjectPlan = {
    object,
    fields: [...selected],
    canFilterStamp: fields.get(object.stamp)?.filterable !== false,
    canCount: fields.get('Id')?.aggregatable !== false,
    hasCurrency: selected.has(currency) && fields.get(currency)?.groupable !== false,
    literals: new Set(
      description.fields.filter(({ type = '' }) => literalTypes.has(type)).map(({ name }) => name),
    ),
    isReplicateable: description.replicateable === true,
  };
  return { plan, problems };
}

/** The org's own names of an object's fields: `Account.stripe_customer_id` in the configuration. */
function configuredFields(object: string, fields: Choice['fields']): string[] {
  return Object.entries(fields)
    .filter(([name]) => name.startsWith(`${object}.`))
    .map(([, field]) => field);
}

/** Where a record of this object names its legal entity; null where it has none. */
export function entityPath(
  { name, accountPath }: SalesforceObject,
  { entity }: Pick<SalesforceConfig, 'entity'>,
): string | null {
  if (name === 'Account') return entity.field;
  return accountPath === null ? null : `${accountPath}.${entity.field}`;
}
