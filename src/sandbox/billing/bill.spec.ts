import { instantOf, isoInstant } from '../kit/instants';
import { bill } from './bill';
import {
  sampleContext,
  sampleCustomer,
  sampleItem,
  samplePlan,
  samplePrice,
  sampleSubscription,
  sampleUsage,
} from './sample-plan';

const monthly = (now: string, rest = {}) =>
  bill(
    sampleCustomer(rest),
    samplePlan({
      subscriptions: [
        sampleSubscription('2026-01-31T10:20:30Z', [sampleItem(samplePrice('2300'))]),
      ],
    }),
    sampleUsage(),
    sampleContext(now),
  );

describe('a plan by the month, paid by card', () => {
  test('is billed at its start and at each anchor, the 31st cut to the length of the month', () => {
    const { invoices, payments } = monthly('2026-04-05T00:00:00Z');
    const seen = invoices.map(({ reason, status, number, createdAt, totals }) => {
      return [reason, status, number, isoInstant(createdAt), totals.amountPaid];
    });
    const prefix = invoices[0]?.number?.slice(0, -5) ?? '';
    expect(prefix).toMatch(/^NIE-[0-9A-Z]{8}$/);
    expect(seen).toEqual([
      ['subscription_create', 'paid', `${prefix}-0001`, '2026-01-31T10:20:30Z', 2300n],
      ['subscription_cycle', 'paid', `${prefix}-0002`, '2026-02-28T10:20:30Z', 2300n],
      ['subscription_cycle', 'paid', `${prefix}-0003`, '2026-03-31T10:20:30Z', 2300n],
    ]);
    expect(invoices[2]?.lines.map(({ periodEnd }) => isoInstant(periodEnd))).toEqual([
      '2026-04-30T10:20:30Z',
    ]);
    expect(payments.map(({ status, amount }) => [status, amount])).toEqual([
      ['succeeded', 2300n],
      ['succeeded', 2300n],
      ['succeeded', 2300n],
    ]);
  });

  test('waits an hour as a draft, which has no number and no payment', () => {
    const { invoices, payments } = monthly('2026-02-28T10:21:00Z');
    const [, draft] = invoices;
    expect(draft?.status).toBe('draft');
    expect(draft?.number).toBeNull();
    expect(draft?.finalizedAt).toBeNull();
    expect(payments).toHaveLength(1);
  });

  test('leaves the number to the account where the account numbers', () => {
    const { invoices } = monthly('2026-02-05T00:00:00Z', { entity: 'ni-us' });
    expect(invoices.map(({ number, finalizedAt }) => [number, finalizedAt])).toEqual([
      [null, instantOf('2026-01-31T10:20:31Z')],
    ]);
  });
});

test('a plan by the year is billed once a year', () => {
  const price = samplePrice('20000', { interval: { unit: 'year', count: 1 } });
  const subscriptions = [sampleSubscription('2024-02-29T00:00:00Z', [sampleItem(price)])];
  const { invoices } = bill(
    sampleCustomer(),
    samplePlan({ subscriptions }),
    sampleUsage(),
    sampleContext('2026-06-30T00:00:00Z'),
  );
  const periods = invoices.flatMap(({ lines }) =>
    lines.map(({ periodStart, periodEnd, amount }) => {
      return [isoInstant(periodStart), isoInstant(periodEnd), amount];
    }),
  );
  expect(periods).toEqual([
    ['2024-02-29T00:00:00Z', '2025-02-28T00:00:00Z', 20000n],
    ['2025-02-28T00:00:00Z', '2026-02-28T00:00:00Z', 20000n],
    ['2026-02-28T00:00:00Z', '2027-02-28T00:00:00Z', 20000n],
  ]);
});
