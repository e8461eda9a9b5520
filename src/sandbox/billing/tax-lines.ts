import type { InvoiceLine } from '../truth/billing';
import type { Customer } from '../truth/company';
import { baseOf } from './billing-state';
import { roundForStripe } from './stripe-rounding';

/**
 * Tax of each line on what discounts and credit grants leave, rounded per line. Exclusive tax comes
 * on top; inclusive tax is base × rate / (1 + rate) and stays inside (CONTROLS S25). A reverse
 * charge is taxed at nothing.
 */
export function taxLines(customer: Customer, lines: readonly InvoiceLine[]): void {
  const { taxStatus, taxRate, currency } = customer;
  if (taxStatus === 'none' || taxStatus === 'eu_reverse_charge' || taxRate === 0n) return;
  for (const line of lines) {
    const tax = baseOf(line) * taxRate;
    if (taxStatus === 'jp_inclusive') {
      line.taxInclusive = roundForStripe(tax, 1_000_000n + taxRate, currency);
    } else {
      line.taxExclusive = roundForStripe(tax, 1_000_000n, currency);
    }
  }
}
