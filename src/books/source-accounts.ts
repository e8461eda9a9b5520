import type { Knex } from 'knex';
import type { Clock } from '../platform/clock';
import type { Database } from '../platform/database/open-database';

/** Which account a declared source is, since a sync first saw it. */
export interface SourceAccount {
  source: 'stripe' | 'salesforce' | 'warehouse';
  /** As in tieout.yaml. */
  name: string;
  /** 'acct_…', the id of an org, the name of a database. */
  account: string;
  entityIds: readonly string[];
  /** The first day that is read; 'YYYY-MM-DD'. */
  since: string;
}

/** Writes down which account a source is; nothing when that is known already. */
export async function recordSourceAccount(
  database: Pick<Database, 'app'>,
  found: SourceAccount,
  { clock }: { clock: Clock },
): Promise<void> {
  const known = await sourceAccounts(database.app);
  const last = known.find(({ source, name }) => source === found.source && name === found.name);
  if (last !== undefined && JSON.stringify(last) === JSON.stringify(asKept(found))) return;
  const { source, name, account, entityIds, since } = asKept(found);
  await database.app.raw(
    `insert into books.source_accounts
       (source, name, account, entity_ids, since_on, recorded_at) values (?, ?, ?, ?, ?, ?)`,
    [source, name, account, [...entityIds], since, clock.now()],
  );
}

const asKept = ({ source, name, account, entityIds, since }: SourceAccount): SourceAccount => ({
  ...{ source, name, account, since },
  entityIds: [...entityIds].sort(),
});

/** Every source as the last sync found it. */
export async function sourceAccounts(database: Knex): Promise<SourceAccount[]> {
  const result = await database.raw<{ rows: SourceAccount[] }>(
    `select distinct on (source, name) source, name, account, since_on as since,
       entity_ids as "entityIds"
     from books.source_accounts order by source, name, recorded_at desc`,
  );
  return result.rows;
}
