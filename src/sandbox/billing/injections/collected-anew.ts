import { stripeId } from '../../kit/ids';
import type { Invoice, Payment } from '../../truth/billing';
import type { CustomerWorld } from '../../world/customer-world';
import { settleAnew } from './edit-billing';

/** Pays what an invoice that nothing was due on has come to cost, by card as it becomes final. */
export function collectedAnew(world: CustomerWorld, invoice: Invoice): void {
  const at = invoice.finalizedAt ?? invoice.createdAt;
  const key = `${invoice.key}/pi`;
  const payment: Payment = {
    ...{ key, kind: 'payment_intent', id: stripeId('pi', key), method: 'card' },
    ...{ currency: invoice.currency, amount: 0n, status: 'succeeded', createdAt: at },
    charges: [
      {
        ...{ key: `${key}/1`, id: stripeId('ch', key), amount: 0n, status: 'succeeded' },
        ...{ failureCode: null, createdAt: at, succeededAt: at, returnedAt: null },
        ...{ refunded: 0n, disputed: false },
      },
    ],
    ...{ wire: null, metadata: {} },
  };
  world.billing.payments.push(payment);
  invoice.attempts += 1;
  invoice.applications.push({
    ...{ id: stripeId('inpay', invoice.key, key), paymentKey: key, requested: 0n, paid: 0n },
    ...{ status: 'paid', isDefault: true, createdAt: at, paidAt: at, canceledAt: null },
  });
  settleAnew(world, invoice);
}
