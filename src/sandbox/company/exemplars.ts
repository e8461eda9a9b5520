import type { Customer } from '../truth/company';

/**
 * What a few customers are there for, at any scale: rare things of life that a small company would
 * otherwise not see (CONTROLS §5.3, §5.4). They are among the first of their segment, so they have
 * come in the first month.
 */
const traits = {
  /** The card's owner disputes what was charged, now and then (A69, A70). */
  disputes: 'C100003 C100004',
  /** Asks for its money back often (A63, A65). */
  returns: 'C100005',
  /** Has not paid since its first month, and is kept all the same (A29, A71). */
  owes: 'C100006 C100007',
  /** Came over in the middle of a contract year that contains 29 February 2024 (A80, L33). */
  leapYear: 'C200001',
  /** Adds or gives back seats in the first days of every month (L16). */
  movesSeats: 'C200002',
  /** The company of C200003 under a second customer, in another currency (L43). */
  secondCurrency: 'C200004',
  /** Renamed in its second month, and with it the prefix of its invoices (L44). */
  isRenamed: 'C200004',
  /** Uses the API far beyond the first tier (A39, A40). */
  usesMuch: 'C300001 C300003',
  /** Left credit unused when it expired, and uses the API still (A43, L39). */
  creditExpires: 'C300002',
  /** Test workspace of our own (L29, L31). */
  isOurs: 'C300005',
  /** Pays its commitment in two instalments; its owner works with two logins (L42, L21). */
  paysInTwo: 'C400001',
  /** Wires more than it owes, in round amounts (A57, A98, L41). */
  roundsUp: 'C400003 C400009',
  /** Buys seats in its second term, its first year of seats by the year (L10). */
  addsLater: 'C400002',
  /** Asked for other words on its first invoice, and uses few of its seats (A88, L15, L30). */
  revises: 'C400005',
  /** Was given longer terms before its first invoice; its renewals are plain (L12, A03). */
  amendsTerms: 'C400006',
  /** Billed before service begins, and not renewed (A18, A81, L13). */
  leaves: 'C400007',
  /** Pays in forints by card, so that there are payouts in forints (S1). */
  paysForints: 'C400008',
  /** After its pilot billed by hand ahead of each quarter, and slow to pay (A94, L13, L17). */
  billedByHand: 'C400010',
  /** A second customer of the account of C400002, in another currency (L43). */
  sharesAccount: 'C400011',
} as const;

export type Trait = keyof typeof traits;

export const hasTrait = ({ key }: Pick<Customer, 'key'>, trait: Trait): boolean =>
  traits[trait].split(' ').includes(key);

/** Look-alikes of deals that these customers are sure to have, once or in every deal. */
const sureLookAlikes: Readonly<Record<string, readonly string[]>> = {
  L01: ['C400009'],
  L03: ['C400007'],
  L04: ['C400002'],
  'L23 next step': ['C400001'],
  L22: ['C400004'],
  L24: ['C400010'],
  L25: ['C400003', 'C400005', 'C400008'],
};

export const isSureOf = ({ key }: Pick<Customer, 'key'>, lookAlike: string): boolean =>
  sureLookAlikes[lookAlike]?.includes(key) === true;
