import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database/open-database';
import type { WindowStream } from '../../books/source-windows';
import type { ObjectPlan } from './plan-object';
import type { SalesforceConnection } from './salesforce-connection';

/** Rows above which a window is read by Bulk API 2.0, and above which it is divided. */
export interface ReadLimits {
  bulkRows: number;
  windowRows: number;
}

export const usualLimits: ReadLimits = { bulkRows: 50_000, windowRows: 200_000 };

/** Everything that reading one object takes. */
export interface ObjectJob {
  database: Pick<Database, 'app'>;
  connection: SalesforceConnection;
  plan: ObjectPlan;
  /** Id of the org. */
  account: string;
  /** Of amounts of records that name none. */
  currency: string | null;
  clock: Clock;
  sleep: (ms: number) => Promise<void>;
  limits: ReadLimits;
  /** Told as records come. */
  progress: (rows: number) => void;
}

export const salesforceSource = 'salesforce';

export const streamOf = ({ account, plan }: Pick<ObjectJob, 'account' | 'plan'>): WindowStream => ({
  source: salesforceSource,
  account,
  object: plan.object.name,
});
