import * as path from 'node:path';
import { loadConfig, type Config } from '../../platform/config';
import type { ServedWorld } from '../serve/serve-world';

/** How a production would be configured that reads the company of the sandbox. */
export const northwindConfigFile = path.join(__dirname, 'tieout.northwind.yaml');

/** Where the stand-ins of one start answer, and what lets Tieout in. */
export interface NorthwindAccess {
  stripe: Pick<ServedWorld['stripe'], 'url' | 'keys'>;
  salesforce: Pick<ServedWorld['salesforce'], 'url' | 'clientId' | 'username' | 'privateKey'>;
  warehouseUrl: string;
}

const nobody = 'nobody answers';
const nowhere: NorthwindAccess = {
  stripe: { url: 'http://127.0.0.1:9', keys: { 'ni-us': nobody, 'ni-ie': nobody } },
  salesforce: {
    ...{ url: 'http://127.0.0.1:9', clientId: nobody, username: nobody, privateKey: nobody },
  },
  warehouseUrl: 'postgres://127.0.0.1:9/nowhere',
};

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

/** The same while nothing is served: for what asks of entities and controls alone. */
export const northwindAtRest = (logLevel?: Config['logLevel']): Config =>
  northwindConfig(nowhere, logLevel);
