import type { Instant } from '../kit/instants';
import type { MeterKey } from '../truth/catalog';
import type { UsageHour } from '../truth/usage';

/** Running sums of one meter: the sum before position i stands at sums[i]. */
interface RunningSums {
  firstAt: Instant[];
  sums: number[];
}

/** Sums of metered usage over any stretch of time in two halvings. */
export class MeteredUsage {
  private readonly meters = new Map<MeterKey, RunningSums>();

  constructor(hours: readonly UsageHour[]) {
    for (const hour of hours) {
      const meter = this.meters.get(hour.meter) ?? { firstAt: [], sums: [0] };
      this.meters.set(hour.meter, meter);
      meter.firstAt.push(hour.firstAt);
      meter.sums.push((meter.sums.at(-1) ?? 0) + hour.quantity);
    }
  }

  /** Units whose hour began to be used in [from, to). */
  quantity(key: MeterKey, from: Instant, to: Instant): bigint {
    const meter = this.meters.get(key);
    if (meter === undefined || to <= from) return 0n;
    const sum = (at: Instant): number => meter.sums[firstNotBefore(meter.firstAt, at)] ?? 0;
    return BigInt(sum(to) - sum(from));
  }
}

/** Position of the first instant that is not before `at`. */
function firstNotBefore(instants: readonly Instant[], at: Instant): number {
  let [low, high] = [0, instants.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((instants[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
