import type { KeyedRandom } from '../kit/keyed-random';
import type { BalanceTransaction, BankLine } from '../truth/cash';
import type { Billing } from '../truth/billing';
import type { Customer, WorldOptions } from '../truth/company';
import type { Cutover } from '../truth/cutover';
import type { RevenueBooks } from '../truth/ledger';
import type { BillingPlan } from '../truth/plan';
import type { Sold } from '../truth/sold';
import type { Usage } from '../truth/usage';

/**
 * One customer's whole history, stage after stage; each stage is made from those before it, so a
 * change at one stage has all its consequences in those after (CONTROLS §5.2).
 */
export interface CustomerWorld {
  customer: Customer;
  sold: Sold;
  plan: BillingPlan;
  usage: Usage;
  billing: Billing;
  /** What the old system left behind. */
  cutover: Cutover;
  /** Movements of the Stripe balance, without payouts. */
  movements: BalanceTransaction[];
  /** Wires on the bank statement. */
  wires: BankLine[];
  ledger: RevenueBooks;
}

export const stages = ['sold', 'plan', 'usage', 'billing', 'cash', 'ledger'] as const;
export type Stage = (typeof stages)[number];

/** What every stage is given beside the customer. */
export interface WorldContext {
  options: WorldOptions;
  /** A stream of the world's seed for this key; the same key is the same stream. */
  random(...key: readonly (string | number)[]): KeyedRandom;
  /** Notes a look-alike of CONTROLS §5.4 ('L05') and the id that must not be found. */
  noteLookAlike(id: string, key: string): void;
}
