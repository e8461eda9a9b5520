import { monthOf, startOfUtcDay } from '../kit/instants';
import type { BankLine, Payout } from '../truth/cash';
import { entities } from '../truth/company';
import type { WorldContext } from '../world/customer-world';
import { bankCalendars } from './bank-calendars';
import { bankAccountOf, bankTxnId, statementIdOf } from './receive-wires';

/** Business days from a payout's arrival to the bank's booking, and how often (W-BANK). */
const delays = [
  [0, 60],
  [1, 32],
  [2, 8],
] as const;

/**
 * The bank line of a payout, once the bank has booked it; none for a payout that is on its way
 * back.
 * Money that leaves Stripe in one month and is booked in the next is in transit at month end (L51).
 */
export function bankPayout(payout: Payout, comesBack: boolean, ctx: WorldContext): BankLine[] {
  const entity = entities[payout.entity];
  const delay = ctx.random('bank books payout', payout.id).weighted(delays);
  const bookedOn = bankCalendars[entity.calendar].add(payout.arrivalOn, delay);
  const booked = startOfUtcDay(bookedOn) <= ctx.options.now;
  if (monthOf(bookedOn) !== monthOf(payout.arrivalOn) && payout.status === 'paid' && !comesBack)
    ctx.noteLookAlike('L51', payout.id);
  if (comesBack || !booked) return [];
  const bankAccount = bankAccountOf(entity, payout.currency);
  return [
    {
      ...{ bankAccount, entity: payout.entity, amount: payout.amount, currency: payout.currency },
      txnId: bankTxnId('payout', payout.id),
      ...{ valueOn: bookedOn, bookedOn, counterparty: 'STRIPE' },
      reference: `STRIPE TRANSFER ${payout.traceId ?? ''}`,
      statementId: statementIdOf(bankAccount, bookedOn),
    },
  ];
}
