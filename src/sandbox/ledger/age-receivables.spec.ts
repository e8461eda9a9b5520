import { aContext } from '../cash/cash-fixtures';
import { openRoster } from '../company/roster';
import { simulateCustomer } from '../world/simulate-customer';
import { accounts } from './accounts';
import { bucketOf } from './age-receivables';

const { ctx } = aContext('2026-07-08T18:00:00Z');
const options = { ...ctx.options, scale: 0.002 };
const context = { ...ctx, options };
const roster = openRoster(options);
const worlds = Array.from({ length: roster.size }, (_, i) =>
  simulateCustomer(roster.customer(i + 1), { roster, context }),
);

test('days past due fall into buckets whose last day belongs to them', () => {
  expect([-3, 0, 1, 30, 31, 60, 90, 91, 180, 181].map(bucketOf)).toEqual([
    ...['CURRENT', 'CURRENT', '1-30', '1-30', '31-60', '31-60', '61-90', '91-180', '91-180'],
    'OVER_180',
  ]);
});

test('the report comes to the receivables of the ledger, month by month', () => {
  const [reported, ledger] = [new Map<string, bigint>(), new Map<string, bigint>()];
  const add = (sums: Map<string, bigint>, key: string, amount: bigint): void => {
    sums.set(key, (sums.get(key) ?? 0n) + amount);
  };
  const ends = new Map(
    worlds.flatMap(({ ledger: { ageing } }) =>
      ageing.map(({ entity, asOf, reportedAt }) => [`${entity} ${asOf}`, { asOf, reportedAt }]),
    ),
  );
  for (const { customer, ledger: books } of worlds) {
    for (const { entity, asOf, currency, open } of books.ageing)
      add(reported, `${entity} ${asOf} ${currency}`, open);
    for (const [end, { asOf, reportedAt }] of ends)
      for (const one of books.postings)
        if (
          one.account === accounts.receivables &&
          end.startsWith(customer.entity) &&
          one.effectiveOn <= asOf &&
          one.postedAt <= reportedAt
        )
          add(ledger, `${end} ${one.currency}`, one.debit - one.credit);
  }
  const owed = [...ledger].filter(([, amount]) => amount !== 0n);
  expect(owed.length).toBeGreaterThan(10);
  expect([...reported].filter(([, amount]) => amount !== 0n).sort()).toEqual(owed.sort());
});
