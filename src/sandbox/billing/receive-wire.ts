import { minorDigits } from '../../core/money';
import { hasTrait } from '../company/exemplars';
import { stripeId } from '../kit/ids';
import { DAY, type Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { Invoice, Payment, Wire } from '../truth/billing';
import { handsOn, someone } from './actors';
import { apply, settle } from './apply-payment';
import type { BillingState } from './billing-state';
import { afterBusinessDays, dayOfPaying } from './paying-days';
import { shareForStripe } from './stripe-rounding';
import { usesCreditSoon } from './uses-credit-soon';

/** States that keep back tax of what is paid abroad for services, in millionths (L45). */
const withholding: Readonly<Record<string, bigint>> = {
  BR: 150_000n,
  IN: 100_000n,
  KW: 50_000n,
};

/** Waits for the wire of a customer, which may pay a part first, or other invoices too. */
export function awaitWire(state: BillingState, invoice: Invoice): void {
  const at = invoice.finalizedAt ?? invoice.createdAt;
  const random = state.random('wire', invoice.key);
  const paysInParts = random.chance(0.03);
  const share = BigInt(random.int(40, 60)) * 10_000n;
  const restAfter = random.int(10, 25) * DAY;
  state.queue.plan(dayOfPaying(state, invoice, at), (then) => {
    if (invoice.status !== 'open') return;
    if (paysInParts) {
      const part = shareForStripe(invoice.totals.amountRemaining, share, invoice.currency);
      receive(state, invoice, 1, part, then);
      state.queue.plan(afterBusinessDays(then + restAfter, 1), (last) => {
        if (invoice.status === 'open') receive(state, invoice, 2, null, last);
      });
      return;
    }
    const others = random.chance(0.25) ? otherOpen(state, invoice) : [];
    if (others.length > 0 && state.lookAlikes) state.context.noteLookAlike('L49', invoice.id);
    for (const other of [invoice, ...others]) receive(state, other, 1, null, then, invoice);
  });
}

const otherOpen = (state: BillingState, invoice: Invoice): Invoice[] =>
  state.billing.invoices.filter(
    (other) =>
      other !== invoice &&
      other.status === 'open' &&
      other.collection === 'send_invoice' &&
      other.currency === invoice.currency &&
      other.totals.amountPaid === 0n,
  );

/**
 * Records a wire outside Stripe on an invoice: all that is owed, or a part. Where several invoices
 * are paid by one remittance, all carry the key of the first.
 */
function receive(
  state: BillingState,
  invoice: Invoice,
  nth: number,
  part: Minor | null,
  at: Instant,
  remittance: Invoice = invoice,
): void {
  const key = `${invoice.key}/wire${String(nth)}`;
  const random = state.random('wire', key);
  const owed = invoice.totals.amountRemaining;
  const isAlone = remittance === invoice;
  const generous = hasTrait(state.customer, 'roundsUp') ? 0.6 : 0.01;
  const isGenerous = part === null && isAlone && random.chance(generous);
  const excess = isGenerous && usesCreditSoon(state, invoice) ? roundUp(owed, invoice) : 0n;
  const payment: Payment = {
    ...{ key, kind: 'payment_record', id: stripeId('prec', key), method: 'wire' },
    ...{ currency: invoice.currency, amount: (part ?? owed) + excess, status: 'succeeded' },
    ...{ createdAt: at, charges: [], wire: null, metadata: {} },
  };
  payment.wire = wireOf(state, payment, invoice, at, `${remittance.key}/wire${String(nth)}`);
  if (payment.wire.withheld > 0n) {
    payment.metadata = { withholding_certificate: `WHT-${payment.id.slice(-8)}` };
  }
  state.addPayment(payment);
  invoice.paidOffStripe += payment.amount;
  apply(invoice, payment, at, false);
  settle(state, invoice, payment, payment.amount, at);
  const over = invoice.totals.amountOverpaid;
  if (excess > 0n) state.moveBalance(-over, at, 'invoice_overpaid', { invoiceKey: invoice.key });
}

function wireOf(
  state: BillingState,
  payment: Payment,
  invoice: Invoice,
  at: Instant,
  remittanceKey: string,
): Wire {
  const random = state.random('remittance', remittanceKey);
  const daysOnTheWay = state.lookAlikes && random.chance(0.3) ? random.int(1, 2) : 0;
  const paysFee = random.chance(0.06) && invoice.currency !== 'USD';
  const rate = withholding[state.customer.country] ?? 0n;
  const unit = 10n ** BigInt(minorDigits(invoice.currency));
  const isFirst = payment.key === remittanceKey;
  const wire = {
    receivedAt: daysOnTheWay === 0 ? at : afterBusinessDays(at, daysOnTheWay),
    reference: `INV ${invoice.number ?? invoice.id}`,
    bankFee: paysFee && isFirst ? bankFeeIn(unit) : 0n,
    withheld: shareForStripe(payment.amount, rate, invoice.currency),
    remittanceKey,
    markedBy: someone('revenue', at, random, handsOn(state, invoice).requesters),
  };
  const isShort = wire.bankFee + wire.withheld > 0n;
  if (state.lookAlikes && (daysOnTheWay > 0 || isShort)) {
    state.context.noteLookAlike('L45', invoice.id);
  }
  return wire;
}

/** 15 of the currency, or 1,500 where it has no smaller unit. */
const bankFeeIn = (unit: bigint): Minor => (unit === 1n ? 1_500n : 15n * unit);

/** Some round up what they pay to the next hundred. */
function roundUp(owed: Minor, { currency }: Invoice): Minor {
  const hundred = 100n * 10n ** BigInt(minorDigits(currency));
  return owed % hundred === 0n ? 0n : hundred - (owed % hundred);
}
