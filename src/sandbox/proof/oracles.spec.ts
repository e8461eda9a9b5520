import { aCharge, aContext, aDispute, aPayment, aRefund } from '../cash/cash-fixtures';
import { settle, settlementCurrency } from '../cash/settle';
import { totalsOf } from '../billing/invoice-totals';
import { ratePrice } from '../billing/rate-price';
import { convertAt } from '../company/fx-rates';
import { aLine, anInvoice, keepBooks, paidBy } from '../ledger/ledger-fixtures';
import { shareOut } from '../ledger/contracts';
import { LineRevenue } from '../ledger/line-revenue';
import { instantOf, type Day } from '../kit/instants';
import { divideHalfUp, major, rateOf, RATE_SCALE } from '../kit/units';
import { entities } from '../truth/company';
import type { Billing, CreditNote } from '../truth/billing';
import type { Price } from '../truth/catalog';

/**
 * The fixed oracles of CONTROLS §6, re-performed by the sandbox's own functions. Facts are from
 * docs.stripe.com (revenue-recognition, billing, reports, currencies), getlago.com, chargebee.com
 * and the illustrative examples of ASC 606-10-55, as CONTROLS §6 cites them.
 *
 * Not re-performed here, and why:
 *  ST-04  meters of formula `last`: every meter of the company sums.
 *  ST-09  classic and flexible billing of a price change: billing's own specs.
 *  ST-11  SECOND, MONTH_EVEN and MONTH_EVEN_PRORATED: the company recognises by day, and A79 plants
 *         the even months; the DAILY row is below.
 *  ST-26, ST-27  two-day payouts and their composition: cash/pay-out.spec.ts.
 *  ST-31  HUF payouts are in cash/pay-out.spec.ts; whole units on the wire in kit/kit.spec.ts.
 *  CP-01  CPQ prices: the specs of sales.
 *  FA-01 case A  a cancellable advance: all contracts of the company are non-cancellable.
 *  FA-03, FA-05  a blended price, and a volume rebate: the company sells neither.
 *  OW-09  months of equal shares: the company recognises by day; how far another rounding may stray
 *         is the tolerance of RV-03.
 *  OW-05, ST-08  proration lines are billing's; what they become in the ledger is ST-05 and ST-06.
 */
const later = '2030-01-01T00:00:00Z';

const byMonth = (start: Day, end: Day, total: bigint): bigint[] =>
  new LineRevenue(start, end, total).pieces().map(({ amount }) => amount);

test.each<[id: string, start: Day, end: Day, total: bigint, months: bigint[]]>([
  ['ST-01', '2019-01-15', '2019-02-15', 3_100n, [1_700n, 1_400n]],
  ['ST-11', '2024-06-15', '2024-10-13', 12_000n, [1_600n, 3_100n, 3_100n, 3_000n, 1_200n]],
  ['OW-04', '2026-01-15', '2026-02-15', 10_000n, [5_484n, 4_516n]],
  [
    ...(['OW-01', '2024-01-01', '2025-01-01', 1_200_000n] as const),
    [
      ...[101_639n, 95_082n, 101_640n, 98_360n, 101_640n, 98_360n, 101_640n, 101_639n],
      ...[98_361n, 101_639n, 98_361n, 101_639n],
    ],
  ],
])('%s: revenue by day, half-open, cumulative half up', (_id, start, end, total, months) => {
  expect(byMonth(start, end, total)).toEqual(months);
});

test('ST-02: an annual plan of 365 dollars earns 31, 28 and 31 in its first months', () => {
  expect(byMonth('2019-01-01', '2020-01-01', 36_500n).slice(0, 3)).toEqual([
    3_100n,
    2_800n,
    3_100n,
  ]);
});

test('ST-07: credit pays 11 of 31; the rest is a receivable until it is paid', () => {
  const payment = aPayment(aCharge('P', 2_000n, '2026-02-09T00:00:00Z'), { currency: 'EUR' });
  const invoice = anInvoice([aLine(3_100n, '2026-01-15', '2026-02-15')], '2026-01-15', {
    startingBalance: -1_100n,
  });
  const { by } = keepBooks(
    { invoices: [paidBy(invoice, payment.key, 2_000n, '2026-02-09')], payments: [payment] },
    later,
  );
  expect(by('1100')).toEqual({ '2026-01': 2_000n, '2026-02': -2_000n });
  expect(by('2200')).toEqual({ '2026-01': 1_100n });
  expect(by('4010')).toEqual({ '2026-01': -1_700n, '2026-02': -1_400n });
  expect(by('2100')).toEqual({ '2026-01': -1_400n, '2026-02': 1_400n });
});

test('ST-07b: a negative invoice is credit to the customer and lowers revenue by day', () => {
  const invoice = anInvoice([aLine(-3_100n, '2026-01-15', '2026-02-15')], '2026-01-15', {
    endingBalance: -3_100n,
  });
  const { by } = keepBooks({ invoices: [invoice] }, later);
  expect(by('2200')).toEqual({ '2026-01': -3_100n });
  expect(by('4010')).toEqual({ '2026-01': 1_700n, '2026-02': 1_400n });
  expect(by('1100')).toEqual({});
});

/** Items of a change on 21 April, billed on 1 May with the next month. */
const change = (credit: bigint, debit: bigint, next: bigint) =>
  keepBooks(
    {
      invoices: [
        anInvoice([aLine(9_000n, '2026-04-01', '2026-05-01')], '2026-04-01'),
        anInvoice(
          [
            { ...aLine(credit, '2026-04-21', '2026-05-01'), kind: 'proration_credit' },
            { ...aLine(debit, '2026-04-21', '2026-05-01'), kind: 'proration_debit' },
            aLine(next, '2026-05-01', '2026-06-01'),
          ],
          '2026-05-01',
        ),
      ],
    },
    later,
  );

test('ST-05: an upgrade earns 100 in April and 120 in May, 10 of it unbilled in between', () => {
  const { by } = change(-3_000n, 4_000n, 12_000n);
  expect(by('4010')).toEqual({ '2026-04': -10_000n, '2026-05': -12_000n });
  expect(by('1150')).toEqual({ '2026-04': 1_000n, '2026-05': -1_000n });
});

test('ST-06: a downgrade earns 70 in April and 30 in May', () => {
  const { by } = change(-3_000n, 1_000n, 3_000n);
  expect(by('4010')).toEqual({ '2026-04': -7_000n, '2026-05': -3_000n });
  expect(by('1150')).toEqual({ '2026-04': -2_000n, '2026-05': 2_000n });
});

test('ST-03: metered usage is revenue in the month of use, unbilled until its invoice', () => {
  const price: Price = {
    ...{ id: 'price_m', product: 'API-IMAGE', currency: 'EUR', unit: 100n * RATE_SCALE },
    ...{ tiers: null, tiersMode: null, interval: { unit: 'month', count: 1 } },
    ...{ usage: 'metered', meter: 'images', published: true, active: true, createdAt: 0 },
    metadata: {},
  };
  const used = (day: Day, quantity: number) => {
    const hour = instantOf(`${day}T10:00:00Z`);
    const times = { hour, firstAt: hour, lastAt: hour, ingestedAt: hour };
    return { meter: 'images' as const, ...times, quantity, events: 1 };
  };
  const hours = [used('2026-01-25', 15), used('2026-02-04', 17)];
  const line = { ...aLine(3_200n, '2026-01-14', '2026-02-14'), kind: 'usage' as const, price };
  const { by } = keepBooks(
    { invoices: [anInvoice([{ ...line, product: 'API-IMAGE' }], '2026-02-14')] },
    later,
    { usage: { store: hours, metered: hours, errors: [], seats: [], batches: [] } },
  );
  expect(by('4040')).toEqual({ '2026-01': -1_500n, '2026-02': -1_700n });
  expect(by('1150')).toEqual({ '2026-01': 1_500n, '2026-02': -1_500n });
  expect(by('1100')).toEqual({ '2026-02': 3_200n });
});

test('ST-13: a full refund on 1 February is contra revenue for what January had earned', () => {
  const charge = aCharge('P', 9_000n, '2026-01-01T00:00:00Z');
  const payment = aPayment(charge, { currency: 'EUR' });
  const invoice = anInvoice([aLine(9_000n, '2026-01-01', '2026-04-01')], '2026-01-01');
  const { by } = keepBooks(
    {
      ...{ invoices: [paidBy(invoice, payment.key, 9_000n, '2026-01-01')], payments: [payment] },
      refunds: [aRefund(charge, 9_000n, '2026-02-01T00:00:00Z')],
    },
    later,
  );
  expect(by('4010')).toEqual({ '2026-01': -3_100n });
  expect(by('2100')).toEqual({ '2026-01': -5_900n, '2026-02': 5_900n });
  expect(by('4900')).toEqual({ '2026-02': 3_100n });
  // The processor keeps its fee of 1.5 % and 25 cents.
  expect(by('1050')).toEqual({ '2026-01': 8_840n, '2026-02': -9_000n });
  expect(by('6100')).toEqual({ '2026-01': 160n });
});

const quarter = (over: Parameters<typeof anInvoice>[2]) =>
  keepBooks(
    { invoices: [anInvoice([aLine(9_000n, '2026-01-01', '2026-04-01')], '2026-01-01', over)] },
    later,
  );
const february = instantOf('2026-02-01T00:00:00Z');

test('ST-15: a void on 1 February takes the receivable and all revenue back', () => {
  const { by } = quarter({ status: 'void', voidedAt: february });
  expect(by('1100')).toEqual({ '2026-01': 9_000n, '2026-02': -9_000n });
  expect(by('4010')).toEqual({ '2026-01': -3_100n });
  expect(by('2100')).toEqual({ '2026-01': -5_900n, '2026-02': 5_900n });
  expect(by('4900')).toEqual({ '2026-02': 3_100n });
});

test('ST-16: what was earned of an uncollectible invoice is a credit loss, the rest stops', () => {
  const { by } = quarter({ status: 'uncollectible', uncollectibleAt: february });
  expect(by('6200')).toEqual({ '2026-02': 3_100n });
  expect(by('2100')).toEqual({ '2026-01': -5_900n, '2026-02': 5_900n });
  expect(by('4010')).toEqual({ '2026-01': -3_100n });
  expect(by('1100')).toEqual({ '2026-01': 9_000n, '2026-02': -9_000n });
});

/** A quarter of 90 euros, paid by card on the first day; the processor keeps 1.5 % and 25 cents. */
function paidQuarter(over: Partial<Billing> = {}) {
  const charge = aCharge('P', 9_000n, '2026-01-01T00:00:00Z');
  const payment = aPayment(charge, { currency: 'EUR' });
  const invoice = anInvoice([aLine(9_000n, '2026-01-01', '2026-04-01')], '2026-01-01');
  const paid = paidBy(invoice, payment.key, 9_000n, '2026-01-01');
  const ledger = keepBooks({ invoices: [paid], payments: [payment], ...over }, later);
  return { ledger, charge };
}
const byDay = { '2026-01': -3_100n, '2026-02': -2_800n, '2026-03': -3_100n };

test('ST-17: a dispute takes the cash away, and one that is won brings it back', () => {
  const { charge } = paidQuarter();
  const dispute = {
    ...aDispute(charge, 'won', '2026-02-01T00:00:00Z'),
    ...{ fee: 0n, closedAt: instantOf('2026-04-01T12:00:00Z') },
  };
  const { by } = paidQuarter({ disputes: [dispute] }).ledger;
  expect(by('1050')).toEqual({ '2026-01': 8_840n, '2026-02': -9_000n, '2026-04': 9_000n });
  // What Stripe calls recoverables. Revenue is not reversed before a dispute is lost (policy.md).
  expect(by('1120')).toEqual({ '2026-02': 9_000n, '2026-04': -9_000n });
  expect(by('4010')).toEqual(byDay);
});

test('ST-20: a credit note before payment lowers what is owed, and what is earned, by day', () => {
  const line = aLine(12_000n, '2026-01-01', '2026-04-01');
  const invoice = anInvoice([line], '2026-01-01');
  const payment = aPayment(aCharge('P', 9_000n, '2026-02-02T00:00:00Z'), { currency: 'EUR' });
  const note: CreditNote = {
    ...{ key: 'CN', id: 'cn_1', number: 'CN-1', invoiceKey: invoice.key, status: 'issued' },
    ...{ reason: 'order_change', createdAt: instantOf('2026-01-01T01:00:00Z') },
    ...{ effectiveAt: null, voidedAt: null, amount: 3_000n, prePayment: 3_000n },
    ...{ postPayment: 0n, refunds: [], toBalance: 0n, outOfBand: 0n, metadata: {} },
    lines: [{ id: 'cnli_1', lineKey: line.key, amount: 3_000n, tax: 0n, taxInclusive: false }],
  };
  const paid = paidBy(invoice, payment.key, 9_000n, '2026-02-02');
  const billing = { invoices: [paid], payments: [payment], creditNotes: [note] };
  const { by } = keepBooks(billing, later);
  expect(by('1100')).toEqual({ '2026-01': 9_000n, '2026-02': -9_000n });
  expect(by('4010')).toEqual(byDay);
  expect(by('2100')).toEqual({ '2026-01': -5_900n, '2026-02': 2_800n, '2026-03': 3_100n });
  expect(by('4900')).toEqual({});
});

test('ST-21: an invoice marked as paid outside Stripe is an asset outside it, and no cash', () => {
  const charge = aCharge('P', 3_100n, '2026-02-05T00:00:00Z');
  const outside = {
    kind: 'payment_record',
    method: 'wire',
    currency: 'EUR',
    charges: [],
  } as const;
  const payment = { ...aPayment(charge), ...outside, charges: [] };
  const invoice = anInvoice([aLine(3_100n, '2026-01-01', '2026-02-01')], '2026-01-01');
  const paid = paidBy(invoice, payment.key, 3_100n, '2026-02-05');
  const { by } = keepBooks({ invoices: [paid], payments: [payment] }, later);
  expect(by('1100')).toEqual({ '2026-01': 3_100n, '2026-02': -3_100n });
  expect(by('1060')).toEqual({ '2026-02': 3_100n });
  expect(by('4010')).toEqual({ '2026-01': -3_100n });
  expect([by('1050'), by('1010')]).toEqual([{}, {}]);
});

test('ST-24: what an account settles is not converted, and anything else is', () => {
  expect(settlementCurrency('ni-ie', 'EUR')).toBe('EUR');
  expect(settlementCurrency('ni-us', 'NOK')).toBe('USD');
  const at = instantOf('2026-03-02T00:00:00Z');
  const euros = settle('spec', 'ni-ie', { amount: 3_000n, currency: 'EUR', at });
  expect(euros).toEqual({ amount: 3_000n, currency: 'EUR', exchangeRate: null });
  expect(convertAt(40_000n, 'NOK', 'USD', rateOf('0.1'))).toBe(4_000n);
});

test('ST-25: a fee is a cost beside the gross amount; revenue does not know it', () => {
  const { by } = paidQuarter().ledger;
  expect(by('1050')).toEqual({ '2026-01': 8_840n });
  expect(by('6100')).toEqual({ '2026-01': 160n });
  expect(by('4010')).toEqual(byDay);
});

test('FA-07: 100 for what sells alone at 50, 25 and 75 is 33.33, 16.67 and 50.00', () => {
  expect(shareOut(10_000n, [5_000n, 2_500n, 7_500n])).toEqual([3_333n, 1_667n, 5_000n]);
});

test.each([
  ['exclusive', { amount: 3_100n, taxExclusive: 310n, taxInclusive: 0n }],
  ['inclusive', { amount: 3_410n, taxExclusive: 0n, taxInclusive: 310n }],
])('ST-22: %s tax of 10 %% leaves 31.00 of revenue and 3.10 of tax', (_how, tax) => {
  const line = { ...aLine(tax.amount, '2026-01-01', '2026-02-01'), ...tax };
  const { by } = keepBooks({ invoices: [anInvoice([line], '2026-01-01')] }, later);
  expect([by('4010'), by('2300'), by('1100')]).toEqual([
    { '2026-01': -3_100n },
    { '2026-01': -310n },
    { '2026-01': 3_410n },
  ]);
});

test('ST-23: 30 euros at 1.20 are 36 dollars, at 1.10 they are 33', () => {
  expect(convertAt(3_000n, 'EUR', 'USD', rateOf('1.2'))).toBe(3_600n);
  expect(convertAt(3_000n, 'EUR', 'USD', rateOf('1.1'))).toBe(3_300n);
});

test('ST-28: 1000 euro cents at an exchange rate of 1.234 are 1234 dollar cents', () => {
  expect(divideHalfUp(1_000n * rateOf('1.234'), RATE_SCALE)).toBe(1_234n);
  const { seed } = aContext(later).ctx.options;
  const at = instantOf('2026-03-02T00:00:00Z');
  const settled = settle(seed, 'ni-us', { amount: 1_000n, currency: 'EUR', at });
  expect(settled.amount).toBe(
    divideHalfUp(1_000n * rateOf(settled.exchangeRate ?? ''), RATE_SCALE),
  );
});

test.each([
  [3_100n, -1_100n, 0n, 2_000n],
  [3_100n, 1_000n, 0n, 4_100n],
  [-3_100n, 0n, -3_100n, 0n],
  [30n, 0n, 30n, 0n],
])('ST-30: %s with a balance from %s to %s is %s due', (total, starting, ending, due) => {
  const invoice = anInvoice([aLine(total, '2026-01-01', '2026-02-01')], '2026-01-01', {
    ...{ startingBalance: starting, endingBalance: ending },
  });
  expect(totalsOf(invoice, []).amountDue).toBe(due);
});

test('ST-31: 10 dollars are 1000 minor units, 500 yen are 500', () => {
  expect([major(10, 'USD'), major(500, 'JPY')]).toEqual([1_000n, 500n]);
});

test('PB-01: 65,000 calls at 0.0006 by volume are 39.00, and 49.00 with the flat 10', () => {
  const volume: Price = {
    ...{ id: 'price_v', product: 'API-INPUT', currency: 'USD', unit: null },
    ...{ tiers: [{ upTo: null, unit: rateOf('0.06') }], tiersMode: 'volume', interval: null },
    ...{ usage: 'metered', meter: 'input_tokens', published: true, active: true, createdAt: 0 },
    metadata: {},
  };
  expect(ratePrice(volume, 65_000n) + 1_000n).toBe(4_900n);
});

test('PB-04: 4.4556 × 10.625 is 47.34 dollars, and 47 yen', () => {
  const [unit, quantity] = [rateOf('4.4556'), rateOf('10.625')];
  const exactly = unit * quantity;
  expect(divideHalfUp(exactly * 100n, RATE_SCALE * RATE_SCALE)).toBe(4_734n);
  expect(divideHalfUp(exactly, RATE_SCALE * RATE_SCALE)).toBe(47n);
});

test('FA-01 B: an invoice of a firm contract is a receivable and a liability', () => {
  const invoice = anInvoice([aLine(100_000n, '2026-03-31', '2026-03-31')], '2026-01-31');
  const { by } = keepBooks({ invoices: [invoice] }, later);
  expect(by('1100')).toEqual({ '2026-01': 100_000n });
  expect(by('2100')).toEqual({ '2026-01': -100_000n, '2026-03': 100_000n });
  expect(by('4010')).toEqual({ '2026-03': -100_000n });
});

test('OW-08: an instant is in June in Los Angeles and in July in Dublin', () => {
  const at = instantOf('2026-07-01T06:30:00Z');
  expect(entities['ni-us'].zone.dayOf(at)).toBe('2026-06-30');
  expect(entities['ni-ie'].zone.dayOf(at)).toBe('2026-07-01');
});
