import { salesforceId } from '../kit/ids';
import { MINUTE, type Instant } from '../kit/instants';
import { sumOf } from '../kit/units';
import type { ContractTruth, Deal, OrderLine, OrderTruth } from '../truth/sold';
import type { DealCourse } from './deal-course';
import type { DealDraft } from './draft-deal';
import { integrationUserId, someoneAs, userIdOf } from './sales-team';
import type { Seller } from './seller';

/** A won deal with its contract, for what comes after it. */
export interface WonDeal {
  deal: Deal;
  contract: ContractTruth;
  draft: DealDraft;
}

/** What an order is given beside its lines. */
export interface OrderSetup {
  type: OrderTruth['type'];
  originalOrderId: string | null;
  contractId: string | null;
  poNumber: string | null;
}

/** Numbers of orders and contracts: the customer's own hundred, in the order of its terms. */
const numberOf = (seller: Seller, sequence: number): string =>
  seller.customer.key.slice(1) + String(sequence).padStart(2, '0');

/** An order: made by CPQ, activated by revenue operations, who approve no discount. */
export function buildOrder(
  seller: Seller,
  deal: Deal,
  sequence: number,
  lines: OrderLine[],
  draft: DealDraft,
  course: DealCourse,
  setup: OrderSetup,
): OrderTruth {
  const key = `${deal.key}-O${String(deal.orders.length + 1)}`;
  const day = seller.dayOf(course.activatedAt);
  const activator = someoneAs('revenue', day, seller.staff, seller.random('activates', key));
  return {
    ...{ key, orderId: salesforceId('Order', key), number: numberOf(seller, sequence) },
    ...{ type: setup.type, status: 'Activated', createdAt: course.orderedAt },
    ...{ activatedAt: course.activatedAt, activatedBy: userIdOf(activator) },
    ...{ effectiveOn: draft.start, endOn: draft.end },
    ...{ originalOrderId: setup.originalOrderId, contractId: setup.contractId },
    paymentTermsDays: seller.paymentTermsDays,
    ...{ billingFrequency: draft.frequency, billing: draft.billing, poNumber: setup.poNumber },
    ...{ currency: deal.currency, total: sumOf(lines.map(({ total }) => total)), lines },
  };
}

/** The contract that CPQ makes of an activated order. */
export function buildContract(
  seller: Seller,
  deal: Deal,
  sequence: number,
  draft: DealDraft,
  activatedAt: Instant,
  evergreen: boolean,
): ContractTruth {
  return {
    ...{ key: `${deal.key}-C`, contractId: salesforceId('Contract', `${deal.key}-C`) },
    ...{ number: numberOf(seller, sequence), dealKey: deal.key, createdAt: activatedAt },
    ...{ status: 'Activated', startOn: draft.start, endOn: draft.end },
    ...{ termMonths: draft.termMonths, customerSignedOn: deal.closeDate },
    ...{ activatedAt: activatedAt + 2 * MINUTE, evergreen },
  };
}

/** Who creates the orders: CPQ under the integration's login. */
export const orderCreatorId = integrationUserId;
