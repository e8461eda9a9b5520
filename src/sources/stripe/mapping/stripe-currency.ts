/**
 * Currencies that Stripe takes or settles in: docs.stripe.com/currencies. Others are unknown here.
 */
const known = new Set(
  (
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN ' +
    'BZD CAD CDF CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP ' +
    'GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD ' +
    'KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRO MUR MVR MWK MXN MYR MZN NAD NGN NIO ' +
    'NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE ' +
    'SLL SOS SRD STD SVC SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF ' +
    'XCD XCG XOF XPF YER ZAR ZMW'
  ).split(' '),
);

/** CONTROLS S1. MGA has two digits by ISO 4217 and none here. */
const zeroDecimal = new Set(
  'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '),
);
/** Sent in thousandths, with 0 as the last digit. */
const threeDecimal = new Set('BHD JOD KWD OMR TND'.split(' '));

/**
 * Sent with two digits, of which both are 00: ISK and UGX have none by ISO 4217; HUF and TWD are
 * paid out in whole units only ("you can pay out HUF 10 by submitting 1000").
 */
const wholeUnits: Record<CurrencyUse, ReadonlySet<string>> = {
  document: new Set(['ISK', 'UGX']),
  payout: new Set(['ISK', 'UGX', 'HUF', 'TWD']),
};

export type CurrencyUse = 'document' | 'payout';

/** How amounts of a currency are written in the API. */
export interface StripeCurrency {
  /** Three capitals. */
  code: string;
  /** Digits of the minor unit that amounts are whole numbers of. */
  exponent: number;
  /** Amounts are whole major units. */
  wholeOnly: boolean;
}

/** By a code as Stripe writes it, in small letters; null when it is none that is known. */
export function stripeCurrency(code: string, use: CurrencyUse = 'document'): StripeCurrency | null {
  const upper = code.toUpperCase();
  if (code !== code.toLowerCase() || !known.has(upper)) return null;
  const exponent = zeroDecimal.has(upper) ? 0 : threeDecimal.has(upper) ? 3 : 2;
  return { code: upper, exponent, wholeOnly: wholeUnits[use].has(upper) };
}
