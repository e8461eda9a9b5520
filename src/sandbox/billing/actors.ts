import { peopleOn } from '../company/people';
import { utcDay, type Instant } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';
import type { Billing, Invoice } from '../truth/billing';
import type { Person } from '../truth/sold';

/** Somebody of a role who works here on that day, by key; some may be kept from it. */
export function someone(
  role: Person['role'],
  at: Instant,
  random: KeyedRandom,
  except: readonly string[] = [],
): string {
  const day = utcDay(at);
  const working = peopleOn(day).filter((person) => {
    return person.role === role && person.terminatedOn === null;
  });
  const first = random.pick(working).key;
  if (!except.includes(first)) return first;
  const others = working.filter(({ key }) => !except.includes(key));
  return others.length === 0 ? first : random.pick(others).key;
}

interface Hands {
  recorders: string[];
  requesters: string[];
}

/** Who recorded money of the invoice as received, and who asked for a credit note on it. */
export const handsOn = (
  { billing }: { billing: Billing },
  { key, applications }: Invoice,
): Hands => ({
  recorders: billing.payments.flatMap(({ key: paymentKey, wire }) =>
    wire !== null && applications.some((one) => one.paymentKey === paymentKey)
      ? [wire.markedBy]
      : [],
  ),
  requesters: billing.creditNotes.flatMap(({ invoiceKey, metadata }) =>
    invoiceKey === key && metadata.requested_by !== undefined ? [metadata.requested_by] : [],
  ),
});

/**
 * The convention of CR-01: Stripe knows no user, so the tool that makes a refund or a credit note
 * writes who asked for it, who approved it and where. Nobody asks for a credit on an invoice whose
 * money he recorded himself.
 */
export function approval(
  requester: Person['role'],
  at: Instant,
  random: KeyedRandom,
  except: readonly string[] = [],
): Record<string, string> {
  return {
    requested_by: someone(requester, at, random, except),
    approved_by: someone(requester === 'support' ? 'revenue' : 'controller', at, random),
    ticket: `FIN-${String(random.int(10_000, 99_999))}`,
  };
}

/** A refund that the 14-day policy grants by itself (L52). */
export const byPolicy = (random: KeyedRandom): Record<string, string> => ({
  policy: 'self_serve_14_day',
  requested_by: 'customer',
  approved_by: 'policy:self_serve_14_day',
  ticket: `HELP-${String(random.int(100_000, 999_999))}`,
});
