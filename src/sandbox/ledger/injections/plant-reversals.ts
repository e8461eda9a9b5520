import { entities } from '../../truth/company';
import type { OrderTruth } from '../../truth/sold';
import type { CustomerWorld } from '../../world/customer-world';
import type { Injection } from '../../world/injection';
import { accounts } from '../accounts';
import { journalIdOf, postedAfterDay } from '../ledger-days';
import { monthOf } from '../../kit/instants';
import * as p from './plant';

const calledOff = ({ schedule }: p.BilledLine) =>
  schedule.filter(({ status, amount }) => status === 'reversed' && amount > 0n);

/** A void that took only the liability back: what was earned stands, and the plan goes on. */
function missVoid(of: p.BilledLine, world: CustomerWorld): void {
  for (const entry of world.ledger.entries) {
    const isOfVoid = entry.docRef === `${of.invoice.id}V`;
    if (isOfVoid && entry.account === accounts.refundsAndCredits)
      entry.account = accounts.contractLiability;
  }
  for (const line of calledOff(of)) line.status = 'planned';
}

const isVoided = (of: p.BilledLine): boolean =>
  of.invoice.status === 'void' && of.line.amount > 0n && calledOff(of).length > 0;

/** Lines of an order with what each was allocated; usage is variable and has no share. */
const allocations = ({ ledger }: CustomerWorld, { lines }: OrderTruth) =>
  lines.flatMap((line) => {
    const of = ledger.obligations.find(({ id }) => id === `POB-${line.key}`);
    return of === undefined || line.charge === 'usage' ? [] : [{ of, line }];
  });

/**
 * The allocation of a bundle by what each line was quoted at; where that is what standalone prices
 * give, as if what is given once had none. `moved` is what one obligation gets too much.
 */
function wronglyAllocated(world: CustomerWorld, order: OrderTruth) {
  const known = allocations(world, order);
  const asQuoted = known.map(({ of, line }) => ({ of, share: line.total }));
  const once = known.filter(({ line }) => line.charge === 'one_time');
  const taken = once.reduce((sum, { of }) => sum + of.allocated, 0n);
  const first = known.find(({ line }) => line.charge !== 'one_time');
  const withoutOnce = known.map(({ of, line }) => ({
    of,
    share: line.charge === 'one_time' ? 0n : of.allocated + (of === first?.of ? taken : 0n),
  }));
  const isQuoted = asQuoted.some(({ of, share }) => share > of.allocated);
  const shares = isQuoted || first === undefined ? asQuoted : withoutOnce;
  const moved = shares.reduce((most, { of, share }) => {
    return share - of.allocated > most ? share - of.allocated : most;
  }, 0n);
  return { moved, shares };
}

/** Anomalies of what takes revenue back. */
export const reversalInjections: readonly Injection[] = [
  p.plant(
    'A67',
    'A charge is refunded and its schedule keeps running',
    (world) =>
      world.billing.refunds.flatMap((refund) => {
        const note = world.billing.creditNotes.find(({ refunds }) => {
          return refunds.some(({ refundKey }) => refundKey === refund.key);
        });
        const [of] = p.billedLines(world, (one) => {
          return one.invoice.key === note?.invoiceKey && calledOff(one).length > 0;
        });
        if (of === undefined) return [];
        return [{ ...of, key: refund.id, at: refund.createdAt }];
      }),
    (of) => {
      let running = 0n;
      for (const line of calledOff(of)) {
        line.status = 'planned';
        running += line.amount;
      }
      const { currency } = of.invoice;
      return [p.finding('CR02-SCHEDULE_STILL_RUNNING', of.key, running, currency)];
    },
  ),
  p.plant(
    'A69',
    'A dispute is lost and its revenue is kept',
    (world, { options }) =>
      world.billing.disputes.flatMap((dispute) => {
        const { closedAt, status, id } = dispute;
        const isOld = closedAt !== null && closedAt < options.now - 35 * 86_400;
        return status === 'lost' && isOld ? [{ key: id, at: closedAt, dispute }] : [];
      }),
    ({ key, dispute }, { world }) => {
      const { ledger, customer } = world;
      p.dropEntries(
        world,
        ledger.entries.filter(({ docRef }) => docRef === key),
      );
      ledger.postings = ledger.postings.filter(({ docRef, category }) => {
        return docRef !== key || category !== 'RECEIVABLES';
      });
      return [p.finding('CR03-LOST_REVENUE_KEPT', key, dispute.amount, customer.currency)];
    },
  ),
  p.plant(
    'A76',
    'The schedule of a voided invoice is left behind',
    (world) => p.billedLines(world, (of) => isVoided(of) && of.invoice.revisedBy === null),
    (of, { world }) => {
      missVoid(of, world);
      return [
        p.finding('RV06-VOID', of.key, of.line.amount, of.invoice.currency),
        p.finding('RV01-ORPHAN_SCHEDULE', of.key, of.line.amount, of.invoice.currency),
      ];
    },
  ),
  p.plant(
    'A88',
    'An invoice and its revision are both recognised',
    (world) => p.billedLines(world, (of) => isVoided(of) && of.invoice.revisedBy !== null),
    (of, { world }) => {
      missVoid(of, world);
      return [p.finding('RV06-DUPLICATE_REISSUE', of.key, of.line.amount, of.invoice.currency)];
    },
  ),
  p.plant(
    'A83',
    'Usage is recognised on the date of its invoice',
    (world) =>
      p.billedLines(world, (of) => {
        const isAccrued = of.entries.some(({ account }) => account === accounts.unbilled);
        return of.line.kind === 'usage' && isAccrued && of.schedule.length > 1;
      }),
    (of, { world }) => {
      const first = of.schedule[0];
      const accruals = of.entries.filter(({ id }) => /[UV][DC]$/.test(id));
      p.dropEntries(world, accruals);
      return [
        p.finding(
          ...(['RV04-RECOGNISED_ON_INVOICE_DATE', of.key, first?.amount ?? 0n] as const),
          of.invoice.currency,
        ),
      ];
    },
  ),
  p.plant(
    'A84',
    'The accrual of usage is not reversed by its invoice',
    (world) =>
      p.billedLines(world, (of) => {
        return of.line.kind === 'usage' && of.entries.some(({ id }) => /V[DC]$/.test(id));
      }),
    (of, { world }) => {
      const reversals = of.entries.filter(({ id }) => /V[DC]$/.test(id));
      p.dropEntries(world, reversals);
      const twice = reversals.filter(p.isRevenue).reduce((sum, { amount }) => sum + amount, 0n);
      return [p.finding('RV04-ACCRUAL_NOT_REVERSED', of.key, twice, of.invoice.currency)];
    },
  ),
  p.plant(
    'A85',
    'Breakage of a commitment is recognised before it expires',
    (world, { options }) =>
      world.billing.grants.flatMap((grant) => {
        const left = grant.transactions.reduce((sum, { kind, amount }) => {
          return kind === 'credit_granted' ? sum + amount : sum - amount;
        }, 0n);
        const isOpen = grant.category === 'paid' && left > 100n;
        const at = grant.effectiveAt + 40 * 86_400;
        return isOpen && at < options.now - 200_000 ? [{ key: grant.id, at, grant, left }] : [];
      }),
    ({ key, at, grant, left }, { world, magnitude }) => {
      const amount = magnitude === 'high' ? left / 2n : left / 20n;
      const entity = entities[world.customer.entity];
      const on = entity.zone.dayOf(at);
      const base = {
        ...{ scheduleLineId: null, entity: entity.id, amount, currency: grant.currency },
        ...{ functional: amount, period: monthOf(on), entryOn: on },
        postedAt: postedAfterDay(entity, on),
        journalId: journalIdOf(entity.id, on, 'REVENUE'),
        ...{ source: 'AUTO' as const, createdBy: 'svc-revenue-subledger', approvedBy: null },
        ...{ reversalOf: null, docRef: key },
      };
      world.ledger.entries.push(
        { ...base, id: `RE-${key.slice(7)}ED`, account: accounts.prepaidCredit, side: 'D' },
        { ...base, id: `RE-${key.slice(7)}EC`, account: '4040', side: 'C' },
      );
      return [p.finding('RV04-BREAKAGE_UNSUPPORTED', key, amount, grant.currency)];
    },
  ),
  p.plant(
    'A77',
    'A bundle is allocated by what was quoted, not by standalone prices',
    (world) =>
      world.sold.deals
        .filter(({ shape }) => shape === 'B1')
        .flatMap(({ orders }) => orders)
        .flatMap((order) => {
          const key = `RC-${order.key}`;
          const isKnown = world.ledger.contracts.some(({ id }) => id === key);
          const isBundle = order.originalOrderId === null && order.activatedAt !== null;
          const isFit = isKnown && isBundle && wronglyAllocated(world, order).moved > 0n;
          return isFit ? [{ key, at: order.activatedAt ?? 0, order }] : [];
        }),
    ({ key, order }, { world }) => {
      const { moved, shares } = wronglyAllocated(world, order);
      for (const { of, share } of shares) of.allocated = share;
      return [p.finding('RV02-ALLOCATION', key, moved, order.currency)];
    },
  ),
];
