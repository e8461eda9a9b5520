import type { Clock } from '../platform/clock';
import type { Config } from '../platform/config';
import type { Database } from '../platform/database/open-database';
import type { Logger } from '../platform/logger';
import { recordSourceAccount } from '../books/source-accounts';
import { recordSourceSync } from '../books/source-syncs';
import { InvalidInput } from '../core/problem';
import { LiveSync } from './live-sync';
import { syncSalesforce } from './salesforce/sync-salesforce';
import { SalesforceFault } from './salesforce/salesforce-fault';
import { unreadOf, type SourceSync } from './source-sync';
import { StripeFault } from './stripe/stripe-fault';
import { OtherAccount, syncStripe } from './stripe/sync-stripe';
import { syncWarehouse } from './warehouse/sync-warehouse';

/** Told as a source is read: its name and what is happening; rows where they are counted. */
export type ApiProgress = (name: string, doing: string, share: number, rows?: number) => void;

export interface ApiMeans {
  clock: Clock;
  logger: Logger;
  progress: ApiProgress;
}

type ApiConfig = Pick<Config, 'sources' | 'entities'>;

/**
 * Reads every declared Stripe account, Salesforce org and warehouse into the books, one after the
 * other. A source that cannot be reached or read is told with the reason, and the others go on; its
 * windows stay open, and no control that needs them gives a verdict. What could not be read is
 * written down with each sync.
 */
export async function syncApis(
  config: ApiConfig,
  database: Pick<Database, 'app'>,
  means: ApiMeans,
): Promise<SourceSync[]> {
  const { stripe, salesforce, warehouse } = config.sources;
  const done: SourceSync[] = [];
  const read = async (
    source: SourceSync['source'],
    name: string,
    sync: (means: ApiMeans) => Promise<SourceSync>,
  ): Promise<void> => {
    const live = new LiveSync(database.app, name, means.progress);
    const startedAt = means.clock.now();
    try {
      const came = await attempt(source, name, () => sync({ ...means, progress: live.progress }));
      const outcome = 'failed' in came ? 'failed' : 'read';
      const record = { source, name, startedAt, finishedAt: means.clock.now(), outcome } as const;
      await recordSourceSync(database, { ...record, unread: unreadOf(came) });
      live.outcome = outcome;
      done.push(came);
    } finally {
      await live.end();
    }
  };
  for (const name of Object.keys(salesforce))
    await read('salesforce', name, (told) => oneOrg(name, config, database, told));
  for (const name of Object.keys(stripe))
    await read('stripe', name, (told) => oneAccount(name, config, database, told));
  for (const name of Object.keys(warehouse))
    await read('warehouse', name, (told) => oneWarehouse(name, config, database, told));
  for (const { source, name, ...came } of done)
    if ('failed' in came) means.logger.warn('source not read', { source, name });
  return done;
}

/** Faults of the outside world and of its configuration; anything else is ours, and thrown on. */
async function attempt(
  source: SourceSync['source'],
  name: string,
  sync: () => Promise<SourceSync>,
): Promise<SourceSync> {
  try {
    return await sync();
  } catch (cause) {
    if (
      cause instanceof InvalidInput ||
      cause instanceof StripeFault ||
      cause instanceof OtherAccount ||
      cause instanceof SalesforceFault
    )
      return { source, name, failed: cause };
    throw cause;
  }
}

async function oneAccount(
  name: string,
  { sources, entities }: ApiConfig,
  database: Pick<Database, 'app'>,
  { clock, logger, progress }: ApiMeans,
): Promise<SourceSync> {
  const config = declared(sources.stripe, name);
  const entity = declaredEntity(entities, config.entity);
  const account = {
    ...{ name, config },
    entity: { entityId: entity.id, bookZone: entity.time_zone },
  };
  const found = {
    ...{ source: 'stripe' as const, name, account: name },
    ...{ entityIds: [entity.id], since: config.since },
  };
  await recordSourceAccount(database, found, { clock });
  const read = await syncStripe(database, account, {
    ...{ clock, logger },
    progress: ({ object, done, of, rows }) => {
      progress(name, `${object}: ${rows} objects`, of === 0 ? 1 : done / of, Number(rows));
    },
  });
  return { source: 'stripe', name, read };
}

async function oneOrg(
  name: string,
  { sources, entities }: ApiConfig,
  database: Pick<Database, 'app'>,
  { clock, progress }: ApiMeans,
): Promise<SourceSync> {
  const config = declared(sources.salesforce, name);
  const read = await syncSalesforce(database, config, {
    clock,
    entities,
    progress: { advance: (done, total, doing) => progress(name, doing, done / total) },
  });
  await recordSourceAccount(
    database,
    {
      ...{ source: 'salesforce', name, account: read.account, since: config.since },
      entityIds: [...new Set(Object.values(config.entity.values))],
    },
    { clock },
  );
  return { source: 'salesforce', name, read };
}

async function oneWarehouse(
  name: string,
  { sources, entities }: ApiConfig,
  database: Pick<Database, 'app'>,
  { clock, progress }: ApiMeans,
): Promise<SourceSync> {
  const config = declared(sources.warehouse, name);
  const read = await syncWarehouse(database, name, config, {
    clock,
    entities: config.entities ?? entities.map(({ id }) => id),
    progress: { advance: (done, total, doing) => progress(name, doing, done / total) },
  });
  return { source: 'warehouse', name, read };
}

function declared<Declared>(sources: Record<string, Declared>, name: string): Declared {
  const config = sources[name];
  if (config === undefined) throw new RangeError(`no source ${name} is declared`);
  return config;
}

function declaredEntity<Entity extends { id: string }>(
  entities: readonly Entity[],
  id: string,
): Entity {
  const entity = entities.find((one) => one.id === id);
  if (entity === undefined) throw new RangeError(`no entity ${id} is declared`);
  return entity;
}
