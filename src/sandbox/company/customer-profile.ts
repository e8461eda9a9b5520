import type { KeyedRandom } from '../kit/keyed-random';
import type { Customer, EntityId, Segment, TaxStatus } from '../truth/company';

export type Profile = Pick<
  Customer,
  'country' | 'region' | 'currency' | 'entity' | 'taxStatus' | 'taxRate'
>;

/** Where customers are, in percent: the currencies come out as CONTROLS §5.1 has them. */
const countries: readonly (readonly [string, number])[] = [
  ...([
    ['US', 60],
    ['CA', 4],
    ['AU', 2],
    ['IN', 2],
    ['SG', 1],
    ['BR', 1],
  ] as const),
  ...([
    ['DE', 5],
    ['FR', 4],
    ['NL', 2],
    ['ES', 1.5],
    ['IT', 1.5],
    ['IE', 1],
  ] as const),
  ...([
    ['GB', 8],
    ['JP', 4],
  ] as const),
];

/**
 * The first sales-led customers stand for one currency each, at any scale: two, none and three
 * decimal places, the forint with its payout account.
 */
const firstSalesLed = ['US', 'DE', 'GB', 'JP', 'KW', 'IS', 'BH', 'HU'] as const;

const currencyOf: Readonly<Record<string, string>> = {
  ...{ DE: 'EUR', FR: 'EUR', NL: 'EUR', ES: 'EUR', IT: 'EUR', IE: 'EUR' },
  ...{ GB: 'GBP', JP: 'JPY', KW: 'KWD', IS: 'ISK', BH: 'BHD', HU: 'HUF' },
};

const irelandSells = new Set('DE FR NL ES IT IE GB KW IS BH HU'.split(' '));

/** General rates in millionths, for consumers; companies account for the tax themselves. */
const vat: Readonly<Record<string, bigint>> = {
  ...{ DE: 190_000n, FR: 200_000n, NL: 210_000n, ES: 210_000n, IT: 220_000n, IE: 230_000n },
  ...{ GB: 200_000n, IS: 240_000n, HU: 270_000n },
};

interface State {
  region: string;
  weight: number;
  /** In millionths; null where the service is not taxed. Taxed states weigh 40 of 100. */
  rate: bigint | null;
}

const states: readonly State[] = [
  { region: 'CA', weight: 22, rate: null },
  { region: 'FL', weight: 9, rate: null },
  { region: 'IL', weight: 7, rate: null },
  { region: 'MA', weight: 7, rate: null },
  { region: 'CO', weight: 6, rate: null },
  { region: 'VA', weight: 5, rate: null },
  { region: 'OR', weight: 4, rate: null },
  { region: 'NY', weight: 13, rate: 88_750n },
  { region: 'TX', weight: 12, rate: 82_500n },
  { region: 'WA', weight: 7, rate: 103_500n },
  { region: 'PA', weight: 5, rate: 60_000n },
  { region: 'CT', weight: 3, rate: 63_500n },
];

const weightedStates = states.map((state) => [state, state.weight] as const);

function countryOf(segment: Segment, index: number, random: KeyedRandom): string {
  const drawn = random.weighted(countries);
  return (segment === 'sales_led' ? firstSalesLed[index] : undefined) ?? drawn;
}

function taxOf(
  country: string,
  state: State,
  isConsumer: boolean,
): { taxStatus: TaxStatus; taxRate: bigint } {
  if (country === 'US' && state.rate !== null)
    return { taxStatus: 'us_sales_tax', taxRate: state.rate };
  if (country === 'JP') return { taxStatus: 'jp_inclusive', taxRate: 100_000n };
  const rate = vat[country];
  if (rate === undefined) return { taxStatus: 'none', taxRate: 0n };
  // Sales of the Irish company to Irish companies are domestic: no reverse charge.
  return isConsumer || country === 'IE'
    ? { taxStatus: 'eu_vat', taxRate: rate }
    : { taxStatus: 'eu_reverse_charge', taxRate: 0n };
}

/**
 * Where a customer is and what follows: currency, selling entity, tax. Europe and the Gulf buy
 * from Ireland, all others from the US company; UK and Icelandic VAT are kept as 'eu_vat'.
 */
export function profileOf(
  segment: Segment,
  index: number,
  random: KeyedRandom,
  elsewhere: string | null = null,
): Profile {
  const drawn = countryOf(segment, index, random);
  const country = elsewhere ?? drawn;
  const state = random.weighted(weightedStates);
  const isConsumer = random.chance(segment === 'self_serve' ? 0.85 : 0.05);
  const entity: EntityId = irelandSells.has(country) ? 'ni-ie' : 'ni-us';
  return {
    country,
    region: country === 'US' ? state.region : null,
    currency: currencyOf[country] ?? 'USD',
    entity,
    ...taxOf(country, state, isConsumer && segment !== 'sales_led'),
  };
}
