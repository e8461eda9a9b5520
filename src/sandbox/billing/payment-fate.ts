import { DAY, type Instant } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';
import type { PayingHabit } from '../truth/plan';

/** What will come of the attempts to charge one invoice. */
export interface PaymentFate {
  /** Attempts that fail before one succeeds; all of them where none does. */
  failures: number;
  isPaid: boolean;
  failureCode: string;
}

/** Days after the first attempt on which a card is tried again. */
export const retryDays: readonly number[] = [3, 8, 15];

/** The fate of a renewal, a function of its stream alone. */
export function fateOf(habit: PayingHabit, random: KeyedRandom): PaymentFate {
  const fails = random.chance(habit.failure);
  const isPaid = random.chance(habit.recovery);
  const failures = random.int(1, retryDays.length);
  const failureCode = random.weighted([
    ['insufficient_funds', 55],
    ['card_declined', 30],
    ['expired_card', 15],
  ]);
  if (!fails) return { failures: 0, isPaid: true, failureCode };
  return { failures: isPaid ? failures : retryDays.length + 1, isPaid, failureCode };
}

/** The instant of an attempt after so many have failed. */
export const attemptAt = (first: Instant, failed: number): Instant =>
  first + (failed === 0 ? 0 : (retryDays[failed - 1] ?? 0) * DAY);
