import { isDate } from '../../core/calendar';
import type { ColumnType } from '../../platform/config';

/**
 * What a value of each type may look like, word for word in docs/files.md. DuckDB's own casts are
 * too kind to be trusted with money (they round '0.1234567', read '1e3' and ' 12 ', and take
 * '2026-1-5' for a date), so a value must match the form first and is cast only then.
 */
export interface ColumnRule {
  /** Regular expression of the whole value, for RE2 and JavaScript alike; null: anything. */
  form: string | null;
  /** The type of the column in DuckDB. */
  sqlType: string;
  /** What a value of the right form must also be. */
  isPossible: (value: string) => boolean;
  /** What the type expects, for people. */
  expects: string;
}

const DATE = '[1-9]\\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])';
const CLOCK = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?';
const MAX_BIGINT = 9_223_372_036_854_775_807n;

const always = (): boolean => true;
const isDay = (value: string): boolean => isDate(value.slice(0, 10));

export const columnRules: Record<ColumnType, ColumnRule> = {
  text: { form: null, sqlType: 'VARCHAR', isPossible: always, expects: 'text' },
  decimal: {
    form: '-?\\d{1,18}(\\.\\d{1,6})?',
    sqlType: 'DECIMAL(24,6)',
    isPossible: always,
    expects: 'a decimal such as -1234.56, with at most 18 digits before the point and 6 after',
  },
  integer: {
    form: '-?\\d{1,19}',
    sqlType: 'BIGINT',
    isPossible: (value) => {
      const integer = BigInt(value);
      return integer <= MAX_BIGINT && integer >= -MAX_BIGINT - 1n;
    },
    expects: 'an integer of 64 bits, such as -42',
  },
  date: {
    form: DATE,
    sqlType: 'DATE',
    isPossible: isDay,
    expects: 'a day of the calendar written YYYY-MM-DD, from the year 1000',
  },
  timestamp: {
    form: `${DATE}[ T]${CLOCK}`,
    sqlType: 'TIMESTAMP',
    isPossible: isDay,
    expects: 'a time written YYYY-MM-DD HH:MM:SS, without an offset',
  },
  instant: {
    form: `${DATE}[ T]${CLOCK}(Z|[+-](0\\d|1[0-4]):[0-5]\\d)`,
    sqlType: 'TIMESTAMP WITH TIME ZONE',
    isPossible: isDay,
    expects: 'a time written YYYY-MM-DDTHH:MM:SSZ, or with an offset such as +02:00',
  },
  boolean: {
    form: 'true|false',
    sqlType: 'BOOLEAN',
    isPossible: always,
    expects: 'true or false',
  },
};

/** A test of one value against its type's rule, compiled once. */
export function valueTest(type: ColumnType): (value: string) => boolean {
  const { form, isPossible } = columnRules[type];
  if (form === null) return isPossible;
  const whole = new RegExp(`^(?:${form})$`);
  return (value) => whole.test(value) && isPossible(value);
}

/** The form of a currency code; which codes are in use is core/money's to say. */
export const CURRENCY_FORM = '[A-Z]{3}';

const SHOWN_CHARACTERS = 40;
const SHOWN_LETTERS = 12;

/**
 * A wrong value of a typed column as it may be shown: its first 40 characters, letters beyond the
 * 12th masked, since a shifted column can hold a person's name. Text columns are never shown.
 */
export function showValue(value: string): string {
  let letters = 0;
  const shown = [...value.slice(0, SHOWN_CHARACTERS)].map((character) => {
    if (/\p{L}/u.test(character)) letters += 1;
    if (/\p{L}/u.test(character) && letters > SHOWN_LETTERS) return '*';
    return /[\p{C}\p{Z}]/u.test(character) && character !== ' ' ? '?' : character;
  });
  return `'${shown.join('')}${value.length > SHOWN_CHARACTERS ? '…' : ''}'`;
}
