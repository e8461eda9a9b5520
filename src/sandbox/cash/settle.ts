import { minorDigits } from '../../core/money';
import { ratesOf } from '../company/fx-rates';
import { utcDay, type Instant } from '../kit/instants';
import { divideHalfUp, RATE_SCALE, rateText, type Minor, type Rate } from '../kit/units';
import { entities, type EntityId } from '../truth/company';
import { conversionMargin } from './rate-card';

export interface Settled {
  amount: Minor;
  currency: string;
  /** Null where nothing was converted. */
  exchangeRate: string | null;
}

/** The currency in which an entity's Stripe account keeps a payment. */
export const settlementCurrency = (entity: EntityId, currency: string): string =>
  entities[entity].settles.includes(currency) ? currency : entities[entity].currency;

/**
 * An amount as it enters Stripe's balance. Stripe converts what the account does not settle, at its
 * own rate of the day; the rate turns minor units on the wire into minor units (S19), so that the
 * amount × exchange_rate, rounded half up, is the settled amount.
 */
export function settle(
  seed: string,
  entity: EntityId,
  { amount, currency, at }: { amount: Minor; currency: string; at: Instant },
): Settled {
  const to = settlementCurrency(entity, currency);
  if (to === currency) return { amount, currency, exchangeRate: null };
  const sold = amount < 0n ? 0n : conversionMargin[entity];
  const spot = ratesOf(seed).spot(currency, to, utcDay(at));
  const rate = wireRate(divideHalfUp(spot * (1_000_000n - sold), 1_000_000n), currency, to);
  const settled = divideHalfUp(amount * wireFactor(currency) * rate, RATE_SCALE);
  return { amount: settled, currency: to, exchangeRate: rateText(rate) };
}

/** ISK and UGX stand in hundredths on the wire (S1). */
const wireFactor = (currency: string): bigint =>
  currency === 'ISK' || currency === 'UGX' ? 100n : 1n;

function wireRate(major: Rate, from: string, to: string): Rate {
  const up = 10n ** BigInt(minorDigits(to));
  const down = 10n ** BigInt(minorDigits(from)) * wireFactor(from);
  return divideHalfUp(major * up, down);
}
