import { integrationUserId } from '../../src/sandbox/sales/sales-team';
import {
  startSalesforceStandIn,
  type SalesforceStandIn,
  type SalesforceStandInOptions,
} from '../../src/sandbox/salesforce/server/salesforce-stand-in';
import { generateWorld } from '../../src/sandbox/world/generate-world';
import type { SalesforceRecord } from '../../src/sandbox/world/records';
import type { SalesforceConfig } from '../../src/platform/source-config';
import type { SalesforceMeans } from '../../src/sources/salesforce/sync-salesforce';

/** When the worlds of these specs end. */
export const worldEnd = '2026-06-30T20:00:00Z';

const cached = new Map<string, readonly SalesforceRecord[]>();

/** Everything that Salesforce holds of a small world. */
export function orgRecords(seed: string, scale: number): readonly SalesforceRecord[] {
  const key = `${seed}/${scale}`;
  const known = cached.get(key);
  if (known !== undefined) return known;
  const records: SalesforceRecord[] = [];
  const now = Date.parse(worldEnd) / 1000;
  generateWorld(
    { options: { seed, scale, now, lookAlikes: true }, orders: [] },
    {
      stripe: () => undefined,
      salesforce: (record) => records.push(record),
      warehouse: () => undefined,
      planted: () => undefined,
      notPlanted: () => undefined,
      lookAlike: () => undefined,
    },
  );
  cached.set(key, records);
  return records;
}

export const entities = [
  { id: 'ni-us', currency: 'USD', time_zone: 'America/Los_Angeles' },
  { id: 'ni-ie', currency: 'EUR', time_zone: 'Europe/Dublin' },
];

/** An org, its clock, and how to read it. */
export interface TestOrg {
  server: SalesforceStandIn;
  config: SalesforceConfig;
  means: SalesforceMeans;
  /** Waits that were asked for, in milliseconds. */
  waits: number[];
  pass(minutes: number): void;
  now(): string;
}

export async function openOrg(
  records: Iterable<SalesforceRecord>,
  options: Partial<SalesforceStandInOptions> = {},
  startAt = '2026-06-30T21:00:00Z',
): Promise<TestOrg> {
  let nowMs = Date.parse(startAt);
  const clock = { now: () => new Date(nowMs).toISOString() };
  const user = { id: integrationUserId, username: 'tieout@northwind.example' };
  const server = await startSalesforceStandIn({
    records,
    clock,
    users: [user],
    apps: [{ clientId: 'tieout', clientSecret: 'hush', runAs: user.username }],
    ...options,
  });
  const waits: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  const config: SalesforceConfig = {
    login_url: server.url,
    auth: { flow: 'client_credentials', client_id: 'tieout', client_secret: 'hush' },
    since: '2000-01-01',
    entity: { field: 'Legal_Entity__c', values: { 'ni-us': 'ni-us', 'ni-ie': 'ni-ie' } },
    fields: { 'OrderItem.overage_price': 'Overage_Rate__c' },
    amount_basis: 'TCV',
    settle_minutes: 10,
    api_calls_share: 80,
  };
  const pass = (minutes: number): void => {
    nowMs += minutes * 60_000;
  };
  return { server, config, waits, pass, now: clock.now, means: { clock, sleep, entities } };
}
