import { salesforceId } from '../../kit/ids';
import type { OrderLine, OrderTruth } from '../../truth/sold';
import { exactNumber } from './salesforce-values';

/** SBQQ__ChargeType__c. */
export const chargeTypes: Readonly<Record<OrderLine['charge'], string>> = {
  one_time: 'One-Time',
  recurring: 'Recurring',
  usage: 'Usage',
};

/** Usage is billed each month whatever the order says; what is charged once has no frequency. */
export function billingFrequencyOf(order: OrderTruth | undefined, line: OrderLine): string | null {
  if (line.charge === 'one_time') return null;
  return line.charge === 'usage' ? 'Monthly' : (order?.billingFrequency ?? null);
}

export const billingTypeOf = (order: OrderTruth | undefined, line: OrderLine): string =>
  line.charge === 'usage' || order?.billing === 'arrears' ? 'Arrears' : 'Advance';

/** At most 12 places and two digits before them: within a double. */
export const multiplierNumber = ({ multiplier }: OrderLine): number => exactNumber(multiplier);

/** The subscription that CPQ keeps of an order line. */
export const subscriptionIdOf = (line: OrderLine): string =>
  salesforceId('SBQQ__Subscription__c', line.key);
