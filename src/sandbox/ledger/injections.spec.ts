import { aContext } from '../cash/cash-fixtures';
import { openRoster } from '../company/roster';
import type { Segment } from '../truth/company';
import { simulateCustomer } from '../world/simulate-customer';
import { ledgerInjections } from './injections';
import { ledgerLines } from './ledger-lines';

const { ctx } = aContext('2026-07-08T18:00:00Z');
const options = { ...ctx.options, scale: 0.05 };
const context = { ...ctx, options };
const roster = openRoster(options);

/** The first customers of each segment, made once for every injection. */
const customers = (() => {
  const left: Record<Segment, number> = { self_serve: 12, team: 6, api: 5, sales_led: 8 };
  const chosen: number[] = [];
  for (let n = 1; n <= roster.size; n += 1) {
    const { segment } = roster.customer(n);
    if (left[segment] === 0) continue;
    left[segment] -= 1;
    chosen.push(n);
  }
  return chosen;
})();

const worldOf = (n: number) => simulateCustomer(roster.customer(n), { roster, context });

/** Debit less credit of the whole ledger of one customer, in the entity's currency. */
function outOfBalance(world: ReturnType<typeof worldOf>): bigint {
  return ledgerLines(world.ledger, world.customer.key).reduce((sum, line) => {
    return sum + line.functionalDebit - line.functionalCredit;
  }, 0n);
}

/** What every customer of this small company has; the others need rarer things. */
const common = ['A61', 'A62', 'A74', 'A75', 'A79', 'A83', 'A84', 'A87', 'A97', 'A99', 'A106'];

test('each anomaly names what must be found, and leaves every journal in balance', () => {
  const befallen = new Map<string, readonly string[]>();
  for (const n of customers) {
    const clean = worldOf(n);
    for (const injection of ledgerInjections) {
      const [candidate] = befallen.has(injection.id) ? [] : injection.candidates(clean, context);
      if (candidate === undefined) continue;
      const world = worldOf(n);
      const found = injection.apply(world, candidate, 'high', context);
      befallen.set(
        injection.id,
        found.map(({ code }) => code),
      );
      expect([injection.id, outOfBalance(world)]).toEqual([injection.id, 0n]);
    }
  }
  expect(common.filter((id) => (befallen.get(id) ?? []).length === 0)).toEqual([]);
  expect(befallen.get('A84')).toEqual(['RV04-ACCRUAL_NOT_REVERSED']);
});
