import { DAY, HOUR, type Instant } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';
import { entities, type Customer } from '../truth/company';
import type { MeterKey } from '../truth/catalog';
import type { BillingPlan } from '../truth/plan';
import type { MeterError, Usage, UsageHour } from '../truth/usage';
import type { WorldContext } from '../world/customer-world';
import { meters } from '../company/catalog';
import { assignSeats, internalSeats } from './assign-seats';
import { HourCuts } from './hour-cuts';
import { anyCourse, setCourse, useDay, type LateLimit, type MeterUse } from './hourly-usage';
import {
  boundariesOf,
  forever,
  meteredStretches,
  servedItems,
  type Boundaries,
  type ServedItem,
  type Stretch,
} from './service-times';
import { UsageBatches } from './usage-batches';
import { usageHabit } from './usage-habit';

/** Sent twice under one identifier (CONTROLS §5.1). */
const duplicateShare = 0.004;
/** Of a meter's days: one hour of it refused at first. */
const refusedDays = 0.003;
/** A refused hour is sent again within the four hours of IPE-02. */
const replayWithin = 13_500;

/**
 * What one customer used by now, under any plan with metered items or seats. Store and meter agree
 * unless now lies between a refusal and its replay. Internal workspaces are used and not metered.
 */
export function useProduct(customer: Customer, plan: BillingPlan, ctx: WorldContext): Usage {
  const served = servedItems(plan);
  if (customer.internal) return internalUsage(customer, plan, ctx);
  const stretches = meteredStretches(served);
  const recorder = new UsageRecorder(customer, ctx);
  if (stretches.size > 0) {
    const { zone } = entities[customer.entity];
    const boundaries = boundariesOf(served, plan, zone, ctx.options.now);
    useMeters(customer, plan, served, stretches, boundaries, recorder, ctx);
  }
  return { ...recorder.usage(), seats: assignSeats(customer, served, ctx) };
}

/** Our own people's usage: in the store, in no meter and on no bill (L29, L31). */
function internalUsage(customer: Customer, plan: BillingPlan, ctx: WorldContext): Usage {
  const nothing: Usage = { store: [], metered: [], errors: [], seats: [], batches: [] };
  ctx.noteLookAlike('L31', customer.organizationId);
  if (customer.segment !== 'api')
    return { ...nothing, seats: internalSeats(customer, ctx.options.now) };
  const always: Stretch = { from: customer.arrivedAt, to: forever };
  const stretches = new Map<MeterKey, Stretch[]>([
    ['input_tokens', [always]],
    ['output_tokens', [always]],
  ]);
  const recorder = new UsageRecorder(customer, ctx);
  const boundaries = { all: [customer.arrivedAt], regular: [] };
  useMeters(customer, plan, [], stretches, boundaries, recorder, ctx);
  return { ...nothing, store: recorder.usage().store };
}

function useMeters(
  customer: Customer,
  plan: BillingPlan,
  served: readonly ServedItem[],
  stretches: ReadonlyMap<MeterKey, Stretch[]>,
  boundaries: Boundaries,
  recorder: UsageRecorder,
  ctx: WorldContext,
): void {
  const habit = usageHabit(customer, plan, served, ctx);
  const uses = meters.flatMap(({ key }): MeterUse[] => {
    const list = stretches.get(key);
    if (list === undefined) return [];
    return [{ meter: key, cuts: new HourCuts(list, boundaries), hours: recorder.hoursOf(key) }];
  });
  const all = [...stretches.values()].flat();
  const begin = Math.min(...all.map(({ from }) => from));
  const end = Math.min(ctx.options.now, Math.max(...all.map(({ to }) => to)));
  const limit = new LateLimits(boundaries.regular);
  const firstDay = Math.floor(begin / DAY);
  const course = anyCourse();
  for (let day = firstDay; day * DAY < end; day += 1) {
    setCourse(course, day, habit, day - firstDay, ctx.random('usage', customer.key, day));
    for (const use of uses) {
      const random = ctx.random('usage', customer.key, day, use.meter);
      recorder.startDay(limit, random);
      useDay(course, use, habit, limit, random, recorder.record);
    }
  }
}

/** The next of a list of instants, for questions that come about in order. */
class LateLimits implements LateLimit {
  private at = 0;

  constructor(private readonly regular: readonly Instant[]) {}

  after(at: Instant): Instant {
    const { regular } = this;
    while (this.at < regular.length && (regular[this.at] ?? 0) <= at) this.at += 1;
    while (this.at > 0 && (regular[this.at - 1] ?? 0) > at) this.at -= 1;
    return regular[this.at] ?? forever;
  }
}

/** Keeps what of a customer's usage is known by now: store, meter, errors, batches. */
class UsageRecorder {
  private readonly hours = new Map<MeterKey, UsageHour[]>();
  private readonly refused = new Set<UsageHour>();
  private readonly errors: MeterError[] = [];
  private readonly batches: UsageBatches;
  private readonly noted = new Set<string>();
  private readonly now: Instant;
  private limit: LateLimit = { after: () => forever };
  /** Chance for each hour of the day to be refused, until one is. */
  private refusing = 0;

  constructor(
    private readonly customer: Customer,
    private readonly ctx: WorldContext,
  ) {
    this.batches = new UsageBatches(customer.key);
    this.now = ctx.options.now;
  }

  hoursOf(meter: MeterKey): UsageHour[] {
    const list: UsageHour[] = [];
    this.hours.set(meter, list);
    return list;
  }

  startDay(limit: LateLimit, random: KeyedRandom): void {
    this.limit = limit;
    const share = random.share();
    this.refusing = share < refusedDays && this.ctx.options.lookAlikes ? 0.25 : 0;
  }

  readonly record = (use: MeterUse, hour: UsageHour, random: KeyedRandom): void => {
    const twice = random.share() < duplicateShare && this.ctx.options.lookAlikes;
    const refused = this.refusing > 0 && this.refuse(hour, random);
    if (hour.ingestedAt > this.now) return;
    use.hours.push(hour);
    const isLate = hour.ingestedAt > hour.hour + 2 * HOUR && this.ctx.options.lookAlikes;
    if (isLate) this.note('L31', hour);
    this.batches.send(hour, twice ? Math.max(1, Math.floor(hour.events / 2)) : 0);
    if (twice) this.note('L32', hour);
    if (refused !== false) this.addError(hour, refused);
  };

  /** Once for each meter: it happens every few days. */
  private note(id: string, { meter }: UsageHour): void {
    const key = `${this.customer.key}/${meter}`;
    if (this.noted.has(`${id} ${key}`)) return;
    this.noted.add(`${id} ${key}`);
    this.ctx.noteLookAlike(id, key);
  }

  /** When a refused hour is taken after all; false where it is taken at once. */
  private refuse(hour: UsageHour, random: KeyedRandom): Instant | false {
    const replayedAt = hour.ingestedAt + random.int(600, replayWithin);
    const now = random.share() < this.refusing;
    if (!now || hour.ingestedAt > hour.hour + 2 * HOUR) return false;
    if (replayedAt + HOUR >= this.limit.after(hour.lastAt)) return false;
    this.refusing = 0;
    return replayedAt;
  }

  private addError(hour: UsageHour, replayedAt: Instant): void {
    const error: MeterError = {
      key: `${this.customer.key}/${hour.meter}/${String(hour.hour)}`,
      meter: hour.meter,
      code: 'meter_event_customer_not_found',
      at: hour.ingestedAt,
      events: hour.events,
      quantity: hour.quantity,
      replayedAt: replayedAt <= this.now ? replayedAt : null,
    };
    this.errors.push(error);
    this.batches.refuse(error);
    if (error.replayedAt === null) this.refused.add(hour);
    else this.ctx.noteLookAlike('L34', error.key);
  }

  usage(): Omit<Usage, 'seats'> {
    const store: UsageHour[] = [];
    for (const hours of this.hours.values()) for (const hour of hours) store.push(hour);
    const metered = this.refused.size === 0 ? store : store.filter((h) => !this.refused.has(h));
    const { errors } = this;
    return { store, metered, errors, batches: this.batches.closedBy(this.now) };
  }
}
