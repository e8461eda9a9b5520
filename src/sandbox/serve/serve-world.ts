import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { WorldClock } from '../kit/world-clock';
import type { SalesforceObject } from '../kit/ids';
import {
  startSalesforceStandIn,
  type SalesforceStandIn,
} from '../salesforce/server/salesforce-stand-in';
import { FolderStore } from '../stripe/store/folder-store';
import { resources } from '../stripe/server/resources';
import { startStripeStandIn, type StripeStandIn } from '../stripe/server/start-stripe-stand-in';
import { entities, type EntityId } from '../truth/company';
import { readManifest } from '../world/read-manifest';
import type { SalesforceRecord } from '../world/records';

/** A world under way: real HTTP on loopback, for the official SDKs. */
export interface ServedWorld {
  stripe: StripeStandIn & { keys: Readonly<Record<EntityId, string>> };
  salesforce: SalesforceStandIn & { clientId: string; username: string; privateKey: string };
  /** What is now, for the stand-ins and for whoever reads them. */
  clock: WorldClock;
  stop(): Promise<void>;
}

const username = 'tieout@northwind.example';

/**
 * Serves the world in a folder: both Stripe accounts, each behind a restricted key that can read,
 * and the Salesforce org behind a connected app that signs in by JWT. Keys are new at each start.
 */
export async function serveWorld(
  folder: string,
  ports: { stripe?: number; salesforce?: number } = {},
): Promise<ServedWorld> {
  const { wish } = readManifest(folder);
  const clock = new WorldClock(Date.parse(wish.now));
  const store = new FolderStore(path.join(folder, 'stripe'));
  const keys = { 'ni-us': restrictedKey(), 'ni-ie': restrictedKey() };
  const stripe = await startStripeStandIn({
    store,
    clock,
    ...(ports.stripe === undefined ? {} : { port: ports.stripe }),
    accounts: Object.values(entities).map(({ id, stripeAccount }) => ({
      ...{ entity: id, id: stripeAccount },
      keys: [{ secret: keys[id], permissions: readPermissions }],
    })),
  });
  const app = connectedApp();
  const salesforce = await startSalesforceStandIn({
    records: await salesforceRecords(path.join(folder, 'salesforce')),
    clock,
    ...(ports.salesforce === undefined ? {} : { port: ports.salesforce }),
    apps: [{ clientId: app.clientId, certificate: app.publicKey }],
    // A world's history is older than a recycle bin.
    recycleBinDays: 10_000,
  });
  return {
    stripe: { ...stripe, keys },
    salesforce: { ...salesforce, username, clientId: app.clientId, privateKey: app.privateKey },
    clock,
    stop: async () => {
      await Promise.all([stripe.stop(), salesforce.stop()]);
      store.close();
    },
  };
}

const restrictedKey = (): string => `rk_live_${randomUUID().replaceAll('-', '')}`;

/** Everything the connector reads, and no write. */
const readPermissions = [
  ...new Set(resources.map(({ permission }) => `${permission}_read`)),
  ...['report_runs_and_report_types_read', 'balance_read'],
];

function connectedApp(): { clientId: string; publicKey: string; privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clientId: `3MVG9${randomUUID().replaceAll('-', '')}`,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** All records of the org: some tens of thousands at the largest scale. */
async function salesforceRecords(folder: string): Promise<SalesforceRecord[]> {
  const records: SalesforceRecord[] = [];
  for (const name of readdirSync(folder).sort()) {
    const object = path.basename(name, '.jsonl') as SalesforceObject;
    const lines = createInterface({ input: createReadStream(path.join(folder, name)) });
    for await (const line of lines)
      records.push({ object, record: JSON.parse(line) as SalesforceRecord['record'] });
  }
  return records;
}
