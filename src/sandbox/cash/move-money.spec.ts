import { instantOf, isoInstant } from '../kit/instants';
import { divideHalfUp, RATE_SCALE, rateOf } from '../kit/units';
import type { BalanceTransaction } from '../truth/cash';
import * as a from './cash-fixtures';
import { moveMoney } from './move-money';

const now = '2026-07-01T00:00:00Z';
const brief = ({ type, amount, fee, net, currency }: BalanceTransaction) => [
  ...[type, amount, fee, net, currency],
];
const { aBilling, aCharge, aContext, aCustomer, aDispute, aPaidInvoice, aPayment, aRefund } = a;

test('a card charge costs 2.9 % and 30 cents, and is free two business days later', () => {
  const charge = aCharge('1', 2_000n, '2026-06-18T20:00:00Z');
  const { movements } = moveMoney(
    aCustomer(),
    aBilling({ payments: [aPayment(charge)] }),
    aContext(now).ctx,
  );
  expect(movements.map(brief)).toEqual([['charge', 2_000n, 88n, 1_912n, 'USD']]);
  // 2026-06-19 is Juneteenth, the 20th and 21st a weekend.
  expect(movements.map(({ availableAt }) => isoInstant(availableAt))).toEqual([
    '2026-06-23T00:00:00Z',
  ]);
});

test('a debit moves when it succeeds, for 5 dollars at most, and goes back when returned', () => {
  const charge = {
    ...aCharge('1', 500_000n, '2026-03-02T10:00:00Z'),
    succeededAt: instantOf('2026-03-06T10:00:00Z'),
    returnedAt: instantOf('2026-03-20T10:00:00Z'),
  };
  const payment = aPayment(charge, { method: 'ach_debit' });
  const billing = aBilling({
    payments: [payment],
    invoices: [aPaidInvoice(payment, '2026-03-06T10:00:00Z')],
  });
  const { movements } = moveMoney(aCustomer(), billing, aContext(now).ctx);
  expect(movements.map(brief)).toEqual([
    ['payment', 500_000n, 500n, 499_500n, 'USD'],
    ['payment_failure_refund', -500_000n, 0n, -500_000n, 'USD'],
  ]);
  expect(movements.map(({ createdAt }) => isoInstant(createdAt))).toEqual([
    '2026-03-06T10:00:00Z',
    '2026-03-20T10:00:00Z',
  ]);
});

test('a failed refund is two movements that cancel out', () => {
  const charge = aCharge('1', 3_000n, '2026-03-02T10:00:00Z');
  const refund = {
    ...aRefund(charge, 3_000n, '2026-03-05T10:00:00Z'),
    failedAt: instantOf('2026-03-09T10:00:00Z'),
  };
  const billing = aBilling({ payments: [aPayment(charge)], refunds: [refund] });
  const { ctx, noted } = aContext(now);
  expect(moveMoney(aCustomer(), billing, ctx).movements.slice(1).map(brief)).toEqual([
    ['refund', -3_000n, 0n, -3_000n, 'USD'],
    ['refund_failure', 3_000n, 0n, 3_000n, 'USD'],
  ]);
  expect(noted).toEqual([{ id: 'L46', key: 're_1' }]);
});

test('a won dispute returns the amount and not the fee; an inquiry moves nothing', () => {
  const [one, two] = ['1', '2'].map((key) => aCharge(key, 2_000n, '2026-03-02T10:00:00Z'));
  if (one === undefined || two === undefined) throw new Error('two charges');
  const won = { ...aDispute(one, 'won', '2026-03-10T10:00:00Z') };
  won.closedAt = instantOf('2026-04-20T10:00:00Z');
  const billing = aBilling({
    payments: [aPayment(one), aPayment(two)],
    disputes: [won, aDispute(two, 'warning_closed', '2026-03-11T10:00:00Z')],
  });
  const { movements } = moveMoney(aCustomer(), billing, aContext(now).ctx);
  expect(movements.slice(2).map(brief)).toEqual([
    ['adjustment', -2_000n, 1_500n, -3_500n, 'USD'],
    ['adjustment', 2_000n, 0n, 2_000n, 'USD'],
  ]);
});

test('yen settle in dollars: amount × exchange_rate, rounded, is the settled amount', () => {
  const charge = aCharge('1', 3_000n, '2026-03-02T10:00:00Z');
  const payment = aPayment(charge, { currency: 'JPY' });
  const customer = aCustomer({ country: 'JP', currency: 'JPY' });
  const { movements } = moveMoney(customer, aBilling({ payments: [payment] }), aContext(now).ctx);
  const [{ amount, currency, exchangeRate } = { amount: 0n, currency: '', exchangeRate: null }] =
    movements;
  expect(currency).toBe('USD');
  expect(exchangeRate).toMatch(/^0\.\d{1,12}$/);
  expect(amount).toBe(divideHalfUp(3_000n * rateOf(exchangeRate ?? ''), RATE_SCALE));
  expect(amount > 1_500n && amount < 2_500n).toBe(true);
});

test('sterling stays sterling in Ireland', () => {
  const payment = aPayment(aCharge('1', 2_000n, '2026-03-02T10:00:00Z'), { currency: 'GBP' });
  const customer = aCustomer({ entity: 'ni-ie', country: 'GB', currency: 'GBP' });
  const { movements } = moveMoney(customer, aBilling({ payments: [payment] }), aContext(now).ctx);
  expect(movements.map(brief)).toEqual([['charge', 2_000n, 70n, 1_930n, 'GBP']]);
});

test('one wire for two invoices is one bank line, net of what the bank kept', () => {
  const wire = {
    ...{ receivedAt: instantOf('2026-06-27T18:00:00Z'), reference: 'NI-000417 NI-000418' },
    ...{ bankFee: 1_000n, withheld: 0n, remittanceKey: 'W1', markedBy: 'ar' },
  };
  const payments = ['1', '2'].map((key) =>
    aPayment(aCharge(key, 100_000n, '2026-06-27T18:00:00Z'), {
      ...{ kind: 'payment_record', method: 'wire', charges: [] },
      wire: { ...wire, bankFee: key === '1' ? 1_000n : 0n },
    }),
  );
  const { ctx, noted } = aContext(now);
  const { movements, wires } = moveMoney(aCustomer(), aBilling({ payments }), ctx);
  expect(movements).toEqual([]);
  // The 27th is a Saturday.
  expect(wires.map((w) => [w.bankAccount, w.bookedOn, w.amount, w.reference])).toEqual([
    ['US-OPERATING-4417', '2026-06-29', 199_000n, 'NI-000417 NI-000418'],
  ]);
  expect(noted).toEqual([{ id: 'L49', key: wires[0]?.txnId }]);
});
