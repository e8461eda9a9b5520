import type { CustomerWorld, WorldContext } from '../../world/customer-world';
import type { SalesforceRecord } from '../../world/records';
import { renderAccounts } from './render-account';
import { renderApproval } from './render-approval';
import { renderContract } from './render-contract';
import { renderOpportunity } from './render-opportunity';
import { renderOrder } from './render-order';
import { renderQuote } from './render-quote';
import { SalesRecordContext } from './sales-record-context';

/**
 * What Salesforce holds of one customer, in the fields of the REST API; nothing for customers who
 * have no account there. Every field of CONTROLS §1.1, and the org's own: `Order_After__c` (L01),
 * `Commit_Amount__c` and `Overage_Rate__c` (BK-02, US-02).
 */
export function* renderSalesforce(
  world: CustomerWorld,
  ctx: WorldContext,
): Iterable<SalesforceRecord> {
  if (world.customer.accountId === null) return;
  const context = new SalesRecordContext(world, ctx.options.now);
  yield* renderAccounts(world, context);
  for (const deal of world.sold.deals) {
    yield* renderOpportunity(deal, context);
    yield* renderQuote(deal, context);
    for (const approval of deal.approvals) yield* renderApproval(approval);
    for (const order of deal.orders) yield* renderOrder(order, deal, context);
  }
  for (const contract of context.contracts) yield* renderContract(contract, context);
}
