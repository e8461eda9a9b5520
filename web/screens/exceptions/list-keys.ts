export type KeyMeaning =
  { kind: 'move'; to: number } | { kind: 'select' } | { kind: 'open' } | { kind: 'help' };

/** What the help says; one line for each meaning. */
export const keyWords = [
  ['j or ↓', 'Next'],
  ['k or ↑', 'Previous'],
  ['Page Down, Page Up', 'Ten on, ten back'],
  ['Home, End', 'First, last that is loaded'],
  ['x or Space', 'Select'],
  ['Shift with a move', 'Select on the way'],
  ['Enter', 'Open'],
  ['?', 'This help'],
] as const;

const steps: Record<string, number> = {
  ArrowDown: 1,
  j: 1,
  ArrowUp: -1,
  k: -1,
  PageDown: 10,
  PageUp: -10,
};

/** What a key does in a list of so many rows, from the current one; null: nothing. */
export function keyMeaning(key: string, current: number, rows: number): KeyMeaning | null {
  const last = rows - 1;
  const within = (index: number): number => Math.min(last, Math.max(0, index));
  const step = steps[key];
  if (step !== undefined) return { kind: 'move', to: within(current + step) };
  if (key === 'Home') return { kind: 'move', to: 0 };
  if (key === 'End') return { kind: 'move', to: within(last) };
  if (key === ' ' || key === 'x') return { kind: 'select' };
  if (key === '?') return { kind: 'help' };
  return key === 'Enter' ? { kind: 'open' } : null;
}
