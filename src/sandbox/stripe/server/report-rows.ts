import type Stripe from 'stripe';
import { majorText, wireAmount } from '../../kit/units';
import type { Wire } from '../render/wire';
import type { AccountView } from './account-view';
import { movementsOf } from './balance';

type Movement = Wire<Stripe.BalanceTransaction>;
type Payout = Wire<Stripe.Payout>;

export interface Interval {
  start: number;
  /** Not itself of the interval. */
  end: number;
  timezone: string;
}

/** Reports carry major units where the API carries minor ones (CONTROLS S2). */
export function wireMajor(amount: number, currency: string): string {
  const code = currency.toUpperCase();
  return majorText(BigInt(amount) / BigInt(wireAmount(1n, code)), code);
}

/** The id of what may be expanded; '' for none. */
const idOf = (value: string | { id: string } | null): string =>
  typeof value === 'string' ? value : (value?.id ?? '');

const clockOf = (timezone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });

/** The effective instant of automatic payouts, by id: when their money left the balance. */
function automaticPayouts(view: AccountView): { id: string; at: number }[] {
  const payouts = view.table('payouts');
  const found: { id: string; at: number }[] = [];
  for (let rank = 0; rank < payouts.size; rank += 1) {
    if (!view.shows('payouts', rank)) continue;
    const payout = payouts.read(rank).object as Payout;
    if (!payout.automatic) continue;
    const own = view.find('balance_transactions', idOf(payout.balance_transaction));
    const at = own === null ? payout.arrival_date : (own.object as Movement).available_on;
    found.push({ id: payout.id, at });
  }
  return found;
}

/** A balance report counts a movement when it was made, an automatic payout when it left (S18). */
const countedAt = (movement: Movement, payouts: ReadonlyMap<string, number>): number =>
  movement.type === 'payout'
    ? (payouts.get(idOf(movement.source)) ?? movement.created)
    : movement.created;

const isPayout = ({ reporting_category: category }: Movement): boolean =>
  category === 'payout' || category === 'payout_reversal';

export type Row = Readonly<Record<string, string>>;

function itemized(movement: Movement, timezone: string): Row {
  const [utc, local] = [clockOf('UTC'), clockOf(timezone)];
  const { currency, created, available_on: available } = movement;
  return {
    balance_transaction_id: movement.id,
    created_utc: utc.format(created * 1000),
    created: local.format(created * 1000),
    available_on_utc: utc.format(available * 1000),
    available_on: local.format(available * 1000),
    currency,
    gross: wireMajor(movement.amount, currency),
    fee: wireMajor(movement.fee, currency),
    net: wireMajor(movement.net, currency),
    reporting_category: movement.reporting_category,
    source_id: idOf(movement.source),
    description: movement.description ?? '',
  };
}

interface Sums {
  count: number;
  gross: number;
  fee: number;
  net: number;
}

function sumsBy(
  movements: Iterable<Movement>,
  keyOf: (movement: Movement) => string,
): [string, Sums][] {
  const sums = new Map<string, Sums>();
  for (const movement of movements) {
    const sum = sums.get(keyOf(movement)) ?? { count: 0, gross: 0, fee: 0, net: 0 };
    sum.count += 1;
    sum.gross += movement.amount;
    sum.fee += movement.fee;
    sum.net += movement.net;
    sums.set(keyOf(movement), sum);
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
}

function* counted(view: AccountView, { start, end }: Interval): Generator<Movement> {
  const payouts = new Map(automaticPayouts(view).map(({ id, at }) => [id, at]));
  for (const { movement } of movementsOf(view)) {
    const at = countedAt(movement, payouts);
    if (at >= start && at < end) yield movement;
  }
}

function* changeSummary(view: AccountView, interval: Interval): Generator<Row> {
  const activity = [...counted(view, interval)].filter((movement) => !isPayout(movement));
  const keyOf = (one: Movement): string => `${one.currency}/${one.reporting_category}`;
  for (const [key, sum] of sumsBy(activity, keyOf)) {
    const [currency = '', category = ''] = key.split('/');
    yield {
      reporting_category: category,
      currency,
      count: String(sum.count),
      gross: wireMajor(sum.gross, currency),
      fee: wireMajor(sum.fee, currency),
      net: wireMajor(sum.net, currency),
    };
  }
}

function* balanceSummary(view: AccountView, interval: Interval): Generator<Row> {
  const past: Interval = { ...interval, start: 0, end: interval.start };
  const before = new Map(sumsBy(counted(view, past), ({ currency }) => currency));
  const now = [...counted(view, interval)];
  const during = new Map(
    sumsBy(now, (one) => `${one.currency}/${isPayout(one) ? 'payouts' : 'activity'}`),
  );
  const currencies = new Set([...before.keys(), ...now.map(({ currency }) => currency)]);
  for (const currency of [...currencies].sort()) {
    const starting = before.get(currency)?.net ?? 0;
    const activity = during.get(`${currency}/activity`)?.net ?? 0;
    const payouts = during.get(`${currency}/payouts`)?.net ?? 0;
    const rows: [string, string, number][] = [
      ['starting_balance', 'Starting balance', starting],
      ['activity', 'Balance change from activity', activity],
      ['payouts', 'Payouts', payouts],
      ['ending_balance', 'Ending balance', starting + activity + payouts],
    ];
    for (const [category, description, amount] of rows)
      yield { category, description, net_amount: wireMajor(amount, currency), currency };
  }
}

function* changeItems(view: AccountView, interval: Interval): Generator<Row> {
  for (const movement of counted(view, interval))
    if (!isPayout(movement)) yield itemized(movement, interval.timezone);
}

function* payoutItems(view: AccountView, interval: Interval): Generator<Row> {
  for (const { id, at } of automaticPayouts(view)) {
    if (at < interval.start || at >= interval.end) continue;
    for (const { object } of view.having('balance_transactions', 'payout', id)) {
      const movement = object as Movement;
      if (isPayout(movement)) continue;
      yield {
        automatic_payout_id: id,
        automatic_payout_effective_at_utc: clockOf('UTC').format(at * 1000),
        automatic_payout_effective_at: clockOf(interval.timezone).format(at * 1000),
        ...itemized(movement, interval.timezone),
      };
    }
  }
}

/** What stands on the balance at the end: movements that no payout has taken by then. */
function* endingItems(view: AccountView, { end, timezone }: Interval): Generator<Row> {
  const table = view.table('balance_transactions');
  const gone = automaticPayouts(view).filter(({ at }) => at < end);
  const taken = new Set(gone.flatMap(({ id }) => [...table.ranksWith('payout', id)]));
  // The payout's own movement takes what is in it, and stands for nothing itself.
  const own = new Set(gone.map(({ id }) => id));
  for (const { rank, movement } of movementsOf(view)) {
    const leaves = movement.type === 'payout' && own.has(idOf(movement.source));
    if (movement.created < end && !taken.has(rank) && !leaves) yield itemized(movement, timezone);
  }
}

const itemColumns = [
  ...['balance_transaction_id', 'created_utc', 'created', 'available_on_utc', 'available_on'],
  ...['currency', 'gross', 'fee', 'net', 'reporting_category', 'source_id', 'description'],
];

const payoutColumns = [
  'automatic_payout_id',
  'automatic_payout_effective_at_utc',
  'automatic_payout_effective_at',
];

interface Report {
  name: string;
  columns: readonly string[];
  rows(view: AccountView, interval: Interval): Iterable<Row>;
}

/** Reports by type, with all their columns. */
export const reports: Readonly<Record<string, Report>> = {
  'balance.summary.1': {
    name: 'Balance summary',
    columns: ['category', 'description', 'net_amount', 'currency'],
    rows: balanceSummary,
  },
  'balance_change_from_activity.summary.1': {
    name: 'Balance change from activity summary',
    columns: ['reporting_category', 'currency', 'count', 'gross', 'fee', 'net'],
    rows: changeSummary,
  },
  'balance_change_from_activity.itemized.3': {
    ...{ name: 'Itemized balance change from activity', columns: itemColumns },
    rows: changeItems,
  },
  'payout_reconciliation.itemized.5': {
    name: 'Itemized payout reconciliation',
    columns: [...payoutColumns, ...itemColumns],
    rows: payoutItems,
  },
  'ending_balance_reconciliation.itemized.4': {
    ...{ name: 'Itemized ending balance reconciliation', columns: itemColumns },
    rows: endingItems,
  },
};
