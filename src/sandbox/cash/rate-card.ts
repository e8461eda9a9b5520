import { divideHalfUp, shareOf, type Minor } from '../kit/units';
import type { Payment } from '../truth/billing';
import type { Customer, EntityId } from '../truth/company';

/** Price of one movement: a share in millionths, and a fixed part in the settlement currency. */
export interface FeeRate {
  name: string;
  millionths: bigint;
  fixed: Readonly<Record<string, Minor>>;
  cap: Readonly<Record<string, Minor>> | null;
}

const cardFixed = { USD: 30n, EUR: 25n, GBP: 20n, HUF: 8_500n };
const card = (name: string, millionths: bigint): FeeRate => ({
  name: `Stripe processing fees: ${name}`,
  millionths,
  fixed: cardFixed,
  cap: null,
});

const europe = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(
    ' ',
  ),
);

/** The processor's contract with each entity, by method and the card's region (CA-05). */
const rates = {
  usDomestic: card('card, domestic', 29_000n),
  usForeign: card('card, international', 44_000n),
  ieEurope: card('card, EEA', 15_000n),
  ieUnitedKingdom: card('card, UK', 25_000n),
  ieForeign: card('card, international', 32_500n),
  ach: {
    name: 'Stripe processing fees: ACH direct debit',
    millionths: 8_000n,
    fixed: { USD: 0n },
    cap: { USD: 500n },
  },
  sepa: {
    name: 'Stripe processing fees: SEPA direct debit',
    millionths: 0n,
    fixed: { EUR: 35n, USD: 40n, GBP: 30n, HUF: 14_000n },
    cap: null,
  },
} as const satisfies Record<string, FeeRate>;

/** What Stripe takes for its currency conversion; it is inside the exchange rate (S19). */
export const conversionMargin: Readonly<Record<EntityId, bigint>> = {
  'ni-us': 10_000n,
  'ni-ie': 20_000n,
};

/** What Stripe takes for Billing, in millionths of the month's volume, charged a month later. */
export const billingFeeShare = 7_000n;

/** The rate for a payment of this customer. */
export function feeRateOf(customer: Customer, method: Payment['method']): FeeRate {
  switch (method) {
    case 'ach_debit':
      return rates.ach;
    case 'sepa_debit':
      return rates.sepa;
    case 'card':
    case 'wire':
      return cardRateOf(customer);
  }
}

function cardRateOf({ entity, country }: Customer): FeeRate {
  if (entity === 'ni-us') return country === 'US' ? rates.usDomestic : rates.usForeign;
  if (country === 'GB') return rates.ieUnitedKingdom;
  return europe.has(country) ? rates.ieEurope : rates.ieForeign;
}

/** The fee on an amount already in the settlement currency, rounded half up once per fee. */
export function feeOf(rate: FeeRate, amount: Minor, currency: string): Minor {
  const fixed = rate.fixed[currency] ?? 0n;
  const fee = shareOf(amount, rate.millionths) + fixed;
  const cap = rate.cap?.[currency];
  return cap !== undefined && fee > cap ? cap : fee;
}

/** What Stripe Billing costs on a month's volume. */
export const billingFeeOf = (volume: Minor): Minor =>
  divideHalfUp(volume * billingFeeShare, 1_000_000n);
