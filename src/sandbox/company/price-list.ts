import { stripeId } from '../kit/ids';
import { instantOf, type Instant } from '../kit/instants';
import { major, rateOf, RATE_SCALE, type Rate } from '../kit/units';
import type { MeterKey, Price, PriceTier, ProductCode } from '../truth/catalog';

/** Currencies of the published list; sales-led prices are made for each order (CONTROLS S30). */
export const listCurrencies = ['USD', 'EUR', 'GBP', 'JPY'] as const;
type ListCurrency = (typeof listCurrencies)[number];

/** From here on new customers get the second list; older ones keep what they have (L19). */
export const listChangedAt: Instant = instantOf('2025-10-01T00:00:00Z');

interface List {
  name: '2024-07' | '2025-10';
  createdAt: Instant;
  withdrawnAt: Instant | null;
}

const oldList: List = {
  name: '2024-07',
  createdAt: instantOf('2024-06-17T16:00:00Z'),
  withdrawnAt: listChangedAt,
};
const newList: List = {
  name: '2025-10',
  createdAt: instantOf('2025-09-22T16:00:00Z'),
  withdrawnAt: null,
};

/** Whole major units per seat or plan: per month, and per year. */
type PlanAmounts = Readonly<Record<ListCurrency, readonly [number, number]>>;

const plusAmounts: PlanAmounts = {
  USD: [20, 200],
  EUR: [23, 230],
  GBP: [20, 200],
  JPY: [3_000, 30_000],
};
const teamAmounts: PlanAmounts = {
  USD: [30, 300],
  EUR: [33, 330],
  GBP: [28, 276],
  JPY: [4_500, 45_000],
};
const oldPlus: PlanAmounts = {
  USD: [18, 180],
  EUR: [21, 210],
  GBP: [18, 180],
  JPY: [2_700, 27_000],
};
const oldTeam: PlanAmounts = {
  USD: [27, 276],
  EUR: [30, 300],
  GBP: [25, 252],
  JPY: [4_000, 42_000],
};

/** Metered rates in minor units of the currency, exact to 12 places (L37). */
interface ApiRates {
  /** Per 1,000 input tokens begun: the old list. */
  inputPer1k: string;
  /** Per input token: the first 10 million of a month, the next 990 million, the rest. */
  input: readonly [string, string, string];
  output: readonly [string, string, string];
  /** Per image; on the old list the whole month's volume takes the rate of its tier. */
  image: readonly [string, string];
}

const apiRates: Readonly<Record<ListCurrency, ApiRates>> = {
  USD: {
    ...{ inputPer1k: '0.3', input: ['0.00025', '0.00021875', '0.000187512345'] },
    ...{ output: ['0.001', '0.000875', '0.000750012345'], image: ['4', '3.25'] },
  },
  EUR: {
    ...{ inputPer1k: '0.28', input: ['0.000235', '0.000205625', '0.000176261604'] },
    ...{ output: ['0.00094', '0.0008225', '0.000705011604'], image: ['3.8', '3.1'] },
  },
  GBP: {
    ...{ inputPer1k: '0.24', input: ['0.0002', '0.000175', '0.000150009876'] },
    ...{ output: ['0.0008', '0.0007', '0.000600009876'], image: ['3.2', '2.6'] },
  },
  JPY: {
    ...{ inputPer1k: '0.45', input: ['0.000375', '0.000328125', '0.000281268518'] },
    ...{ output: ['0.0015', '0.0013125', '0.001125018518'], image: ['6', '4.875'] },
  },
};

type Shape = Pick<Price, 'unit' | 'tiers' | 'tiersMode'> & Pick<Partial<Price>, 'transform'>;

const flat = (unit: Rate): Shape => ({ unit, tiers: null, tiersMode: null });

const graduated = (tiers: readonly PriceTier[]): Shape => ({
  ...{ unit: null, tiers, tiersMode: 'graduated' },
});

const tokenTiers = (rates: readonly [string, string, string]): PriceTier[] => [
  { upTo: 10_000_000n, unit: rateOf(rates[0]) },
  { upTo: 1_000_000_000n, unit: rateOf(rates[1]) },
  { upTo: null, unit: rateOf(rates[2]) },
];

const imageTiers = (rates: readonly [string, string]): PriceTier[] => [
  { upTo: 10_000n, unit: rateOf(rates[0]) },
  { upTo: null, unit: rateOf(rates[1]) },
];

function listed(
  list: List,
  product: ProductCode,
  currency: string,
  interval: 'month' | 'year',
  shape: Shape,
  meter: MeterKey | null = null,
): Price {
  const free = shape.unit === 0n ? 'free' : 'paid';
  return {
    id: stripeId('price', list.name, product, currency, interval, free),
    product,
    currency,
    ...shape,
    interval: { unit: interval, count: 1 },
    usage: meter === null ? 'licensed' : 'metered',
    meter,
    published: true,
    active: list.withdrawnAt === null,
    createdAt: list.createdAt,
    metadata: {
      price_list: list.name,
      ...(list.withdrawnAt === null ? {} : { withdrawn_on: '2025-10-01' }),
    },
  };
}

function plans(list: List, product: ProductCode, currency: ListCurrency, amounts: PlanAmounts) {
  const [month, year] = amounts[currency];
  const unit = (units: number): Shape => flat(major(units, currency) * RATE_SCALE);
  return [
    listed(list, product, currency, 'month', unit(month)),
    listed(list, product, currency, 'year', unit(year)),
  ];
}

function pricesOf(currency: ListCurrency): Price[] {
  const rates = apiRates[currency];
  const thousands = { divideBy: 1_000n, round: 'up' } as const;
  const per1k: Shape = { ...flat(rateOf(rates.inputPer1k)), transform: thousands };
  const volume: Shape = { unit: null, tiers: imageTiers(rates.image), tiersMode: 'volume' };
  const metered = (list: List, product: ProductCode, meter: MeterKey, shape: Shape) =>
    listed(list, product, currency, 'month', shape, meter);
  const output = graduated(tokenTiers(rates.output));
  return [
    ...plans(oldList, 'PLUS', currency, oldPlus),
    ...plans(newList, 'PLUS', currency, plusAmounts),
    ...plans(oldList, 'TEAM', currency, oldTeam),
    ...plans(newList, 'TEAM', currency, teamAmounts),
    listed(newList, 'PLUS', currency, 'month', flat(0n)),
    metered(oldList, 'API-INPUT', 'input_tokens', per1k),
    metered(newList, 'API-INPUT', 'input_tokens', graduated(tokenTiers(rates.input))),
    metered(oldList, 'API-OUTPUT', 'output_tokens', output),
    metered(newList, 'API-OUTPUT', 'output_tokens', output),
    metered(oldList, 'API-IMAGE', 'images', volume),
    metered(newList, 'API-IMAGE', 'images', flat(rateOf(rates.image[0]))),
  ];
}

const byCurrency = new Map<string, readonly Price[]>(
  listCurrencies.map((currency) => [currency, pricesOf(currency)]),
);
const byId = new Map([...byCurrency.values()].flat().map((price) => [price.id, price]));

/** Both lists in one currency; none for a currency that is only sold by contract. */
export const publishedPrices = (currency: string): readonly Price[] =>
  byCurrency.get(currency) ?? [];

export const priceById = (id: string): Price | undefined => byId.get(id);

/** What the list in force at an instant asks for a product. Throws RangeError without a price. */
export function listPrice(
  product: ProductCode,
  currency: string,
  interval: 'month' | 'year',
  at: Instant,
): Price {
  const list = at < listChangedAt ? oldList.name : newList.name;
  const found = publishedPrices(currency).find(
    (price) =>
      price.product === product &&
      price.interval?.unit === interval &&
      price.unit !== 0n &&
      price.metadata.price_list === list,
  );
  if (found === undefined) throw new RangeError(`no ${product} in ${currency} by the ${interval}`);
  return found;
}

/** The plan for schools, which costs nothing and is billed all the same (L27). */
export function freePrice(currency: string): Price {
  const found = publishedPrices(currency).find((price) => price.unit === 0n);
  if (found === undefined) throw new RangeError(`no free plan in ${currency}`);
  return found;
}
