import { DAY, HOUR, utcDay, weekday, type Instant } from '../../kit/instants';
import { entities } from '../../truth/company';
import type { MeterError, UsageBatch, UsageHour } from '../../truth/usage';
import type { CustomerWorld, WorldContext } from '../../world/customer-world';
import type { Candidate, ExpectedFinding, Injection } from '../../world/injection';

/** 'C300123/input_tokens/1751328000', of one metered hour. */
const keyOf = ({ customer }: CustomerWorld, { meter, hour }: UsageHour): string =>
  `${customer.key}/${meter}/${String(hour)}`;

/** What US-01 keys an item by: the Stripe customer and the meter. */
const chainKey = ({ customer }: CustomerWorld, { meter }: Pick<UsageHour, 'meter'>): string =>
  `${customer.stripeId}/${meter}`;

/** The batch as the table usage_batch names it. */
const batchId = ({ customer }: CustomerWorld, { meter, day }: UsageBatch): string =>
  `batch_${customer.organizationId.slice(4)}_${meter}_${day}`;

/**
 * An hour is judged two days after it was taken, by whoever knows the world up to the last whole
 * day of Los Angeles but one: what was taken later cannot be found yet.
 */
const settledAfter = 5 * DAY;

/**
 * The last metered hour of each meter and month of the books that was taken at once and has
 * settled: in a batch that is closed.
 */
function settledHours(world: CustomerWorld, { options }: WorldContext): UsageHour[] {
  const { zone } = entities[world.customer.entity];
  const refused = new Set(world.usage.errors.map(({ key }) => key));
  const last = new Map<string, UsageHour>();
  for (const hour of world.usage.metered) {
    const isSettled = hour.ingestedAt + settledAfter <= options.now;
    if (!isSettled || refused.has(keyOf(world, hour))) continue;
    last.set(`${hour.meter}/${zone.dayOf(hour.firstAt).slice(0, 7)}`, hour);
  }
  return [...last.values()];
}

const candidatesOf = (world: CustomerWorld, ctx: WorldContext): Candidate[] =>
  settledHours(world, ctx).map((hour) => ({ key: keyOf(world, hour), at: hour.firstAt }));

function hourIn(world: CustomerWorld, { key }: Candidate): UsageHour {
  const found = world.usage.metered.find((hour) => keyOf(world, hour) === key);
  if (found === undefined) throw new RangeError(`${key} is not metered`);
  return found;
}

function batchOf({ usage }: CustomerWorld, { meter, ingestedAt }: UsageHour): UsageBatch | null {
  const day = utcDay(ingestedAt);
  return usage.batches.find((batch) => batch.meter === meter && batch.day === day) ?? null;
}

/** The store keeps its own list: the meter's is made anew without these hours. */
function unmeter({ usage }: CustomerWorld, hours: ReadonlySet<UsageHour>): void {
  usage.metered = usage.metered.filter((hour) => !hours.has(hour));
}

/** An hour of the meter lies before this one. */
const isUsedOften = (world: CustomerWorld, candidate: Candidate): boolean => {
  const { meter } = hourIn(world, candidate);
  return world.usage.metered.find((hour) => hour.meter === meter)?.firstAt !== candidate.at;
};

/** High loses one hour in fifty of the meter's month, at least two; low one hour. */
const lostBatches: Injection = {
  id: 'A33',
  title: 'Hourly batches of usage lost on the way to the meter',
  stage: 'usage',
  candidates: (world, ctx) => candidatesOf(world, ctx).filter((one) => isUsedOften(world, one)),
  apply: (world, candidate, magnitude, ctx) => {
    const last = hourIn(world, candidate);
    const before = world.usage.metered.filter(
      ({ meter, hour }) => meter === last.meter && hour <= last.hour,
    );
    const recent = before.filter(({ hour }) => hour > last.hour - 30 * DAY);
    const month = recent.length > 1 ? recent : before.slice(-2);
    const random = ctx.random('A33', candidate.key);
    const lost = new Set([last]);
    const goal = magnitude === 'low' ? 1 : Math.max(2, Math.round(month.length / 50));
    for (let tries = 0; lost.size < goal && tries < 1_000; tries += 1) lost.add(random.pick(month));
    unmeter(world, lost);
    return [
      { control: 'US-01', code: 'US01-LOST', key: chainKey(world, last), impact: null },
      ...lostFrom(world, lost),
    ];
  },
};

/** What was sent is more than what came to something. */
function lostFrom(world: CustomerWorld, lost: ReadonlySet<UsageHour>): ExpectedFinding[] {
  const batches = new Set<UsageBatch>();
  for (const hour of lost) {
    const batch = batchOf(world, hour);
    if (batch === null) continue;
    batch.acceptedEvents -= hour.events;
    batch.acceptedQuantity -= hour.quantity;
    batches.add(batch);
  }
  return [...batches].map((batch) => ({
    ...{ control: 'IPE-02', code: 'IPE02-REPLAY_LOST', key: batchId(world, batch) },
    impact: null,
  }));
}

/** High is refused for all of the UTC day, low for one hour. */
const neverReplayed: Injection = {
  id: 'A37',
  title: 'Meter events refused for an unknown customer and never sent again',
  stage: 'usage',
  candidates: candidatesOf,
  apply: (world, candidate, magnitude) => {
    const one = hourIn(world, candidate);
    const day = utcDay(one.ingestedAt);
    const known = new Set(world.usage.errors.map(({ key }) => key));
    const isRefused = (hour: UsageHour): boolean =>
      hour === one ||
      (magnitude === 'high' &&
        hour.meter === one.meter &&
        utcDay(hour.ingestedAt) === day &&
        !known.has(keyOf(world, hour)));
    const refused = world.usage.metered.filter(isRefused);
    unmeter(world, new Set(refused));
    const findings = refused.map((hour) => refuse(world, hour));
    world.usage.errors.sort((a, b) => a.at - b.at);
    return [
      { control: 'US-01', code: 'US01-LOST', key: chainKey(world, one), impact: null },
      ...findings,
    ];
  },
};

function refuse(world: CustomerWorld, hour: UsageHour): ExpectedFinding {
  const error: MeterError = {
    key: keyOf(world, hour),
    meter: hour.meter,
    code: 'meter_event_customer_not_found',
    at: hour.ingestedAt,
    events: hour.events,
    quantity: hour.quantity,
    replayedAt: null,
  };
  world.usage.errors.push(error);
  const batch = batchOf(world, hour);
  if (batch !== null) {
    batch.acceptedEvents -= hour.events;
    batch.acceptedQuantity -= hour.quantity;
    batch.rejectedEvents += hour.events;
    batch.rejectedQuantity += hour.quantity;
  }
  return { control: 'IPE-02', code: 'IPE02-METER_ERR', key: error.key, impact: null };
}

/** The hour that A35 is about, the same for both customers: of a working day weeks ago. */
function siblingHour({ options }: WorldContext): Instant {
  const noon = (at: Instant): Instant => at - (at % DAY) + 15 * HOUR;
  const hour = noon(options.now - 20 * DAY);
  const day = weekday(utcDay(hour));
  return day < 5 ? hour : hour - (day - 4) * DAY;
}

/** Tokens that went to the wrong customer. */
const strayed = { low: 1, high: 1_000 } as const;

function strayedHour(world: CustomerWorld, ctx: WorldContext): UsageHour | undefined {
  const at = siblingHour(ctx);
  const { metered } = world.usage;
  return metered.find(
    ({ meter, hour, quantity }) =>
      meter === 'input_tokens' && hour === at && quantity > 2 * strayed.high,
  );
}

/** One side of the mistake; the other is A35b with the same magnitude, in another customer. */
const sideOf = ([id, otherSide]: [string, string], title: string, sign: 1 | -1): Injection => ({
  ...{ id, title, otherSide },
  stage: 'usage',
  candidates: (world, ctx) => {
    const hour = strayedHour(world, ctx);
    return hour === undefined ? [] : [{ key: keyOf(world, hour), at: hour.firstAt }];
  },
  apply: (world, candidate, magnitude) => {
    const hour = hourIn(world, candidate);
    const quantity = hour.quantity + sign * strayed[magnitude];
    world.usage.metered = world.usage.metered.map((other) =>
      other === hour ? { ...hour, quantity } : other,
    );
    return [
      { control: 'US-01', code: 'US01-WRONG_CUSTOMER', key: chainKey(world, hour), impact: null },
    ];
  },
});

export const meterInjections: readonly Injection[] = [
  lostBatches,
  sideOf(['A35', 'A35b'], 'Usage posted to a sibling customer', -1),
  sideOf(['A35b', 'A35'], 'Usage of a sibling customer posted here', 1),
  neverReplayed,
];
