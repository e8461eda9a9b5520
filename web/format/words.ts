/** The one word for each thing, as people read it. */

export type Tone = 'good' | 'warn' | 'bad' | 'mute' | 'info';

interface Word {
  word: string;
  tone: Tone;
}

const outcomes: Record<string, Word> = {
  passed: { word: 'Passed', tone: 'good' },
  exceptions: { word: 'Exceptions', tone: 'warn' },
  not_evaluated: { word: 'Not evaluated', tone: 'mute' },
  errored: { word: 'Errored', tone: 'bad' },
};

const severities: Record<string, Word> = {
  critical: { word: 'Critical', tone: 'bad' },
  high: { word: 'High', tone: 'bad' },
  medium: { word: 'Medium', tone: 'warn' },
  low: { word: 'Low', tone: 'mute' },
};

const states: Record<string, Word> = {
  open: { word: 'Open', tone: 'warn' },
  acknowledged: { word: 'Acknowledged', tone: 'info' },
  proposed: { word: 'Proposed', tone: 'info' },
  closed: { word: 'Closed', tone: 'good' },
  cleared: { word: 'Cleared', tone: 'good' },
};

const keywords: Record<string, string> = {
  left_only: 'only on the left',
  right_only: 'only on the right',
  amount_differs: 'amounts differ',
  currency_differs: 'currencies differ',
  duplicate_left: 'key repeats on the left',
  duplicate_right: 'key repeats on the right',
};

/** 'not_evaluated' as 'Not evaluated': for words the page does not know yet. */
export function spelled(name: string): string {
  const text = name.replaceAll(/[_-]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const wordIn = (words: Record<string, Word>, name: string): Word =>
  words[name] ?? { word: spelled(name), tone: 'mute' };

export const outcomeWord = (outcome: string): Word => wordIn(outcomes, outcome);
export const severityWord = (severity: string): Word => wordIn(severities, severity);
export const stateWord = (state: string): Word => wordIn(states, state);
export const keywordWord = (when: string): string => keywords[when] ?? 'condition met';

/** '1 item', '2 items'. */
export const counted = (count: string | number, one: string, many = `${one}s`): string =>
  `${String(count)} ${String(count) === '1' ? one : many}`;
