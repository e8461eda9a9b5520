import type { JourneyStep } from '../../api/types';

const mostShown = 30;
const around = 12;

export interface ShownSteps {
  shown: readonly JourneyStep[];
  /** How many are left out on each side. */
  before: number;
  after: number;
}

/** A long way is cut to what surrounds the steps that the exception itself names. */
export function stepsAround(steps: readonly JourneyStep[], all: boolean): ShownSteps {
  if (all || steps.length <= mostShown) return { shown: steps, before: 0, after: 0 };
  const named = steps.flatMap((step, index) => (step.is_subject ? [index] : []));
  const last = steps.length - 1;
  const from = Math.max(0, (named[0] ?? last) - around);
  const to = Math.min(last, (named.at(-1) ?? last) + around);
  return { shown: steps.slice(from, to + 1), before: from, after: last - to };
}
