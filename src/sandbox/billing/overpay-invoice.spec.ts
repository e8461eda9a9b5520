import { openRoster } from '../company/roster';
import { instantOf } from '../kit/instants';
import { accounts } from '../ledger/accounts';
import { sumOf } from '../kit/units';
import { simulateCustomer } from '../world/simulate-customer';
import { worldContext, type LookAlike } from '../world/world-context';

const options = {
  ...{ seed: '1', scale: 0.003, lookAlikes: true },
  now: instantOf('2026-07-07T13:05:00Z'),
};

/** The exemplary customer who pays round sums by card. */
function overpaying() {
  const noted: LookAlike[] = [];
  const roster = openRoster(options);
  const context = worldContext(options, (one) => noted.push(one));
  for (let n = 1; n <= roster.size; n += 1) {
    const customer = roster.customer(n);
    if (customer.key === 'C400008')
      return { world: simulateCustomer(customer, { roster, context }), noted };
  }
  throw new Error('C400008 has not come');
}

describe('an invoice that is overpaid through Stripe', () => {
  const { world, noted } = overpaying();
  const { invoices, refunds, balanceTransactions } = world.billing;
  const given = refunds.filter(({ metadata }) => metadata.overpayment_of !== undefined);

  test('gives what is too much back by a refund, and takes it off the balance', () => {
    expect(given.length).toBeGreaterThan(0);
    for (const { id, amount, metadata } of given) {
      const invoice = invoices.find((one) => one.id === metadata.overpayment_of);
      expect(invoice?.status).toBe('paid');
      expect(invoice?.totals.amountOverpaid).toBe(amount);
      const moved = balanceTransactions.filter((one) => {
        return one.metadata.refund === id || one.invoiceKey === invoice?.key;
      });
      const over = moved.filter(({ kind }) => ['invoice_overpaid', 'adjustment'].includes(kind));
      expect(over.map((one) => one.amount)).toEqual([-amount, amount]);
    }
    const ids = noted.filter(({ id }) => id === 'L46').map(({ key }) => key);
    expect(ids).toEqual(expect.arrayContaining(given.map(({ id }) => id)));
  });

  test('takes back no revenue: credit becomes a refund that is owed, and is paid', () => {
    const { entries, postings } = world.ledger;
    for (const { id, amount } of given) {
      expect(entries.filter(({ docRef }) => docRef === id)).toEqual([]);
      const legs = postings.filter(({ docRef }) => docRef === id);
      expect(new Set(legs.map(({ account }) => account))).toEqual(
        new Set([accounts.refundLiability]),
      );
      expect(sumOf(legs.map(({ credit }) => credit))).toBe(amount);
      expect(sumOf(legs.map(({ debit }) => debit))).toBe(amount);
    }
  });
});
