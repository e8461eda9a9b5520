import { salesforceId } from '../kit/ids';
import { addDays, DAY, MINUTE } from '../kit/instants';
import { majorText } from '../kit/units';
import type { Deal } from '../truth/sold';
import { userIdOf } from './sales-team';
import { salesStages } from './build-deal';
import type { Seller } from './seller';

/**
 * What happens to won deals in life without being wrong: re-won within minutes (L04), a typo put
 * right before the order (L23), another next step (L23, L21), a line split in two (L25).
 */
export function liveWith(seller: Seller, deal: Deal): void {
  const won = deal.stages.at(-1);
  if (!won || !deal.isWon) return;
  if (seller.drawsLookAlike('L04', deal.key, 0.02)) reWin(seller, deal, won);
  else if (seller.drawsLookAlike('L23 typo', deal.key, 0.03)) fixCloseDate(seller, deal, won);
  if (seller.drawsLookAlike('L23 next step', deal.key, 0.15)) editNextStep(seller, deal, won);
  if (seller.drawsLookAlike('L25', deal.key, 0.04)) splitLine(seller, deal, won);
}

type StageRow = Deal['stages'][number];

const edit = (deal: Deal, change: Partial<Deal['edits'][number]> & { field: string }) => ({
  ...{ object: 'Opportunity' as const, recordId: deal.opportunityId, tracked: true },
  ...{ oldValue: null, newValue: null, at: deal.createdAt, by: deal.ownerId },
  ...change,
});

function reWin(seller: Seller, deal: Deal, won: StageRow): void {
  const [back, again] = [won.at + 3 * MINUTE, won.at + 8 * MINUTE];
  const stage = salesStages.open[3];
  deal.stages.push({ ...won, stage, at: back }, { ...won, at: again });
  const names = { oldValue: won.stage, newValue: stage };
  deal.edits.push(
    edit(deal, { field: 'StageName', ...names, at: back, by: won.by }),
    edit(deal, {
      ...{ field: 'StageName', oldValue: stage, newValue: won.stage, at: again, by: won.by },
    }),
  );
  seller.note('L04', deal.opportunityId, again);
}

/** Closed with tomorrow's date by mistake, right nine minutes later. */
function fixCloseDate(seller: Seller, deal: Deal, won: StageRow): void {
  const wrong = addDays(won.closeDate, 1);
  const at = won.at + 9 * MINUTE;
  deal.stages.push({ ...won, at });
  const [right] = [won.closeDate];
  won.closeDate = wrong;
  deal.edits.push(
    edit(deal, { field: 'CloseDate', oldValue: wrong, newValue: right, at, by: won.by }),
  );
  seller.note('L23', deal.opportunityId, at);
}

/** Weeks later, from whichever login the owner has open: of no matter to the books. */
function editNextStep(seller: Seller, deal: Deal, won: StageRow): void {
  const at = won.at + seller.random('next step', deal.key).int(5, 60) * DAY;
  const by = seller.owner.userIds.at(-1) ?? userIdOf(seller.owner);
  const values = { oldValue: null, newValue: 'Introduce customer success' };
  deal.edits.push(edit(deal, { field: 'NextStep', ...values, at, by }));
  seller.note('L23', deal.opportunityId, at);
  if (by !== userIdOf(seller.owner)) seller.note('L21', by, at);
}

/** A line of seats becomes two with the same total; the roll-up stays what it was. */
function splitLine(seller: Seller, deal: Deal, won: StageRow): void {
  const line = deal.lines.find(({ product, quantity }) => product === 'ENT-SEAT' && quantity > 20);
  if (!line) return;
  const at = won.at + 3 * DAY;
  const moved = Math.floor(line.quantity / 3);
  const key = `${line.key}-B`;
  deal.lines.push({
    ...{ ...line, key, lineItemId: salesforceId('OpportunityLineItem', key) },
    ...{ quantity: moved, total: line.unitForTerm * BigInt(moved), createdAt: at },
  });
  const before = { quantity: line.quantity, total: line.total };
  line.quantity -= moved;
  line.total = line.unitForTerm * BigInt(line.quantity);
  const record = { object: 'OpportunityLineItem', recordId: line.lineItemId, at } as const;
  const by = seller.ownerAt(at);
  deal.edits.push(
    edit(deal, {
      ...{ ...record, field: 'Quantity', by },
      ...{ oldValue: String(before.quantity), newValue: String(line.quantity) },
    }),
    edit(deal, {
      ...{ ...record, field: 'TotalPrice', by, oldValue: majorText(before.total, deal.currency) },
      newValue: majorText(line.total, deal.currency),
    }),
  );
  seller.note('L25', deal.opportunityId, at);
}
