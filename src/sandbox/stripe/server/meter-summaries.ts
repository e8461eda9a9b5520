import type Stripe from 'stripe';
import { DAY, HOUR } from '../../kit/instants';
import { stripeId } from '../../kit/ids';
import type { MeterUsage } from '../render/render-stripe';
import type { Wire } from '../render/wire';
import type { RecordTable } from '../store/record-table';
import type { AccountView } from './account-view';
import { integerOf, textOf, type Params } from './parse-params';
import { invalidRequest } from './stripe-error';

/** A record holds what was used in one month, and is as old as the first of it. */
const longestRecord = 32 * DAY;

type Summary = Wire<Stripe.Billing.MeterEventSummary>;

const missing = (name: string): Error =>
  invalidRequest('parameter_missing', `Missing required param: ${name}.`, name);

function bounds(params: Params, step: number): [number, number] {
  const start = integerOf(params, 'start_time');
  const end = integerOf(params, 'end_time');
  if (start === null) throw missing('start_time');
  if (end === null) throw missing('end_time');
  for (const [name, at] of [['start_time', start] as const, ['end_time', end] as const])
    if (at % step !== 0)
      throw invalidRequest(
        'parameter_invalid_integer',
        `${name} must be aligned with ${step === 60 ? 'minute' : 'window'} boundaries.`,
        name,
      );
  if (end <= start)
    throw invalidRequest(
      'parameter_invalid_integer',
      'end_time must be after start_time.',
      'end_time',
    );
  return [start, end];
}

/** Answers whose other pages are likely to be asked for; the oldest one makes room. */
const keptAnswers = 64;
const kept = new WeakMap<RecordTable, Map<string, Summary[]>>();

/**
 * What a customer used of a meter from start_time up to and without end_time: one sum, or one for
 * each hour or day (UTC) with usage, newest first. A past that is over is the same for every page.
 */
export function meterSummaries(view: AccountView, meter: string, params: Params): Summary[] {
  const customer = textOf(params.customer);
  if (customer === null) throw missing('customer');
  const window = textOf(params.value_grouping_window);
  const step = window === null ? 60 : window === 'hour' ? HOUR : DAY;
  const [start, end] = bounds(params, step);
  const asked = { customer, meter, start, end, step, isOne: window === null };
  if (end > view.now) return summarize(view, asked);
  const table = view.table('meter_usage');
  const answers = kept.get(table) ?? new Map<string, Summary[]>();
  kept.set(table, answers);
  const key = [...Object.values(asked), table.size].join('/');
  const answer = answers.get(key) ?? summarize(view, asked);
  answers.set(key, answer);
  const [oldest] = answers.keys();
  if (answers.size > keptAnswers && oldest !== undefined) answers.delete(oldest);
  return answer;
}

interface Asked {
  customer: string;
  meter: string;
  start: number;
  end: number;
  /** Seconds of a sum. */
  step: number;
  /** One sum over all of it. */
  isOne: boolean;
}

function summarize(view: AccountView, asked: Asked): Summary[] {
  const { customer, meter, start, end, step, isOne } = asked;
  const table = view.table('meter_usage');
  const sums = new Map<number, number>();
  if (isOne) sums.set(start, 0);
  for (const rank of table.ranksWith('customer_meter', `${customer}/${meter}`)) {
    const first = table.createdAt(rank);
    if (first >= end || first + longestRecord <= start) continue;
    const usage = table.read(rank).object as MeterUsage;
    usage.at.forEach((at, i) => {
      if (at < start || at >= end || at > view.now) return;
      const of = isOne ? start : at - (at % step);
      sums.set(of, (sums.get(of) ?? 0) + (usage.quantity[i] ?? 0));
    });
  }
  // Tells the place in this answer: the same hour of another range has another. A page needs the
  // ids of all of them, so the answer has one of its own, and a place in it.
  const answer = stripeId('mtrusg', meter, customer, start, end);
  return [...sums]
    .sort(([a], [b]) => b - a)
    .map(([from, value]) => ({
      id: answer + (from / step).toString(36),
      object: 'billing.meter_event_summary',
      aggregated_value: value,
      end_time: isOne ? end : from + step,
      livemode: true,
      meter,
      start_time: from,
    }));
}
