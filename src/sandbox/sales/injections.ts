import type { Injection } from '../world/injection';
import { approvalInjections } from './injections/approval-injections';
import { editInjections } from './injections/edit-injections';
import { orderInjections } from './injections/order-injections';
import { setupInjections } from './injections/setup-injections';

/** Anomalies of sales and of what is set up from it, by customer (CONTROLS §5.3). */
export const salesInjections: readonly Injection[] = [
  ...orderInjections,
  ...approvalInjections,
  ...editInjections,
  ...setupInjections,
];
