import { KeyedRandom } from './keyed-random';

const digits = '0123456789';
const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const base62 = `${digits}${capitals}abcdefghijklmnopqrstuvwxyz`;

/** The id of a Stripe object as Stripe writes it ('in_1R…'), a function of the truth key alone. */
export const stripeId = (prefix: string, ...key: readonly (string | number)[]): string =>
  `${prefix}_1R${KeyedRandom.of('stripe id', prefix, ...key).text(22, base62)}`;

/** Salesforce key prefixes of the objects the sandbox has. */
export const salesforcePrefixes = {
  Account: '001',
  Contract: '800',
  Group: '00G',
  Opportunity: '006',
  OpportunityHistory: '008',
  OpportunityFieldHistory: '017',
  OpportunityLineItem: '00k',
  Order: '801',
  OrderItem: '802',
  Pricebook2: '01s',
  PricebookEntry: '01u',
  PermissionSet: '0PS',
  PermissionSetAssignment: '0Pa',
  ObjectPermissions: '110',
  ProcessInstance: '04g',
  ProcessInstanceStep: '04h',
  Product2: '01t',
  Profile: '00e',
  SBQQ__Quote__c: 'a0z',
  SBQQ__QuoteLine__c: 'a0v',
  SBQQ__Subscription__c: 'a1C',
  SetupAuditTrail: '0Ym',
  LoginHistory: '0Ya',
  CurrencyType: '01L',
  DatedConversionRate: '04w',
  User: '005',
  UserRole: '00E',
} as const;

export type SalesforceObject = keyof typeof salesforcePrefixes;

/** An 18-character Salesforce id, a function of the truth key alone. */
export function salesforceId(
  object: SalesforceObject,
  ...key: readonly (string | number)[]
): string {
  const random = KeyedRandom.of('salesforce id', object, ...key);
  return withCaseSuffix(`${salesforcePrefixes[object]}Qk0${random.text(8, base62)}A`);
}

/** An id of 15 characters, and the three behind it that tell which of them are capitals. */
export function withCaseSuffix(id: string): string {
  const suffix = [0, 5, 10].map((start) => {
    const bits = [...id.slice(start, start + 5)].reduce(
      (sum, character, i) => sum + (/[A-Z]/.test(character) ? 2 ** i : 0),
      0,
    );
    return `${capitals}012345`.charAt(bits);
  });
  return id + suffix.join('');
}
