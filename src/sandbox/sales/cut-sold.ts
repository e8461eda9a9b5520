import type { Day, Instant } from '../kit/instants';
import { sumOf } from '../kit/units';
import type { ContractTruth, Deal, DealLine, OrderTruth, QuoteTruth, Sold } from '../truth/sold';
import { salesStages } from './build-deal';

/**
 * What has happened by an instant of what was to happen: later rows are not there yet, and what
 * had begun stands where it stood.
 */
export function cutSold(sold: Sold, now: Instant, today: Day): Sold {
  const deals = sold.deals.filter(({ createdAt }) => createdAt <= now);
  return {
    deals: deals.map((deal) => cutDeal(deal, now)),
    contracts: sold.contracts
      .filter(({ createdAt }) => createdAt <= now)
      .map((contract) => cutContract(contract, now, today)),
    mergedAccounts: (sold.mergedAccounts ?? [])
      .filter(({ createdAt }) => createdAt <= now)
      .map((m) => (m.mergedAt !== null && m.mergedAt > now ? { ...m, mergedAt: null } : m)),
  };
}

function cutDeal(deal: Deal, now: Instant): Deal {
  const stages = deal.stages.filter(({ at }) => at <= now);
  const stands = stages.at(-1);
  if (!stands) throw new RangeError(`${deal.key} has no stage at its creation`);
  const isWon = stands.stage === salesStages.won;
  const edits = deal.edits.filter(({ at }) => at <= now);
  const lines = deal.lines.filter(({ createdAt }) => createdAt <= now);
  return {
    ...deal,
    ...{ stages, edits, amount: stands.amount, closeDate: stands.closeDate },
    ...{ isWon, isClosed: isWon || stands.stage === salesStages.lost },
    lines: lines.map((line) => lineBefore(deal, line, now)),
    quote: cutQuote(deal, now, isWon),
    approvals: deal.approvals
      .filter(({ submittedAt }) => submittedAt <= now)
      .map((approval) =>
        approval.decidedAt === null || approval.decidedAt <= now
          ? approval
          : { ...approval, decidedAt: null, decision: 'Pending' },
      ),
    orders: deal.orders.filter(({ createdAt }) => createdAt <= now).map((o) => cutOrder(o, now)),
    deletedAt: deal.deletedAt !== null && deal.deletedAt <= now ? deal.deletedAt : null,
  };
}

/** A line that is split later still has all its units. */
function lineBefore(deal: Deal, line: DealLine, now: Instant): DealLine {
  const split = deal.lines.find(({ key, createdAt }) => key === `${line.key}-B` && createdAt > now);
  if (!split) return { ...line };
  const parts = [line, split];
  return {
    ...line,
    quantity: parts.reduce((sum, { quantity }) => sum + quantity, 0),
    total: sumOf(parts.map(({ total }) => total)),
  };
}

function cutQuote({ quote, approvals }: Deal, now: Instant, isWon: boolean): QuoteTruth | null {
  if (!quote || quote.createdAt > now) return null;
  const approved = approvals.some(({ decidedAt }) => decidedAt !== null && decidedAt <= now);
  return { ...quote, status: isWon ? 'Accepted' : approved ? 'Approved' : 'Draft' };
}

function cutOrder(order: OrderTruth, now: Instant): OrderTruth {
  const isActivated = order.activatedAt !== null && order.activatedAt <= now;
  const lines = order.lines.map((line) => ({ ...line }));
  if (isActivated) return { ...order, lines };
  // The contract of a new order is made when it is activated.
  const contractId = order.originalOrderId === null ? null : order.contractId;
  return { ...order, lines, contractId, status: 'Draft', activatedAt: null, activatedBy: null };
}

function cutContract(contract: ContractTruth, now: Instant, today: Day): ContractTruth {
  if (contract.activatedAt === null || contract.activatedAt > now)
    return { ...contract, status: 'Draft', activatedAt: null };
  const isOver = contract.endOn < today && !contract.evergreen;
  return { ...contract, status: isOver ? 'Expired' : 'Activated' };
}
