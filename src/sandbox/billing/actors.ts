import { peopleOn } from '../company/people';
import { utcDay, type Instant } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';
import type { Person } from '../truth/sold';

/** Somebody of a role who works here on that day, by key. */
export function someone(role: Person['role'], at: Instant, random: KeyedRandom): string {
  const day = utcDay(at);
  const working = peopleOn(day).filter((person) => {
    return person.role === role && person.terminatedOn === null;
  });
  return random.pick(working).key;
}

/**
 * The convention of CR-01: Stripe knows no user, so the tool that makes a refund or a credit note
 * writes who asked for it, who approved it and where.
 */
export function approval(
  requester: Person['role'],
  at: Instant,
  random: KeyedRandom,
): Record<string, string> {
  return {
    requested_by: someone(requester, at, random),
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
