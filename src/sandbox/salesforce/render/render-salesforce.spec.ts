import { openRoster } from '../../company/roster';
import { salesforcePrefixes } from '../../kit/ids';
import { salesOptions, sellAll } from '../../sales/sales-spec-world';
import type { CustomerWorld } from '../../world/customer-world';
import type { SalesforceRecord } from '../../world/records';
import { worldContext } from '../../world/world-context';
import { standardObjects } from '../server/standard-objects';
import { renderSalesforce } from './render-salesforce';
import { renderSalesforceOrg } from './render-salesforce-org';
import { amountNumber, exactNumber } from './salesforce-values';
import { majorRate } from './render-order';

const ctx = worldContext(salesOptions);
const records: SalesforceRecord[] = [
  ...renderSalesforceOrg(openRoster({ ...salesOptions, scale: 0.01 }), ctx),
  ...sellAll(salesOptions).flatMap(({ customer, sold }) => [
    ...renderSalesforce({ customer, sold } as CustomerWorld, ctx),
  ]),
];
const byObject = new Map<string, SalesforceRecord['record'][]>();
for (const { object, record } of records)
  byObject.set(object, [...(byObject.get(object) ?? []), record]);
const rows = (object: string): SalesforceRecord['record'][] => byObject.get(object) ?? [];

/** Objects of CONTROLS §1.1 that this org has none of: it quotes with CPQ and groups no sets. */
const absent = ['Quote', 'QuoteLineItem', 'PermissionSetGroupComponent', 'FieldPermissions'];

test.each(Object.entries(standardObjects).filter(([name]) => !absent.includes(name)))(
  '%s is rendered with every field that an org has',
  (object, text) => {
    const fields = text.split(/\s+/).map((word) => /^\w+/.exec(word)?.[0] ?? '');
    expect(rows(object).length).toBeGreaterThan(0);
    const given = new Set(Object.keys(rows(object)[0] ?? {}));
    const missing = fields.filter((field) => !given.has(field) && field !== 'Description');
    expect(missing).toEqual([]);
  },
);

test('every record has an id of its own with the prefix of its object', () => {
  const ids = records.map(({ record }) => record.Id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { object, record } of records)
    expect(record.Id).toMatch(new RegExp(`^${salesforcePrefixes[object]}\\w{15}$`));
});

test('every reference to a record leads to one', () => {
  const ids = new Set(records.map(({ record }) => record.Id));
  const loose = records.flatMap(({ object, record }) =>
    Object.entries(record)
      .filter(([field, value]) => isReference(field, value) && !ids.has(String(value)))
      .map(([field, value]) => `${object}.${field} ${String(value)}`),
  );
  expect(loose.filter((one) => !one.includes('OriginalActorId 00G'))).toEqual([]);
});

const isReference = (field: string, value: unknown): boolean =>
  typeof value === 'string' && field !== 'Id' && /^[0-9A-Za-z]{15}[A-Z0-5]{3}$/.test(value);

test('instants are written as Salesforce writes them, and none lies after now', () => {
  const instants = records.flatMap(({ record }) =>
    Object.entries(record).filter(([field]) => /(Date|Modstamp|LoginTime)$/.test(field)),
  );
  const texts = instants.map(([, value]) => value).filter((value) => typeof value === 'string');
  const withTime = texts.filter((text) => text.length > 10);
  expect(withTime.filter((t) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/.test(t))).toEqual(
    [],
  );
  const now = salesOptions.now * 1000;
  expect(withTime.filter((text) => Date.parse(text) > now)).toEqual([]);
});

test('a record is stamped no earlier than it was made and than any of its stages', () => {
  for (const { record } of records)
    if (typeof record.SystemModstamp === 'string' && typeof record.CreatedDate === 'string')
      expect(record.SystemModstamp >= record.CreatedDate).toBe(true);
  const stamps = new Map(rows('Opportunity').map((row) => [row.Id, String(row.SystemModstamp)]));
  for (const row of rows('OpportunityHistory'))
    expect((stamps.get(String(row.OpportunityId)) ?? '') >= String(row.CreatedDate)).toBe(true);
});

test('orders of a won deal come to its amount in the numbers of the wire', () => {
  const totals = new Map<string, bigint>();
  const cents = (value: unknown): bigint => BigInt(Math.round(Number(value) * 1000));
  for (const row of rows('Order')) {
    const id = String(row.OpportunityId);
    totals.set(id, (totals.get(id) ?? 0n) + cents(row.TotalAmount));
  }
  expect(totals.size).toBeGreaterThan(200);
  for (const row of rows('Opportunity'))
    if (totals.has(row.Id)) expect(totals.get(row.Id)).toBe(cents(row.Amount));
});

test('a merged account is deleted and names the one that stays', () => {
  const merged = rows('Account').filter(({ MasterRecordId }) => MasterRecordId !== null);
  expect(merged.length).toBeGreaterThan(1);
  expect(merged.every(({ IsDeleted }) => IsDeleted === true)).toBe(true);
});

test('an amount is a double that says exactly that amount, or is refused', () => {
  expect(amountNumber(123_456_789_012_345n, 'USD')).toBe(1_234_567_890_123.45);
  expect(amountNumber(-1_230n, 'KWD')).toBe(-1.23);
  expect(amountNumber(90_000n, 'JPY')).toBe(90_000);
  expect(() => amountNumber(1_234_567_890_123_456n, 'USD')).toThrow(RangeError);
  expect(() => exactNumber('0.1234567890123456')).toThrow(RangeError);
});

test('a rate per unit is text in major units', () => {
  expect(majorRate(225_000_000n, 'USD')).toBe('0.00000225');
  expect(majorRate(4_000_000_000_000n, 'USD')).toBe('0.04');
  expect(majorRate(375_000_000n, 'JPY')).toBe('0.000375');
  expect(majorRate(6_000_000_000_000n, 'JPY')).toBe('6');
  expect(majorRate(12_400_000_000_000n, 'KWD')).toBe('0.0124');
});
