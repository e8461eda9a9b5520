import { addMonths, daysBetween, monthOf } from '../../kit/instants';
import { divideHalfUp } from '../../kit/units';
import { entities } from '../../truth/company';
import type { Injection } from '../../world/injection';
import { journalIdOf, lastOfMonth, postedAfterDay, postedAfterMonth } from '../ledger-days';
import * as p from './plant';

const isWhole = ({ line, schedule, invoice }: p.BilledLine): boolean =>
  line.kind === 'subscription' &&
  line.amount > 0n &&
  invoice.status !== 'void' &&
  schedule.every(({ status, amount }) => amount > 0n && status !== 'reversed');

const lengthOf = ({ schedule }: p.BilledLine): number =>
  daysBetween(schedule[0]?.start ?? '', schedule.at(-1)?.endExclusive ?? '');

const totalOf = ({ schedule }: p.BilledLine): bigint =>
  schedule.reduce((sum, { amount }) => sum + amount, 0n);

/** Anomalies of revenue plans: missing, too much, in the wrong shape, at the wrong time. */
export const scheduleInjections: readonly Injection[] = [
  p.plant(
    'A74',
    'An invoice line has no revenue schedule',
    (world) => p.billedLines(world, isWhole),
    (of, { world }) => {
      p.dropEntries(world, of.entries);
      p.dropSchedule(world, of.schedule);
      return [p.finding('RV01-NO_SCHEDULE', of.key, totalOf(of), of.invoice.currency)];
    },
  ),
  p.plant(
    'A75',
    'A revenue schedule includes exclusive tax',
    (world) => p.billedLines(world, (of) => isWhole(of) && of.line.taxExclusive > 0n),
    (of, { world }) => {
      const last = of.schedule.at(-1);
      if (last === undefined) return [];
      p.setAmount(world, last, last.amount + of.line.taxExclusive);
      return [p.finding('RV01-TAX_INCLUDED', of.key, of.line.taxExclusive, of.invoice.currency)];
    },
  ),
  p.plant(
    'A79',
    'A year is recognised in twelve equal months',
    (world) => p.billedLines(world, (of) => isWhole(of) && lengthOf(of) >= 365),
    (of, { world }) => {
      const total = totalOf(of);
      const even = divideHalfUp(total, BigInt(of.schedule.length));
      let worst = 0n;
      for (const [i, line] of of.schedule.entries()) {
        const isLast = i === of.schedule.length - 1;
        const amount = isLast ? total - even * BigInt(i) : even;
        const off = amount - line.amount;
        worst = off > worst ? off : worst;
        p.setAmount(world, line, amount);
      }
      return [p.finding('RV03-MONTH_EVEN_USED', of.key, worst, of.invoice.currency)];
    },
  ),
  p.plant(
    'A80',
    'A span with 29 February is divided by 365 days',
    (world) =>
      p.billedLines(world, (of) => {
        return isWhole(of) && lengthOf(of) === 366;
      }),
    (of, { world }) => {
      const total = totalOf(of);
      let rest = total;
      for (const [i, line] of of.schedule.entries()) {
        const days = BigInt(daysBetween(line.start, line.endExclusive));
        const isLast = i === of.schedule.length - 1;
        const amount = isLast ? rest : divideHalfUp(total * days, 365n);
        rest -= amount;
        p.setAmount(world, line, amount);
      }
      return [p.finding('RV03-LEAP', of.key)];
    },
  ),
  p.plant(
    'A81',
    'Revenue begins with the invoice, service a month later',
    (world) =>
      p.billedLines(world, (of) => {
        const first = of.schedule[0];
        const { zone } = entities[world.customer.entity];
        const isEarly = first !== undefined && monthOf(zone.dayOf(of.at)) < first.period;
        return isWhole(of) && isEarly && first.status === 'recognised';
      }),
    (of, { world }) => {
      const [first] = of.schedule;
      if (first === undefined) return [];
      const entity = entities[world.customer.entity];
      const on = lastOfMonth(monthOf(entity.zone.dayOf(of.at)));
      const postedAt = postedAfterMonth(entity, on, false);
      const journalId = journalIdOf(entity.id, on, 'REVENUE', true);
      for (const entry of of.entries)
        if (entry.scheduleLineId === first.id)
          Object.assign(entry, { period: monthOf(on), entryOn: on, postedAt, journalId });
      first.start = entity.zone.dayOf(of.at);
      first.period = monthOf(on);
      return [
        p.finding('RV03-START_SHIFT', of.key, first.amount, of.invoice.currency),
        p.finding('RV05-REV_EARLY', of.key, first.amount, of.invoice.currency),
      ];
    },
  ),
  p.plant(
    'A106',
    'Revenue of a product without mapping goes to the default account',
    (world) => p.billedLines(world, (of) => isWhole(of) && of.entries.length > 0),
    (of) => {
      for (const entry of of.entries) if (p.isRevenue(entry)) entry.account = '4090';
      return [p.finding('MD02-UNMAPPED_PRODUCT', of.line.product)];
    },
  ),
  p.plant(
    'A87',
    'Revenue of a cancelled subscription goes on',
    (world, { options }) =>
      p.billedLines(world, (of) => {
        const sub = world.billing.subscriptions.find((s) => s.key === of.invoice.subscriptionKey);
        const last = of.schedule.at(-1);
        const isLast = sub?.latestInvoiceKey === of.invoice.key && sub.endedAt !== null;
        if (!isLast || !isWhole(of) || last?.status !== 'recognised') return false;
        const entity = entities[world.customer.entity];
        const next = lastOfMonth(monthOf(addMonths(last.endExclusive, 1)));
        return postedAfterDay(entity, next) + 20_000 < options.now;
      }),
    (of, { world }) => {
      const last = of.schedule.at(-1);
      if (last === undefined) return [];
      const entity = entities[world.customer.entity];
      const on = lastOfMonth(monthOf(addMonths(last.endExclusive, 1)));
      const id = `${last.id}X`;
      const [start, endExclusive] = [last.endExclusive, addMonths(last.endExclusive, 1)];
      const postedAt = postedAfterMonth(entity, on, false);
      world.ledger.schedule.push({
        ...{ ...last, id, start, endExclusive, period: monthOf(on), recognisedAt: postedAt },
      });
      const journalId = journalIdOf(entity.id, on, 'REVENUE', true);
      for (const entry of of.entries.filter((e) => e.scheduleLineId === last.id))
        world.ledger.entries.push({
          ...{ ...entry, id: `${entry.id}X`, scheduleLineId: id, entryOn: on, postedAt },
          ...{ period: monthOf(on), journalId },
        });
      return [p.finding('RV06-CANCELLED_SUB_CONTINUES', of.key, last.amount, of.invoice.currency)];
    },
  ),
];
