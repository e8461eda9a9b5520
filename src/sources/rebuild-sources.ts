import { setTimeout as sleep } from 'node:timers/promises';
import { rebuildBooks, type Rebuild } from '../books/rebuild-books';
import { sourceAccounts } from '../books/source-accounts';
import { InvalidInput } from '../core/problem';
import type { Clock } from '../platform/clock';
import type { Config } from '../platform/config';
import type { Database } from '../platform/database/open-database';
import { checkSalesforce } from './salesforce/check-salesforce';
import { salesforceContext } from './salesforce/salesforce-context';
import { deriveJob } from './salesforce/sync-salesforce';
import { stripeDeriveJob } from './stripe/sync-stripe';

/** What deriving one source again gave. */
export interface SourceRebuild extends Rebuild {
  source: 'stripe' | 'salesforce';
  name: string;
}

export interface RebuildMeans {
  clock: Clock;
  /** Compare only; change nothing. */
  check: boolean;
  /** Told after each batch: the source, the kind of object, and the objects mapped so far. */
  progress?: (name: string, object: string, objects: bigint) => void;
}

/**
 * Derives the rows of every declared Stripe account and Salesforce org again from the raw payloads
 * that were kept, which no source is asked for. A source that was never read is left out. An org is
 * asked for its currencies, which decide what its amounts are in. Throws InvalidInput when it
 * refuses, SalesforceFault when it cannot be reached.
 */
export async function rebuildSources(
  config: Pick<Config, 'sources' | 'entities'>,
  database: Pick<Database, 'app'>,
  means: RebuildMeans,
): Promise<SourceRebuild[]> {
  const known = await sourceAccounts(database.app);
  const done: SourceRebuild[] = [];
  for (const { source, name, account } of known) {
    const { stripe, salesforce } = config.sources;
    const { clock, check } = means;
    const progress = (object: string, { objects }: { objects: bigint }): void =>
      means.progress?.(name, object, objects);
    if (source === 'stripe' && stripe[name]) {
      const job = stripeJob(name, stripe[name], config.entities);
      const rebuilt = await rebuildBooks(database, job, { clock, check, progress });
      done.push({ source, name, ...rebuilt });
    }
    if (source === 'salesforce' && salesforce[name]) {
      const job = await salesforceJob(account, salesforce[name], config.entities, clock);
      const rebuilt = await rebuildBooks(database, job, { clock, check, progress });
      done.push({ source, name, ...rebuilt });
    }
  }
  return done;
}

function stripeJob(
  name: string,
  config: Config['sources']['stripe'][string],
  entities: Config['entities'],
): ReturnType<typeof stripeDeriveJob> {
  const entity = entities.find(({ id }) => id === config.entity);
  if (entity === undefined) throw new RangeError(`no entity ${config.entity} is declared`);
  const { id: entityId, time_zone: bookZone } = entity;
  return stripeDeriveJob({ name, config, entity: { entityId, bookZone } });
}

async function salesforceJob(
  account: string,
  config: Config['sources']['salesforce'][string],
  entities: Config['entities'],
  clock: Clock,
): Promise<ReturnType<typeof deriveJob>> {
  const check = await checkSalesforce(config, { clock, entities, sleep });
  if ('refused' in check) throw new InvalidInput('Salesforce', [check.refused]);
  return deriveJob(account, salesforceContext(config, check, entities));
}
