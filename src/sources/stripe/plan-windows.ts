import { apartMs } from '../../books/window-state';
import type { Changes } from './streams';

/** Half-open; ISO 8601, UTC, with milliseconds. */
export interface Span {
  from: string;
  to: string;
}

/** A window as its last read left it. */
export interface KnownWindow extends Span {
  state: 'open' | 'closed';
  readNo: number;
  idSetSha256: string;
  finishedAt: string;
}

export const dayMs = 86_400_000;

const at = (text: string): number => new Date(text).getTime();
const text = (ms: number): string => new Date(ms).toISOString();
const startOfDay = (ms: number): number => ms - (ms % dayMs);
const nextMonth = (ms: number): number => {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
};

/** Before Stripe there is nothing. */
export const stripeBegan = '2011-01-01';

/**
 * The day that windows of a kind of object begin with. Documents are read since the configured day;
 * masters, subscriptions and whatever else may change for ever are read however old they are,
 * because documents of today name them.
 */
export const firstDay = (changes: Changes, since: string): string =>
  changes === 'always' ? stripeBegan : since;

/**
 * The windows that a stream is read in, from a day (UTC) through today: whole months as far as they
 * are past, then days. A window that was begun stays as it is, because folding days that are closed
 * into a month would open them again. What lies before or between those that were begun is read
 * too: a sync that died, or could not read one of them, may have recorded later ones.
 */
export function windowsThrough(
  { since, changes }: { since: string; changes: Changes },
  known: readonly Span[],
  now: string,
): Span[] {
  const begin = at(`${since}T00:00:00Z`);
  const today = startOfDay(at(now));
  const spans: Span[] = [];
  let from = Math.min(at(`${firstDay(changes, since)}T00:00:00Z`), begin);
  for (const one of [...known].sort((a, b) => at(a.from) - at(b.from))) {
    spans.push(...spansBetween(from, at(one.from), { begin, today }), one);
    from = Math.max(from, at(one.to));
  }
  spans.push(...spansBetween(from, today + dayMs, { begin, today }));
  return spans.map(({ from: start, to }) => ({ from: text(at(start)), to: text(at(to)) }));
}

/** Windows that fill a stretch of which nothing was read. All that is before `begin` is one. */
function spansBetween(
  start: number,
  end: number,
  { begin, today }: { begin: number; today: number },
): Span[] {
  const spans: Span[] = [];
  for (let from = start; from < end;) {
    const month = nextMonth(from);
    // What is left of the month that reading begins in is one window as well.
    const isWhole = from === begin || new Date(from).getUTCDate() === 1;
    const ofLater = isWhole && month <= Math.min(today, end) ? month : from + dayMs;
    const to = from < begin ? Math.min(begin, end) : ofLater;
    spans.push({ from: text(from), to: text(to) });
    from = to;
  }
  return spans;
}

/** What decides whether a window is read in this sync. */
export interface ReadRule {
  changes: Changes;
  /** Reads that cost much are not made of windows that cannot close yet. */
  settledOnly: boolean;
  now: string;
  /** Before this instant nothing can appear any more. */
  safeThrough: string;
  /** Everything is read again. */
  full: boolean;
}

export type Serving = 'one' | 'all' | { days: number };

/** Due windows, oldest first, in the groups that are each served by one reading. */
export function groupWindows<Due extends { window: Span }>(
  due: readonly Due[],
  serves: Serving,
): Due[][] {
  if (serves === 'one') return due.map((one) => [one]);
  if (serves === 'all') return due.length > 0 ? [[...due]] : [];
  const groups: Due[][] = [];
  for (const one of due) {
    const group = groups.at(-1);
    const [first, last] = [group?.[0], group?.at(-1)];
    const isNext = last !== undefined && at(last.window.to) === at(one.window.from);
    const days = first ? (at(one.window.to) - at(first.window.from)) / dayMs : 0;
    if (group && isNext && days <= serves.days) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

/** Days after which any window is read again: late edits and deletions that no rule expects. */
const weeklyDays = 7;

/**
 * Whether a window is to be read now. Open ones always, but not so soon after their last read that
 * they could not close; closed ones each night while their objects may change, and once a week.
 */
export function isDue(window: Span, last: KnownWindow | undefined, rule: ReadRule): boolean {
  const isSettled = at(window.to) <= at(rule.safeThrough);
  if (!isSettled && rule.settledOnly) return false;
  if (last === undefined || !isSettled || rule.full) return true;
  const sinceMs = at(rule.now) - at(last.finishedAt);
  if (last.state === 'open') return sinceMs >= apartMs;
  if (sinceMs >= weeklyDays * dayMs) return true;
  if (startOfDay(at(last.finishedAt)) === startOfDay(at(rule.now))) return false;
  const { changes } = rule;
  if (changes === 'never') return false;
  return changes === 'always' || at(window.to) > at(rule.now) - changes.days * dayMs;
}

/** Seconds, as lists are filtered. */
export const secondsOf = ({ from, to }: Span): { from: number; to: number } => ({
  from: at(from) / 1000,
  to: at(to) / 1000,
});

/** The window, of some that are oldest first, that an instant in seconds lies in. */
export function windowAt<Due extends { seconds: { from: number; to: number } }>(
  windows: readonly Due[],
  created: number,
): Due | undefined {
  let [low, high] = [0, windows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((windows[middle]?.seconds.to ?? 0) > created) high = middle;
    else low = middle + 1;
  }
  const found = windows[low];
  return found && found.seconds.from <= created ? found : undefined;
}
