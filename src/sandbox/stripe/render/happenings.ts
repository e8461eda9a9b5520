import type Stripe from 'stripe';
import type { Invoice, Payment } from '../../truth/billing';
import { renderCreditNote } from './render-credit-note';
import { renderCustomer } from './render-customer';
import { renderGrant } from './render-grant';
import { renderInvoice } from './render-invoice';
import { itemsOf, renderInvoiceItem } from './render-invoice-item';
import { renderCharge, renderInvoicePayment, renderPaymentIntent } from './render-payment';
import { renderDispute, renderRefund } from './render-reversal';
import { renderSubscription } from './render-subscription';
import type { Rendering } from './rendering';

/** Something that Stripe makes an event of. */
export interface Happening {
  type: Stripe.Event['type'];
  at: number;
  /** Key of the object it befell. */
  key: string;
  /** Through the API or the dashboard, not by Stripe itself. */
  byPerson: boolean;
  /** The object, given the world as it stood then; null where it was not there yet. */
  object: (then: Rendering) => object | null;
}

type Type = Happening['type'];

/** All that ever befell one customer's objects, in no order. */
export function happenings(now: Rendering): Happening[] {
  const { customer, billing } = now.world;
  return [
    {
      ...{ type: 'customer.created', at: customer.arrivedAt, key: customer.key },
      ...{ byPerson: true, object: renderCustomer },
    },
    ...subscriptionHappenings(now),
    ...billing.invoices.flatMap((invoice) => invoiceHappenings(invoice, now)),
    ...billing.payments.flatMap(paymentHappenings),
    ...reversalHappenings(now),
    ...creditHappenings(now),
  ];
}

function subscriptionHappenings({ world }: Rendering): Happening[] {
  return world.plan.subscriptions.flatMap((plan) => {
    const { key } = plan;
    const object = (then: Rendering): object | null => {
      const billed = then.world.billing.subscriptions.find((one) => one.key === key);
      return billed ? renderSubscription(billed, plan, then) : null;
    };
    const of = (type: Type, at: number | null, byPerson: boolean): Happening[] =>
      at === null ? [] : [{ type, at, key, byPerson, object }];
    const billed = world.billing.subscriptions.find((one) => one.key === key);
    const cycles = world.billing.invoices.filter(
      ({ subscriptionKey, reason }) => subscriptionKey === key && reason === 'subscription_cycle',
    );
    return [
      ...of('customer.subscription.created', plan.createdAt, true),
      ...plan.changes.flatMap(({ at }) => of('customer.subscription.updated', at, true)),
      ...cycles.flatMap(({ createdAt }) => of('customer.subscription.updated', createdAt, false)),
      ...of('customer.subscription.deleted', billed?.endedAt ?? null, false),
    ];
  });
}

function invoiceHappenings(invoice: Invoice, { world }: Rendering): Happening[] {
  const { key, finalizedAt, paidAt, collection, reason } = invoice;
  const object = (then: Rendering): object => renderInvoice(then.invoice(key), then);
  const byPerson = reason === 'manual';
  const of = (type: Type, at: number | null, by = false): Happening[] =>
    at === null ? [] : [{ type, at, key, byPerson: by, object }];
  const payments = world.billing.payments.filter((payment) =>
    invoice.applications.some(({ paymentKey }) => paymentKey === payment.key),
  );
  const declined = payments
    .flatMap(({ charges }) => charges)
    .filter(({ status, returnedAt }) => status === 'failed' && returnedAt === null);
  return [
    ...of('invoice.created', invoice.createdAt, byPerson),
    ...of('invoice.finalized', finalizedAt),
    ...(collection === 'send_invoice' ? of('invoice.sent', finalizedAt) : []),
    ...declined.flatMap(({ createdAt }) => of('invoice.payment_failed', createdAt)),
    ...of('invoice.paid', paidAt),
    ...of('invoice.payment_succeeded', paidAt),
    ...of('invoice.voided', invoice.voidedAt, true),
    ...of('invoice.marked_uncollectible', invoice.uncollectibleAt, true),
    ...invoice.applications.flatMap((application): Happening[] =>
      application.paidAt === null
        ? []
        : [
            {
              ...{ type: 'invoice_payment.paid', at: application.paidAt, key: application.id },
              byPerson: false,
              object: (then) => {
                const of = then.invoice(key);
                const one = of.applications.find(({ id }) => id === application.id);
                return one ? renderInvoicePayment(one, of, then) : null;
              },
            },
          ],
    ),
  ];
}

function paymentHappenings(payment: Payment): Happening[] {
  if (payment.kind === 'payment_record') return [];
  const object = (then: Rendering): object => renderPaymentIntent(then.payment(payment.key), then);
  const of = (type: Type, at: number): Happening => ({
    ...{ type, at, key: payment.key, byPerson: false, object },
  });
  return [
    of('payment_intent.created', payment.createdAt),
    ...payment.charges.flatMap((charge): Happening[] => {
      const ofCharge = (type: Type, at: number): Happening => ({
        ...{ type, at, key: charge.key, byPerson: false },
        object: (then) => {
          const found = then.charge(charge.key);
          return renderCharge(found.charge, found.payment, then);
        },
      });
      const { createdAt, succeededAt, returnedAt, status } = charge;
      const returned = returnedAt === null ? [] : [ofCharge('charge.failed', returnedAt)];
      if (status === 'failed' && returnedAt === null)
        return [
          ofCharge('charge.failed', createdAt),
          of('payment_intent.payment_failed', createdAt),
        ];
      const waits = succeededAt === null || succeededAt > createdAt;
      return [
        ...(waits ? [ofCharge('charge.pending', createdAt)] : []),
        ...(waits ? [of('payment_intent.processing', createdAt)] : []),
        ...(succeededAt === null
          ? []
          : [
              ofCharge('charge.succeeded', succeededAt),
              of('payment_intent.succeeded', succeededAt),
            ]),
        ...returned,
      ];
    }),
  ];
}

function reversalHappenings({ world }: Rendering): Happening[] {
  const { refunds, disputes } = world.billing;
  return [
    ...refunds.flatMap(({ key, chargeKey, createdAt, failedAt }): Happening[] => {
      const of = (type: Type, at: number): Happening => ({
        ...{ type, at, key, byPerson: at === createdAt },
        object: (then) => {
          const refund = then.world.billing.refunds.find((one) => one.key === key);
          return refund ? renderRefund(refund, then) : null;
        },
      });
      const refunded: Happening = {
        ...{ type: 'charge.refunded', at: createdAt, key, byPerson: true },
        object: (then) => {
          const { charge, payment } = then.charge(chargeKey);
          return renderCharge(charge, payment, then);
        },
      };
      const failed = failedAt === null ? [] : [of('refund.failed', failedAt)];
      return [of('refund.created', createdAt), refunded, ...failed];
    }),
    ...disputes.flatMap(({ key, createdAt, closedAt }): Happening[] => {
      const of = (type: Type, at: number): Happening => ({
        ...{ type, at, key, byPerson: false },
        object: (then) => {
          const dispute = then.world.billing.disputes.find((one) => one.key === key);
          return dispute ? renderDispute(dispute, then) : null;
        },
      });
      const closed = closedAt === null ? [] : [of('charge.dispute.closed', closedAt)];
      return [of('charge.dispute.created', createdAt), ...closed];
    }),
  ];
}

function creditHappenings({ world }: Rendering): Happening[] {
  const { creditNotes, grants } = world.billing;
  return [
    ...creditNotes.flatMap(({ key, createdAt, voidedAt }): Happening[] => {
      const of = (type: Type, at: number): Happening => ({
        ...{ type, at, key, byPerson: true },
        object: (then) => {
          const note = then.world.billing.creditNotes.find((one) => one.key === key);
          return note ? renderCreditNote(note, then) : null;
        },
      });
      const voided = voidedAt === null ? [] : [of('credit_note.voided', voidedAt)];
      return [of('credit_note.created', createdAt), ...voided];
    }),
    ...grants.map(({ key, effectiveAt }): Happening => ({
      ...{ type: 'billing.credit_grant.created', at: effectiveAt, key, byPerson: true },
      object: (then) => {
        const grant = then.world.billing.grants.find((one) => one.key === key);
        return grant ? renderGrant(grant, then) : null;
      },
    })),
    ...itemsOf(world).map(({ id, createdAt }): Happening => ({
      ...{ type: 'invoiceitem.created', at: createdAt, key: id, byPerson: true },
      object: (then) => {
        const item = itemsOf(then.world).find((one) => one.id === id);
        return item ? renderInvoiceItem(item, then) : null;
      },
    })),
  ];
}
