import { quoteName, quoteText } from './sql-text';

/** Column of the match key in the views of items: no population can have one of that name. */
export const MATCH_KEY = '#match';
export const matchKeyColumn = quoteName(MATCH_KEY);

/** First letters of match keys: linked, ambiguous, and alone on the left or on the right. */
export const matchLetters = { linked: 'M', ambiguous: 'A', left: 'L', right: 'R' } as const;

/** True for the items of a key whose candidates nothing tells apart. */
export const ambiguousSql = (alias: string): string =>
  `starts_with(${alias}.${matchKeyColumn}, ${quoteText(matchLetters.ambiguous)})`;
