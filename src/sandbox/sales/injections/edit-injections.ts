import { DAY } from '../../kit/instants';
import type { Deal, FieldEdit } from '../../truth/sold';
import type { CustomerWorld } from '../../world/customer-world';
import type { ExpectedFinding, Injection } from '../../world/injection';
import { productOf } from '../../company/catalog';
import { bookDay, candidateOf, closedAt, dealOf, endBefore, wonDeals } from './sold-finders';

const finding = (code: string, deal: Deal, amount: bigint): ExpectedFinding => ({
  ...{ control: 'BK-06', code, key: deal.opportunityId },
  impact: { amount, currency: deal.currency },
});

/** Controls judge as of a day that lies two back: what happened since, nobody can know yet. */
const KNOWN_AFTER_DAYS = 3;

const settled = (world: CustomerWorld, now: number, days: number): Deal[] =>
  wonDeals(world).filter((deal) => {
    return deal.orders.length > 0 && closedAt(deal) + (days + KNOWN_AFTER_DAYS) * DAY < now;
  });

const editOf = (deal: Deal, at: number, change: Partial<FieldEdit>): FieldEdit => ({
  ...{ object: 'Opportunity', recordId: deal.opportunityId, field: '', tracked: true },
  ...{ oldValue: null, newValue: null, at, by: deal.ownerId, ...change },
});

/** Some weeks after the close, when the earlier period's books are closed. */
const EDIT_AFTER_DAYS = 20;

/** Low moves it into the month before, high into the quarter before. */
const backdated: Injection = {
  id: 'A24',
  title: 'A close date moved back into an earlier period',
  stage: 'sold',
  candidates: (world, ctx) =>
    settled(world, ctx.options.now, EDIT_AFTER_DAYS)
      .filter((deal) => Number(bookDay(world, closedAt(deal)).slice(8)) <= 15)
      .map((deal) => ({ ...candidateOf(deal), at: closedAt(deal) + EDIT_AFTER_DAYS * DAY })),
  apply: (world, candidate, magnitude) => {
    const deal = dealOf(world, candidate);
    const at = closedAt(deal) + EDIT_AFTER_DAYS * DAY;
    const values = {
      oldValue: deal.closeDate,
      newValue: endBefore(deal.closeDate, magnitude === 'low' ? 'month' : 'quarter'),
    };
    deal.edits.push(editOf(deal, at, { field: 'CloseDate', ...values }));
    const last = deal.stages.at(-1);
    if (last) deal.stages.push({ ...last, at, by: deal.ownerId, closeDate: values.newValue });
    deal.closeDate = values.newValue;
    return [finding('BK06-CLOSEDATE_BACKDATED', deal, deal.amount)];
  },
};

const DELETED_AFTER_DAYS = 30;

const deleted: Injection = {
  id: 'A26',
  title: 'A won deal deleted after its order was activated',
  stage: 'sold',
  candidates: (world, ctx) =>
    settled(world, ctx.options.now, DELETED_AFTER_DAYS)
      .filter(({ orders }) => orders.some(({ status }) => status === 'Activated'))
      .map((deal) => ({ ...candidateOf(deal), at: closedAt(deal) + DELETED_AFTER_DAYS * DAY })),
  apply: (world, candidate) => {
    const deal = dealOf(world, candidate);
    deal.deletedAt = closedAt(deal) + DELETED_AFTER_DAYS * DAY;
    return [
      finding('BK06-DELETED', deal, deal.amount),
      { ...finding('BK01-DELETED_OPP', deal, deal.amount), control: 'BK-01' },
    ];
  },
};

/** The total stays: only what was sold changes. */
const productSwapped: Injection = {
  id: 'A27',
  title: 'The product of a line swapped after the close',
  stage: 'sold',
  candidates: (world, ctx) =>
    settled(world, ctx.options.now, EDIT_AFTER_DAYS)
      .filter(({ lines }) => lines.some(({ total }) => total > 0n))
      .map((deal) => ({ ...candidateOf(deal), at: closedAt(deal) + EDIT_AFTER_DAYS * DAY })),
  apply: (world, candidate) => {
    const deal = dealOf(world, candidate);
    const line = deal.lines.find(({ total }) => total > 0n);
    if (!line) throw new RangeError(`${deal.key} has no line`);
    const to = line.product === 'ENT-PLATFORM' ? 'ENT-SEAT' : 'ENT-PLATFORM';
    deal.edits.push(
      editOf(deal, closedAt(deal) + EDIT_AFTER_DAYS * DAY, {
        ...{ object: 'OpportunityLineItem', recordId: line.lineItemId, field: 'Product2Id' },
        oldValue: productOf(line.product).salesforceId,
        newValue: productOf(to).salesforceId,
      }),
    );
    line.product = to;
    return [finding('BK06-LINE_EDIT', deal, line.total)];
  },
};

/** Facts of won deals that change without an amendment (BK-06). */
export const editInjections: readonly Injection[] = [backdated, deleted, productSwapped];
