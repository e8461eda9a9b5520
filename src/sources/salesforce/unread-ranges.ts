import type { InstantRange } from './soql';

const instant = (text: string): number => new Date(text).getTime();

/**
 * What lies in no window between two instants: before the first one, where reading began later
 * once; between two, where a sync died after it had recorded a later one; and after the last.
 */
export function unreadRanges(
  since: string,
  known: readonly InstantRange[],
  safe: string,
): InstantRange[] {
  const ranges: InstantRange[] = [];
  let read = since;
  const add = (to: string): void => {
    if (instant(read) < instant(to)) ranges.push({ from: read, to });
  };
  for (const { from, to } of [...known].sort((a, b) => instant(a.from) - instant(b.from))) {
    if (instant(from) <= instant(safe)) add(from);
    if (instant(to) > instant(read)) read = to;
  }
  add(safe);
  return ranges;
}
