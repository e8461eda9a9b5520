import { setTimeout as sleep } from 'node:timers/promises';
import { formatProblem, type Problem } from '../../core/problem';
import type { Clock } from '../../platform/clock';
import type { Config } from '../../platform/config';
import { checkSalesforce } from '../../sources/salesforce/check-salesforce';
import { SalesforceFault } from '../../sources/salesforce/salesforce-fault';
import type { AccountProblem } from '../../sources/stripe/check-account';
import { StripeFault } from '../../sources/stripe/stripe-fault';
import { checkStripe } from '../../sources/stripe/sync-stripe';
import { checkWarehouse } from '../../sources/warehouse/sync-warehouse';
import { counted } from '../text-layout';
import { fail, ok, warn, type Diagnosis } from './diagnosis';

type Sourced = Pick<Config, 'sources' | 'entities'>;

/** Asks every declared source what its credentials may see and do. Reads no records of it. */
export async function* examineSources(config: Sourced, clock: Clock): AsyncIterable<Diagnosis> {
  const { salesforce, stripe, warehouse } = config.sources;
  for (const name of Object.keys(salesforce)) yield* await examineOrg(name, config, clock);
  for (const name of Object.keys(stripe)) yield* await examineAccount(name, config, clock);
  for (const name of Object.keys(warehouse)) yield* await examineWarehouse(name, config);
}

const unreachable = 'Make it reachable from this machine, or correct its address in tieout.yaml.';

async function examineOrg(
  name: string,
  { sources, entities }: Sourced,
  clock: Clock,
): Promise<Diagnosis[]> {
  const about = `Salesforce ${name}`;
  const config = sources.salesforce[name];
  if (config === undefined) return [];
  try {
    const check = await checkSalesforce(config, { clock, entities, sleep });
    if ('refused' in check) return [ofProblem(about, check.refused)];
    const { account, usage, plans, absent } = check;
    const calls = usage === null ? '' : `, ${usage.used} of ${usage.limit} API calls used today`;
    const missing = absent.length === 0 ? '' : `; the org has no ${absent.join(', ')}`;
    const read = counted(plans.length, 'object');
    return [
      ...check.problems.map((problem) => ofProblem(about, problem)),
      ok(about, `org ${account}: ${read} can be read${calls}${missing}`),
    ];
  } catch (cause) {
    if (!(cause instanceof SalesforceFault)) throw cause;
    return [fail(about, `${cause.message}.`, unreachable)];
  }
}

/** Without these no object is proven; the rest can be lived with, and is said. */
const stripeFailures: ReadonlySet<AccountProblem['code']> = new Set([
  'key_refused',
  'key_can_write',
  'permission_missing',
  'clock_skew',
]);

async function examineAccount(
  name: string,
  { sources }: Sourced,
  clock: Clock,
): Promise<Diagnosis[]> {
  const about = `Stripe ${name}`;
  const config = sources.stripe[name];
  if (config === undefined) return [];
  try {
    const { accountId, reads, problems } = await checkStripe({ config }, { clock });
    const readable = reads.filter(({ state }) => state === 'readable').length;
    const found = problems.map(({ code, message, remedy }) =>
      stripeFailures.has(code) ? fail(about, message, remedy) : warn(about, message, remedy),
    );
    if (problems.some(({ code }) => code === 'key_refused')) return found;
    const kinds = `${readable} of ${counted(reads.length, 'kind')} of objects`;
    return [...found, ok(about, `${accountId ?? 'account'}: ${kinds} can be read`)];
  } catch (cause) {
    if (!(cause instanceof StripeFault)) throw cause;
    return [fail(about, `${cause.message}.`, unreachable)];
  }
}

async function examineWarehouse(name: string, { sources }: Sourced): Promise<Diagnosis[]> {
  const about = `warehouse ${name}`;
  const config = sources.warehouse[name];
  if (config === undefined) return [];
  const role = await checkWarehouse(config);
  if ('refused' in role) return [ofProblem(about, role.refused)];
  const queries = counted(Object.keys(config.tables).length, 'declared query', 'declared queries');
  return [
    ...role.problems.map((problem) => ofProblem(about, problem)),
    ok(about, `${role.role} on Postgres ${role.serverVersion}, ${queries}`),
  ];
}

function ofProblem(
  about: string,
  { severity, remedy, ...problem }: Problem & { severity: 'error' | 'warning' },
): Diagnosis {
  const message = formatProblem({ ...problem, remedy: '' }).trimEnd();
  return severity === 'error' ? fail(about, message, remedy) : warn(about, message, remedy);
}
