import * as path from 'node:path';
import { loadConfig, type Config } from '../../platform/config';
import type { ServedWorld } from '../serve/serve-world';

/** How a production would be configured that reads the company of the sandbox. */
export const northwindConfigFile = path.join(__dirname, 'tieout.northwind.yaml');

/** Where the stand-ins of one start answer, and what lets Tieout in. */
export type NorthwindAccess = Pick<ServedWorld, 'stripe' | 'salesforce'> & { warehouseUrl: string };

/** The configuration of the company, with what only this start of the stand-ins knows. */
export function northwindConfig(
  { stripe, salesforce, warehouseUrl }: NorthwindAccess,
  logLevel: Config['logLevel'] = 'warn',
): Config {
  const env = {
    NORTHWIND_STRIPE_URL: stripe.url,
    NORTHWIND_STRIPE_US_KEY: stripe.keys['ni-us'],
    NORTHWIND_STRIPE_IE_KEY: stripe.keys['ni-ie'],
    NORTHWIND_SALESFORCE_URL: salesforce.url,
    NORTHWIND_SALESFORCE_CLIENT: salesforce.clientId,
    NORTHWIND_SALESFORCE_USER: salesforce.username,
    NORTHWIND_SALESFORCE_KEY: salesforce.privateKey,
    NORTHWIND_WAREHOUSE_URL: warehouseUrl,
  };
  return loadConfig(env, northwindConfigFile, logLevel);
}
