import { addDays, instantOf, startOfUtcDay, type Day } from '../kit/instants';
import { sumOf } from '../kit/units';
import type { BalanceTransaction } from '../truth/cash';
import { aContext } from './cash-fixtures';
import { MovementBook } from './movement-book';
import { payOut } from './pay-out';

const movement = (day: Day, net: bigint, over: Partial<BalanceTransaction> = {}) =>
  ({
    ...{ id: `txn_${day}_${String(net)}`, entity: 'ni-us', type: 'charge', category: 'charge' },
    ...{ amount: net, fee: 0n, net, currency: 'USD', fees: [], exchangeRate: null },
    ...{ createdAt: startOfUtcDay(day) + 43_200, availableAt: startOfUtcDay(addDays(day, 2)) },
    ...{ sourceId: 'ch', customerKey: 'C000001' },
    ...over,
  }) as const satisfies BalanceTransaction;

function paid(movements: readonly BalanceTransaction[], now: string, lookAlikes = false) {
  const book = new MovementBook();
  for (const one of movements) book.add(one);
  const { ctx, noted } = aContext(now, lookAlikes);
  return { ...payOut(book, ctx), noted };
}

/** ST-26: activity of 10, 20, 30, 50 and 70 on days 1 to 5 is paid out on days 3 to 5. */
test('two-day rolling payouts follow the activity of Stripe’s own example', () => {
  const days = ['2026-06-08', '2026-06-09', '2026-06-10', '2026-06-11', '2026-06-12'];
  const activity = [1_000n, 2_000n, 3_000n, 5_000n, 7_000n];
  const { payouts, balances } = paid(
    days.map((day, i) => movement(day, activity[i] ?? 0n)),
    '2026-06-13T07:00:00Z',
  );
  expect(payouts.map(({ createdAt, amount }) => [createdAt > 0, amount])).toEqual([
    [true, 1_000n],
    [true, 2_000n],
    [true, 3_000n],
  ]);
  // Of 180 earned 10 and 20 have arrived; the 30 of Friday arrive on Monday.
  expect(balances.map(({ opening, closing }) => [opening, closing])).toEqual([[0n, 15_000n]]);
});

/** ST-27: a charge of 100.00 and a refund of 20.00 make a payout of 80.00. */
test('a payout is what its balance transactions come to', () => {
  const refund = movement('2026-06-08', -2_000n);
  const { payouts, payoutOf } = paid(
    [movement('2026-06-08', 10_000n), refund],
    '2026-06-20T00:00:00Z',
  );
  expect(payouts.map(({ amount }) => amount)).toEqual([8_000n]);
  expect(new Set(payoutOf.values())).toEqual(new Set([payouts[0]?.id]));
  expect(payoutOf.size).toBe(2);
});

test('a negative day waits and is taken from the next payout', () => {
  const { payouts } = paid(
    [movement('2026-06-08', -5_000n), movement('2026-06-09', 7_500n)],
    '2026-06-20T00:00:00Z',
  );
  expect(payouts.map(({ amount }) => amount)).toEqual([2_500n]);
});

/** ST-31: 10.45 forints go out as 10; what is left goes with the next. */
test('forints go out whole and the rest stays', () => {
  const forint = { entity: 'ni-ie', currency: 'HUF' } as const;
  const { payouts } = paid(
    [movement('2026-06-08', 1_045n, forint), movement('2026-06-09', 1_060n, forint)],
    '2026-06-20T00:00:00Z',
  );
  expect(payouts.map(({ amount }) => amount)).toEqual([1_000n, 1_100n]);
});

const busy = (): BalanceTransaction[] =>
  Array.from({ length: 700 }, (_, i) => movement(addDays('2024-07-01', i), BigInt(900 + (i % 7))));

test('a payout that fails comes back and is sent again by hand, with both movements', () => {
  const { payouts, movements, bankLines, noted } = paid(busy(), '2026-07-01T00:00:00Z', true);
  const failed = payouts.filter(({ status }) => status === 'failed');
  expect(failed.length).toBeGreaterThan(0);
  for (const { id, amount, balanceTransactionId, failureBalanceTransactionId } of failed) {
    const both = [balanceTransactionId, failureBalanceTransactionId];
    const nets = movements.filter((m) => both.includes(m.id)).map(({ net }) => net);
    expect(nets).toEqual([-amount, amount]);
    expect(noted).toContainEqual({ id: 'L51', key: id });
  }
  const again = payouts.filter(({ automatic }) => !automatic);
  expect(again.length).toBe(failed.length + 1);
  const total = sumOf(payouts.filter((p) => p.status === 'paid').map(({ amount }) => amount));
  const onTheWay = payouts.filter(
    (p) => p.status === 'paid' && !bankLines.some((b) => b.reference.endsWith(p.traceId ?? '-')),
  );
  expect(sumOf(bankLines.map(({ amount }) => amount))).toBe(
    total - sumOf(onTheWay.map(({ amount }) => amount)),
  );
  expect(onTheWay.length).toBeLessThan(4);
});

test('a later now keeps every payout: same ids, amounts, instants and bank lines', () => {
  const early = paid(busy(), '2025-06-10T12:00:00Z', true);
  const later = paid(busy(), '2026-07-01T00:00:00Z', true);
  const facts = (list: typeof early.payouts) =>
    list.map(({ id, amount, createdAt, arrivalOn }) => ({ id, amount, createdAt, arrivalOn }));
  const until = instantOf('2025-06-10T12:00:00Z');
  const before = facts(later.payouts).filter(({ createdAt }) => createdAt <= until);
  expect(facts(early.payouts)).toEqual(before);
  expect(later.bankLines.slice(0, early.bankLines.length)).toEqual(early.bankLines);
});

test('the Stripe balance rolls forward month by month', () => {
  const { balances } = paid(busy(), '2026-07-01T00:00:00Z', true);
  for (const [i, { opening, activity, payouts, closing }] of balances.entries()) {
    expect(opening + activity + payouts).toBe(closing);
    expect(opening).toBe(balances[i - 1]?.closing ?? 0n);
  }
  expect(balances.length).toBe(24);
});
