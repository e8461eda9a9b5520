import { rateOf, type Minor, type Rate } from '../kit/units';
import type { MeterKey } from '../truth/catalog';

/** List prices of one currency, in its minor units. */
interface ListPrices {
  /** A seat for a day: annual prices are 365 of these, so that every stub is a whole amount. */
  seatDay: Minor;
  seatMonth: Minor;
  /** About 1,000 USD, a round amount that may be charged (thousandths end in 0; CONTROLS S1). */
  thousand: Minor;
  /** Smallest step of a daily price. */
  step: Minor;
}

/** The standard price book of the sales-led products. */
const priceLists: Readonly<Record<string, ListPrices>> = {
  USD: { seatDay: 165n, seatMonth: 5_000n, thousand: 100_000n, step: 1n },
  EUR: { seatDay: 155n, seatMonth: 4_700n, thousand: 92_000n, step: 1n },
  GBP: { seatDay: 132n, seatMonth: 4_000n, thousand: 80_000n, step: 1n },
  JPY: { seatDay: 247n, seatMonth: 7_500n, thousand: 150_000n, step: 1n },
  KWD: { seatDay: 510n, seatMonth: 15_500n, thousand: 310_000n, step: 10n },
  BHD: { seatDay: 620n, seatMonth: 19_000n, thousand: 380_000n, step: 10n },
  ISK: { seatDay: 230n, seatMonth: 7_000n, thousand: 140_000n, step: 1n },
  HUF: { seatDay: 59_000n, seatMonth: 1_800_000n, thousand: 36_000_000n, step: 100n },
};

export const DAYS_A_YEAR = 365n;

/** The currencies that sales-led customers may be sold in. */
export const salesCurrencies: readonly string[] = Object.keys(priceLists);

/** Throws RangeError for a currency without a price book. */
export function pricesIn(currency: string): ListPrices {
  const prices = priceLists[currency];
  if (!prices) throw new RangeError(`no price book in ${currency}`);
  return prices;
}

/** List price of a quantity: from 100 seats a tenth less, from 250 a fifth (L11). */
const volumeTiers: readonly { from: number; percent: bigint }[] = [
  { from: 250, percent: 80n },
  { from: 100, percent: 90n },
];

/** Rounded up to the currency's step, so that a price never falls below its share. */
export function stepUp(amount: bigint, divisor: bigint, step: Minor): Minor {
  const unit = divisor * step;
  return ((amount + unit - 1n) / unit) * step;
}

function volumeList(base: Minor, seats: number, step: Minor): Minor {
  const tier = volumeTiers.find(({ from }) => seats >= from);
  return tier ? stepUp(base * tier.percent, 100n, step) : base;
}

/** One seat for one day, list, when so many are bought. */
export const listSeatDay = (currency: string, seats: number): Minor =>
  volumeList(pricesIn(currency).seatDay, seats, pricesIn(currency).step);

/** One seat for one month, list, when so many are bought. */
export const listSeatMonth = (currency: string, seats: number): Minor =>
  volumeList(pricesIn(currency).seatMonth, seats, pricesIn(currency).step);

/** So many thousand USD in the currency's own round amounts. */
export const thousands = (currency: string, count: bigint): Minor =>
  pricesIn(currency).thousand * count;

/** US cents for one unit of a meter, list: 2.50 and 10 USD per million tokens, 4 cents an image. */
const meterCents: Readonly<Record<MeterKey, string>> = {
  input_tokens: '0.00025',
  output_tokens: '0.001',
  images: '4',
};

/** List rate of a meter's unit in minor units of the currency. */
export const listRate = (currency: string, meter: MeterKey): Rate =>
  (rateOf(meterCents[meter]) * pricesIn(currency).thousand) / 100_000n;
