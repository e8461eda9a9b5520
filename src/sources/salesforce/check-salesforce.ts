import type { SalesforceConfig } from '../../platform/source-config';
import { planObjects, type OrgPlan } from './plan-object';
import { SalesforceConnection, type ApiUsage, type ConnectionMeans } from './salesforce-connection';
import { SalesforceFault } from './salesforce-fault';
import {
  callsUsedUp,
  clockSkewed,
  currencyUnknown,
  rowsHidden,
  userCanWrite,
  viewAllMissing,
  viewAllUnknown,
  type SalesforceProblem,
} from './salesforce-problem';
import { splitRecords } from './split-records';

/** The part of a configured entity that reading an org needs. */
export interface OrgEntity {
  id: string;
  currency: string;
  time_zone: string;
}

/** An org as its integration user sees it. */
export interface SalesforceCheck extends OrgPlan {
  /** Id of the org, 18 characters; what the books call the account. */
  account: string;
  userId: string;
  apiVersion: string;
  usage: ApiUsage | null;
  /** How far the server's clock is ahead of ours. */
  clockSkewSeconds: number;
  /** Of all amounts, in an org with one currency. */
  currency: string | null;
  corporateCurrency: string | null;
}

/** Beyond this, windows could end before what they hold. */
const skewAllowedSeconds = 60;
/** Objects whose records sharing hides, and that controls rest on. */
const shared = ['Account', 'Opportunity', 'Order', 'Contract'] as const;

/**
 * Signs in and says what this user may see and do, down to each field that is missing. What the
 * credentials cannot do is a problem; throws SalesforceFault when Salesforce cannot be reached.
 */
export async function checkSalesforce(
  config: SalesforceConfig,
  means: ConnectionMeans & { entities: readonly OrgEntity[] },
): Promise<SalesforceCheck | { refused: SalesforceProblem }> {
  try {
    const connection = await SalesforceConnection.open(config, means);
    return await inspectOrg(connection, config, means);
  } catch (cause) {
    if (!(cause instanceof SalesforceFault)) throw cause;
    if (cause.kind === 'limit') return { refused: callsRefused(cause) };
    if (cause.kind === 'sign_in_refused') return { refused: signInRefused(cause) };
    throw cause;
  }
}

/** A refused sign-in as a problem. */
export const signInRefused = ({ message }: SalesforceFault): SalesforceProblem => ({
  ...{ severity: 'error', code: 'sign_in_refused', object: null, field: 'auth', message },
  remedy: 'Check the connected app: its key, its user, and that the user is approved for it.',
});

const callsRefused = ({ message }: SalesforceFault): SalesforceProblem => ({
  ...{ severity: 'error', code: 'calls_used_up', object: null, message },
  remedy: 'Wait until the org has API calls again, or buy more.',
});

/** The same over a connection that is open already. */
export async function inspectOrg(
  connection: SalesforceConnection,
  config: SalesforceConfig,
  { clock, entities }: ConnectionMeans & { entities: readonly OrgEntity[] },
): Promise<SalesforceCheck> {
  const limits = await askUsage(connection);
  const nowMs = new Date(clock.now()).getTime();
  const serverMs = new Date(connection.serverTime ?? nowMs).getTime();
  const clockSkewSeconds = Math.round((serverMs - nowMs) / 1000);
  const plan = await planObjects(connection, config);
  const money = await currenciesOf(connection, plan, entities);
  const { userId, organizationId } = connection.who;
  const problems = [...plan.problems, ...money.problems];
  problems.push(...(await accessProblems(connection, userId)));
  problems.push(...(await hiddenRows(connection, plan)));
  if (Math.abs(clockSkewSeconds) > skewAllowedSeconds)
    problems.push(clockSkewed(Math.abs(clockSkewSeconds)));
  const usage = connection.usage ?? limits;
  const share = config.api_calls_share;
  if (usage !== null && usage.used * 100 >= usage.limit * share)
    problems.push(callsUsedUp(usage.used, usage.limit, share));
  const { currency, corporateCurrency } = money;
  const { apiVersion } = connection;
  return {
    ...{ account: organizationId, userId, apiVersion, usage, clockSkewSeconds },
    ...{ currency, corporateCurrency, plans: plan.plans, absent: plan.absent, problems },
  };
}

async function askUsage(connection: SalesforceConnection): Promise<ApiUsage | null> {
  return orNull(
    connection.ask({ path: '/limits' }, ({ body }) => {
      const { DailyApiRequests: daily } = JSON.parse(body) as {
        DailyApiRequests?: { Max: number; Remaining: number };
      };
      return { usage: daily ? { used: daily.Max - daily.Remaining, limit: daily.Max } : null };
    }),
  ).then((found) => found?.usage ?? null);
}

/** What an org without an endpoint, or a user without the right to it, cannot be asked. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  return asked.catch((cause: unknown) => {
    const isRefusal =
      cause instanceof SalesforceFault && ['not_found', 'refused'].includes(cause.kind);
    if (isRefusal || cause instanceof SyntaxError) return null;
    throw cause;
  });
}

/** Rows of a short query, by field. */
export async function askRows(
  connection: SalesforceConnection,
  soql: string,
  withDeleted = false,
): Promise<Record<string, unknown>[]> {
  const path = `/${withDeleted ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`;
  const page = await connection.ask({ path }, ({ body }) => splitRecords(body));
  return page.records.map((text) => JSON.parse(text) as Record<string, unknown>);
}

async function accessProblems(
  connection: SalesforceConnection,
  userId: string,
): Promise<SalesforceProblem[]> {
  const fields = 'PermissionSet.PermissionsViewAllData, PermissionSet.PermissionsModifyAllData';
  const from = `FROM PermissionSetAssignment WHERE AssigneeId = '${userId}'`;
  const rows = await orNull(askRows(connection, `SELECT ${fields} ${from}`));
  const sets = (rows ?? []).map((row) => row['PermissionSet'] as Record<string, unknown> | null);
  if (sets.length === 0) return [viewAllUnknown()];
  const may = (name: string): boolean => sets.some((set) => set?.[name] === true);
  const canWrite = may('PermissionsModifyAllData');
  if (canWrite) return [userCanWrite()];
  return may('PermissionsViewAllData') ? [] : [viewAllMissing()];
}

/** Counts of the org against what the user sees of it: sharing hides rows from the latter only. */
async function hiddenRows(
  connection: SalesforceConnection,
  { plans }: OrgPlan,
): Promise<SalesforceProblem[]> {
  const names = shared.filter((name) => plans.some(({ object }) => object.name === name));
  // Asked for none, it counts every object of the org, those too that cannot be queried.
  if (names.length === 0) return [];
  const counted = await orNull(
    connection.ask({ path: `/limits/recordCount?sObjects=${names.join(',')}` }, ({ body }) =>
      countsIn(body),
    ),
  );
  const problems: SalesforceProblem[] = [];
  for (const name of names) {
    const count = counted?.get(name) ?? 0;
    const path = `/query?q=${encodeURIComponent(`SELECT COUNT() FROM ${name}`)}`;
    const seen = await orNull(
      connection.ask({ path }, ({ body }) => splitRecords(body)?.totalSize ?? null),
    );
    // The org's own count is approximate and some minutes old.
    if (seen !== null && count - seen > Math.max(10, count / 100))
      problems.push(rowsHidden(name, seen, count));
  }
  return problems;
}

/** By object; an answer of another shape counts nothing. */
function countsIn(body: string): Map<string, number> {
  const { sObjects } = (JSON.parse(body) ?? {}) as { sObjects?: unknown };
  const counts: unknown[] = Array.isArray(sObjects) ? sObjects : [];
  return new Map(
    counts.map((one) => {
      const { name, count } = (one ?? {}) as { name?: unknown; count?: unknown };
      return [String(name), Number(count)];
    }),
  );
}

interface OrgMoney {
  currency: string | null;
  corporateCurrency: string | null;
  problems: SalesforceProblem[];
}

async function currenciesOf(
  connection: SalesforceConnection,
  { plans }: OrgPlan,
  entities: readonly OrgEntity[],
): Promise<OrgMoney> {
  if (plans.some(({ object }) => object.name === 'CurrencyType')) {
    const soql = 'SELECT IsoCode FROM CurrencyType WHERE IsCorporate = true';
    const [row] = await askRows(connection, soql);
    const corporate = row?.['IsoCode'];
    return {
      currency: null,
      corporateCurrency: typeof corporate === 'string' ? corporate : null,
      problems: [],
    };
  }
  const currencies = new Set(entities.map(({ currency }) => currency));
  const [only] = currencies.size === 1 ? currencies : [];
  if (only !== undefined) return { currency: only, corporateCurrency: null, problems: [] };
  return { currency: null, corporateCurrency: null, problems: [currencyUnknown()] };
}
