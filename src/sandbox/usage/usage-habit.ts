import { hasTrait } from '../company/exemplars';
import { RATE_SCALE } from '../kit/units';
import type { MeterKey, Price } from '../truth/catalog';
import type { Customer } from '../truth/company';
import type { BillingPlan } from '../truth/plan';
import type { WorldContext } from '../world/customer-world';
import type { ServedItem } from './service-times';

/** How one customer uses the API: an average month, and how it lies in time. */
export interface UsageHabit {
  /** Units of an average month, by meter. */
  monthly: Readonly<Record<MeterKey, number>>;
  /** Units of one request. */
  perEvent: Readonly<Record<MeterKey, number>>;
  /** Share of hours with any usage at all, at an average time of the week. */
  presence: number;
  /** Change of volume per day, as a logarithm. */
  drift: number;
  /** Hours by which its noon lies before or after noon in UTC. */
  offsetHours: number;
}

/** ln of the size: with it the largest 1 % make 45 % of all usage (CONTROLS §5.1). */
export const sizeSigma = 2.3;

/** The median customer of the pay-as-you-go segment. */
const medianMonth: UsageHabit['monthly'] = {
  input_tokens: 3_000_000,
  output_tokens: 600_000,
  images: 60,
};

const offsets: Readonly<Record<string, number>> = {
  ...{ US: -7, CA: -6, BR: -3, JP: 9, AU: 10, SG: 8, IN: 5 },
  ...{ KW: 3, BH: 3, DE: 1, FR: 1, NL: 1, ES: 1, IT: 1, HU: 1 },
};

export function usageHabit(
  customer: Customer,
  plan: BillingPlan,
  served: readonly ServedItem[],
  ctx: WorldContext,
): UsageHabit {
  const random = ctx.random('usage', customer.key, 'habit');
  const size = sizeOf(customer, random.logNormal(0, sizeSigma));
  const spread = random.logNormal(0, 0.3);
  const perRequest = random.logNormal(7.3, 0.5);
  const drift = (0.01 + 0.03 * random.normal()) / 30;
  const shared = { drift: Math.min(drift, 0.002), offsetHours: offsets[customer.country] ?? 0 };
  const perEvent = {
    input_tokens: Math.max(50, Math.round(perRequest)),
    output_tokens: Math.max(10, Math.round(perRequest * 0.3)),
    images: 1.5,
  };
  if (customer.segment === 'sales_led') {
    const monthly = contractedMonth(plan, served, spread);
    return { ...shared, drift: shared.drift / 4, perEvent, monthly, presence: 0.85 };
  }
  return {
    ...shared,
    perEvent,
    monthly: {
      input_tokens: medianMonth.input_tokens * size,
      output_tokens: medianMonth.output_tokens * size * spread,
      images: medianMonth.images * size * spread,
    },
    presence: Math.min(1.2, 0.09 * size ** 0.35),
  };
}

/** Exemplary customers use enough, or not too much, to show what they are there for. */
function sizeOf(customer: Customer, drawn: number): number {
  if (hasTrait(customer, 'usesMuch')) return Math.max(drawn, 40);
  return hasTrait(customer, 'creditExpires') ? Math.min(Math.max(drawn, 1), 3) : drawn;
}

/** Of the money a contract customer means to use in a month, what goes to each meter. */
const sharesOfMoney: Readonly<Record<MeterKey, number>> = {
  input_tokens: 0.5,
  output_tokens: 0.4,
  images: 0.1,
};

/** Where no commitment tells: 5,000 dollars a month, in minor units of the currency. */
const usualMonth: Readonly<Record<string, number>> = {
  ...{ USD: 500_000, EUR: 460_000, GBP: 400_000, JPY: 750_000, KWD: 1_530_000 },
  ...{ BHD: 1_885_000, ISK: 690_000, HUF: 180_000_000 },
};

/** It uses what it committed to, more or less: some run out before the year does (L39). */
function contractedMonth(
  { grants }: BillingPlan,
  served: readonly ServedItem[],
  spread: number,
): UsageHabit['monthly'] {
  const metered = served.filter(({ item }) => item.price.meter !== null);
  const first = metered.reduce((low, { from }) => Math.min(low, from), Infinity);
  const grant = grants.find(
    ({ category, effectiveAt }) => category === 'paid' && effectiveAt <= first + 86_400,
  );
  const currency = metered[0]?.item.price.currency ?? 'USD';
  const committed = grant === undefined ? undefined : wholeMinor(grant.amount) / 12;
  const month = (committed ?? usualMonth[currency] ?? 500_000) * Math.min(spread, 1.8);
  const monthly = { input_tokens: 0, output_tokens: 0, images: 0 };
  for (const { item, from } of metered) {
    const { meter } = item.price;
    if (meter === null || from !== first) continue;
    monthly[meter] = (month * sharesOfMoney[meter]) / usualRate(item.price);
  }
  return monthly;
}

/** About what one unit costs, in minor units: how much is used follows it, no amount does. */
function usualRate({ unit, tiers, transform }: Price): number {
  const rate = [unit, ...(tiers ?? []).map((tier) => tier.unit)].find((r) => r !== null && r > 0n);
  const perPackage = Number(rate ?? RATE_SCALE) / Number(RATE_SCALE);
  return perPackage / Number(transform?.divideBy ?? 1n);
}

const wholeMinor = (units: bigint): number => Number(units);
