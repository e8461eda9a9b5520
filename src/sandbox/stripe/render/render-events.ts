import type Stripe from 'stripe';
import { stripeId } from '../../kit/ids';
import { DAY } from '../../kit/instants';
import type { StripeRecord } from '../../world/records';
import type { Fields } from '../legacy/fields';
import type { LegacyLookups } from '../legacy/legacy-lookups';
import { toLegacyShape } from '../legacy/to-legacy-shape';
import { happenings, type Happening } from './happenings';
import { withoutIncludable } from './includable-fields';
import { renderCoupon, renderDiscount } from './render-coupon';
import { renderInvoicePayment } from './render-payment';
import { embeddedPrice } from './render-price';
import { Rendering } from './rendering';
import { pinnedVersion, type Wire } from './wire';
import { worldAsOf } from './world-as-of';

/** Stripe keeps events for thirty days (CONTROLS §1.2). */
export const eventDays = 30;

/** The version of an endpoint that nobody has brought up to date. */
export const legacyVersion = '2024-06-20';

const lookupsOf = (rendering: Rendering): LegacyLookups => {
  const { billing, plan } = rendering.world;
  const intents = billing.payments.filter(({ kind }) => kind === 'payment_intent');
  return {
    price(id) {
      const price = rendering.price(id);
      return price === undefined ? null : { ...embeddedPrice(price, rendering.catalogue) };
    },
    coupon(id) {
      const coupon = plan.coupons.find((one) => one.id === id);
      return coupon === undefined ? null : { ...renderCoupon(coupon, rendering) };
    },
    discount(id) {
      for (const coupon of plan.coupons)
        for (const { key, id: subscription, startAt } of plan.subscriptions)
          if (stripeId('di', coupon.key, key) === id) {
            const on = { id, subscription, invoice: null, start: startAt };
            return { ...renderDiscount(coupon, on, rendering) };
          }
      return null;
    },
    paymentsOf(invoiceId) {
      const invoice = billing.invoices.find(({ id }) => id === invoiceId);
      return (invoice?.applications ?? []).flatMap((application) =>
        invoice ? [{ ...renderInvoicePayment(application, invoice, rendering) }] : [],
      );
    },
    chargeOf: (id) => intents.find((one) => one.id === id)?.charges.at(-1)?.id ?? null,
    invoiceOf(id) {
      const key = intents.find((one) => one.id === id)?.key;
      const paid = billing.invoices.find(({ applications }) =>
        applications.some(({ paymentKey }) => paymentKey === key),
      );
      return paid?.id ?? null;
    },
  };
};

/**
 * The events of the thirty days before now, each with the object as it stood then, in the shape of
 * the version it was made with: a share of endpoints still gets one before basil. Their payloads
 * never hold what only `expand` shows.
 */
export function* renderEvents(now: Rendering, legacyShare: number): Generator<StripeRecord> {
  const from = now.now - eventDays * DAY;
  const recent = happenings(now).filter(({ at }) => at > from && at <= now.now);
  const byInstant = new Map<number, Rendering>();
  for (const happening of recent) {
    const { at } = happening;
    let then = byInstant.get(at);
    if (then === undefined) {
      const options = { ...now.context.options, now: at };
      const context = { ...now.context, options };
      then = new Rendering(worldAsOf(now.world, at), context, now.links);
      byInstant.set(at, then);
    }
    const event = eventOf(happening, then, legacyShare);
    if (event !== null) yield now.record('events', event, at, { type: event.type });
  }
}

function eventOf(
  { type, at, key, byPerson, object }: Happening,
  then: Rendering,
  legacyShare: number,
): Wire<Stripe.EventBase> | null {
  const payload = object(then);
  if (payload === null) return null;
  const id = stripeId('evt', type, key, at);
  const old = then.context.random('stripe event version', id).chance(legacyShare);
  const version = old ? legacyVersion : pinnedVersion;
  const whole: Fields = withoutIncludable({ ...payload }, String(Reflect.get(payload, 'object')));
  return {
    id,
    object: 'event',
    api_version: version,
    created: at,
    data: { object: toLegacyShape(whole, version, lookupsOf(then)) },
    livemode: true,
    pending_webhooks: 0,
    // Stripe's own doings have no request; those of a person or the product have one.
    request: byPerson
      ? { id: stripeId('req', id).slice(0, 18), idempotency_key: uuidOf(id) }
      : { id: null, idempotency_key: null },
    type,
  };
}

function uuidOf(id: string): string {
  const hex = [...stripeId('key', id), ...stripeId('more', id)]
    .map((character) => (character.charCodeAt(0) % 16).toString(16))
    .join('');
  const [a, b, c, d] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 15), hex.slice(15, 18)];
  return `${a}-${b}-4${c}-8${d}-${hex.slice(18, 30)}`;
}
