import type { ObjectMapping } from '../../../books/mapping';
import { mapBalanceTransaction } from './map-balance-transaction';
import { mapCharge } from './map-charge';
import { mapCoupon } from './map-coupon';
import { mapCreditBalanceTransaction, mapCreditGrant } from './map-credit-grant';
import { mapCreditNote } from './map-credit-note';
import { mapCustomer } from './map-customer';
import { mapCustomerBalanceTransaction } from './map-customer-balance-transaction';
import { mapDiscount } from './map-discount';
import { mapDispute } from './map-dispute';
import { mapInvoice } from './map-invoice';
import { mapInvoiceItem } from './map-invoice-item';
import { mapInvoicePayment } from './map-invoice-payment';
import { mapMeter } from './map-meter';
import { mapMeterEventSummary } from './map-meter-event-summary';
import { mapPaymentIntent } from './map-payment-intent';
import { mapPaymentRecord } from './map-payment-record';
import { mapPayout } from './map-payout';
import { mapPrice } from './map-price';
import { mapProduct } from './map-product';
import { mapRefund } from './map-refund';
import type { StripeContext } from './stripe-values';
import { mapSubscription } from './map-subscription';
import { mapSubscriptionSchedule } from './map-subscription-schedule';

/** Raised whenever a mapping gives other rows than before: all of Stripe is then derived again. */
export const stripeMappingVersion = 'stripe-5';

/** Every object of Stripe that becomes rows of the books. */
export const stripeMappings: readonly ObjectMapping<StripeContext>[] = [
  mapCustomer,
  mapProduct,
  mapPrice,
  mapCoupon,
  mapDiscount,
  mapSubscription,
  mapSubscriptionSchedule,
  mapInvoice,
  mapInvoiceItem,
  mapInvoicePayment,
  mapPaymentIntent,
  mapCharge,
  mapPaymentRecord,
  mapRefund,
  mapCreditNote,
  mapDispute,
  mapCustomerBalanceTransaction,
  mapCreditGrant,
  mapCreditBalanceTransaction,
  mapBalanceTransaction,
  mapPayout,
  mapMeter,
  mapMeterEventSummary,
];
