import type Stripe from 'stripe';
import { inParallel } from './in-parallel';
import { stripeApiVersion, type StripeConnection } from './stripe-connection';
import { isTransient, StripeFault } from './stripe-fault';
import { splitList } from './split-list';
import { stripeStreams } from './streams';

/** Whether a kind of object can be read. */
export interface ReadProbe {
  /** As windows name it; 'event', 'account', 'balance' and 'report' besides. */
  object: string;
  endpoint: string;
  state: 'readable' | 'permission_missing' | 'not_offered' | 'unavailable';
  /** What Stripe said, such as the permission that the key lacks; null where it can be read. */
  message: string | null;
  /** How its list does not keep to `created`; null where it does, or has no such filter. */
  unfiltered: string | null;
}

/** What a person must do about an account, or know of it. */
export interface AccountProblem {
  code:
    | 'key_refused'
    | 'key_can_write'
    | 'permission_missing'
    | 'endpoint_missing'
    | 'unfiltered'
    | 'unavailable'
    | 'test_mode'
    | 'other_api_version'
    | 'clock_skew';
  message: string;
  remedy: string;
}

/** How an account answers to its key: what `tieout doctor` prints. */
export interface AccountCheck {
  /** 'acct_…'; null where the key may not see it. */
  accountId: string | null;
  livemode: boolean;
  /** Asked for, and the one that answers came in. */
  apiVersion: { asked: string; answered: string | null };
  /** Our clock minus Stripe's, in milliseconds; null when Stripe dated no answer. */
  clockAheadMs: number | null;
  reads: ReadProbe[];
  /** Kinds of object that the key could change; none of a restricted key that reads. */
  writes: string[];
  problems: AccountProblem[];
}

const worstSkewMs = 60_000;
/** No object has this id, so that a change of it changes nothing. */
const nobody = 'tieout_permission_probe';

type Call = (stripe: Stripe) => Promise<unknown>;

/** Nothing was created then: a list that keeps to `created` is empty. */
const nothingThen = { gte: 0, lte: 1 };

interface Probe {
  object: string;
  endpoint: string;
  call: Call;
  /** The same, where its list is filtered by `created`. */
  filtered?: Call;
}

const readProbes: readonly Probe[] = [
  ...stripeStreams.map(({ object, endpoint, list, by }): Probe => ({
    ...{ object, endpoint },
    call: (stripe: Stripe) => list(stripe, { limit: 1 }),
    ...(by === 'created' && {
      filtered: (stripe: Stripe) => list(stripe, { limit: 1, created: nothingThen }),
    }),
  })),
  {
    object: 'customer_balance_transaction',
    endpoint: 'GET /v1/customers/:id/balance_transactions',
    call: (stripe) => stripe.customers.listBalanceTransactions(nobody, { limit: 1 }),
  },
  {
    object: 'billing.credit_balance_transaction',
    endpoint: 'GET /v1/billing/credit_balance_transactions',
    call: (stripe) => stripe.billing.creditBalanceTransactions.list({ customer: nobody, limit: 1 }),
  },
  {
    object: 'billing.meter_event_summary',
    endpoint: 'GET /v1/billing/meters/:id/event_summaries',
    call: (stripe) =>
      stripe.billing.meters.listEventSummaries(nobody, {
        ...{ customer: nobody, start_time: 1767225600, end_time: 1767229200 },
      }),
  },
  {
    object: 'payment_record',
    endpoint: 'GET /v1/payment_records/:id',
    call: (stripe) => stripe.paymentRecords.retrieve(nobody),
  },
  {
    object: 'event',
    endpoint: 'GET /v1/events',
    call: (stripe) => stripe.events.list({ limit: 1 }),
  },
  {
    object: 'report',
    endpoint: 'GET /v1/reporting/report_types',
    call: (stripe) => stripe.reporting.reportTypes.list(),
  },
];

const writeProbes: readonly { object: string; call: Call }[] = [
  { object: 'customer', call: (stripe) => stripe.customers.update(nobody, {}) },
  { object: 'product', call: (stripe) => stripe.products.update(nobody, {}) },
  { object: 'price', call: (stripe) => stripe.prices.update(nobody, {}) },
  { object: 'coupon', call: (stripe) => stripe.coupons.update(nobody, {}) },
  { object: 'subscription', call: (stripe) => stripe.subscriptions.update(nobody, {}) },
  { object: 'invoice', call: (stripe) => stripe.invoices.update(nobody, {}) },
  { object: 'payment_intent', call: (stripe) => stripe.paymentIntents.update(nobody, {}) },
  { object: 'charge', call: (stripe) => stripe.charges.update(nobody, {}) },
  { object: 'dispute', call: (stripe) => stripe.disputes.update(nobody, {}) },
  { object: 'credit_note', call: (stripe) => stripe.creditNotes.update(nobody, {}) },
  { object: 'payout', call: (stripe) => stripe.payouts.update(nobody, {}) },
  { object: 'billing.meter', call: (stripe) => stripe.billing.meters.deactivate(nobody) },
  { object: 'billing.credit_grant', call: (stripe) => stripe.billing.creditGrants.expire(nobody) },
];

/** By the key alone: what Stripe calls test mode is in its name. */
export const isLiveKey = (key: string): boolean => !/^[a-z]+_test_/.test(key);

/**
 * Asks the account for one object of each kind, and whether the key could change any (by changes of
 * an object that does not exist). Never throws for what Stripe answers.
 */
export async function checkAccount(
  connection: StripeConnection,
  { key, now }: { key: string; now: () => string },
): Promise<AccountCheck> {
  const check: AccountCheck = {
    accountId: null,
    livemode: isLiveKey(key),
    apiVersion: { asked: stripeApiVersion, answered: null },
    ...{ clockAheadMs: null, reads: [], writes: [], problems: [] },
  };
  const own = await ownAccount(connection, check);
  if (own === 'key_refused') return check;
  const reads = new Map<string, ReadProbe>();
  await inParallel(readProbes, 4, async (probe) => {
    const isUp = own === 'answered';
    reads.set(probe.object, await readProbe(connection, probe, isUp));
  });
  check.reads = readProbes.flatMap(({ object }) => reads.get(object) ?? []);
  check.writes = await writable(connection, key);
  const { serverTime } = connection;
  if (serverTime !== null)
    check.clockAheadMs = new Date(now()).getTime() - new Date(serverTime).getTime();
  check.problems.push(...problemsOf(check));
  return check;
}

async function ownAccount(
  connection: StripeConnection,
  check: AccountCheck,
): Promise<'key_refused' | 'unavailable' | 'answered'> {
  try {
    const call: Call = (stripe) => stripe.accounts.retrieveCurrent();
    const { body, apiVersion } = await connection.ask('GET /v1/account', call);
    const { id } = JSON.parse(body) as { id?: unknown };
    check.accountId = typeof id === 'string' ? id : null;
    check.apiVersion.answered = apiVersion;
    return 'answered';
  } catch (cause) {
    if (!(cause instanceof StripeFault)) throw cause;
    if (isTransient(cause)) return 'unavailable';
    if (cause.kind !== 'key_refused') return 'answered';
    const remedy = 'Put a restricted key of this account into its `key`.';
    check.problems.push({ code: 'key_refused', message: cause.message, remedy });
    return 'key_refused';
  }
}

/** `isUp`: that the account answers; then a list that does not may only not know its filter. */
async function readProbe(
  connection: StripeConnection,
  probe: Probe,
  isUp: boolean,
): Promise<ReadProbe> {
  const { object, endpoint, call, filtered } = probe;
  const told = { object, endpoint, message: null, unfiltered: null };
  const first = await answerTo(connection, endpoint, filtered ?? call);
  if (typeof first === 'string') {
    const isKept = filtered === undefined || (splitList(first)?.items.length ?? 0) === 0;
    const unfiltered = isKept ? null : 'gives objects that were created at other times';
    return { ...told, state: 'readable', unfiltered };
  }
  const { kind, message } = first;
  // An id that is not known was looked for.
  if (kind === 'not_found') return { ...told, state: 'readable' };
  const isMissing = kind === 'permission_missing' || kind === 'key_refused';
  if (isMissing) return { ...told, state: 'permission_missing', message };
  if (isUp && filtered !== undefined && kind !== 'busy') {
    const plain = await answerTo(connection, endpoint, call);
    if (typeof plain === 'string')
      return { ...told, state: 'readable', unfiltered: `refuses it (${message})` };
  }
  return { ...told, state: kind === 'refused' ? 'not_offered' : 'unavailable', message };
}

/** The text of an answer, or why there is none. */
async function answerTo(
  connection: StripeConnection,
  endpoint: string,
  call: Call,
): Promise<string | StripeFault> {
  try {
    return (await connection.ask(endpoint, call)).body;
  } catch (cause) {
    if (!(cause instanceof StripeFault)) throw cause;
    return cause;
  }
}

async function writable(connection: StripeConnection, key: string): Promise<string[]> {
  // A secret key, unlike a restricted one, may do everything.
  if (/^sk_/.test(key)) return writeProbes.map(({ object }) => object);
  const found = new Set<string>();
  await inParallel(writeProbes, 4, async ({ object, call }) => {
    try {
      await connection.ask(`POST ${object}`, call);
      found.add(object);
    } catch (cause) {
      if (!(cause instanceof StripeFault)) throw cause;
      if (cause.kind === 'not_found' || cause.kind === 'refused') found.add(object);
    }
  });
  return writeProbes.flatMap(({ object }) => (found.has(object) ? [object] : []));
}

function problemsOf(check: AccountCheck): AccountProblem[] {
  const found: AccountProblem[] = [];
  const note = (code: AccountProblem['code'], message: string, remedy: string): void => {
    found.push({ code, message, remedy });
  };
  if (check.writes.length > 0)
    note(
      'key_can_write',
      `The key can change objects of the account: ${check.writes.join(', ')}.`,
      'Use a restricted key with read permissions only (docs/stripe.md).',
    );
  if (!check.livemode)
    note('test_mode', 'The key is of test mode.', 'Use a live key for books that count.');
  for (const { object, endpoint, state, message, unfiltered } of check.reads) {
    const said = `${object}: ${message ?? ''}`;
    if (unfiltered !== null)
      note(
        'unfiltered',
        `${object}: ${endpoint}, asked by \`created\`, ${unfiltered}.`,
        'Nothing: its whole list is read each time, which takes longer.',
      );
    if (state === 'permission_missing')
      note('permission_missing', said, 'Grant the key the permission that Stripe names.');
    if (state === 'not_offered')
      note('endpoint_missing', said, 'What reads it is not evaluated; see docs/stripe.md.');
    if (state === 'unavailable') note('unavailable', said, 'Try again later.');
  }
  const { asked, answered } = check.apiVersion;
  if (answered !== null && answered !== asked)
    note(
      'other_api_version',
      `Answers come in API version ${answered}, and ${asked} was asked for.`,
      'Nothing, when it is a version that the mappings know (docs/stripe.md).',
    );
  const skew = check.clockAheadMs;
  const side = Number(skew) > 0 ? 'ahead of' : 'behind';
  if (skew !== null && Math.abs(skew) > worstSkewMs)
    note(
      'clock_skew',
      `The clock here is ${Math.round(Math.abs(skew) / 1000)} s ${side} Stripe's.`,
      'Set the clock of this machine (NTP).',
    );
  return found;
}
