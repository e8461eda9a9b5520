import type { SqlRefusal } from './sql-grammar';

/** Which engine computes: PostgreSQL for `books`, DuckDB for `files` and for expressions. */
export type SqlSource = 'books' | 'files';

export interface AllowedFunction {
  kind: 'scalar' | 'aggregate' | 'window';
  /** Absent: means the same in both engines. */
  only?: SqlSource;
  /** Its result depends on an order that must therefore be written. */
  ordered?: true;
}

const scalar: AllowedFunction = { kind: 'scalar' };
const aggregate: AllowedFunction = { kind: 'aggregate' };
const orderedWindow: AllowedFunction = { kind: 'window', ordered: true };

/** Pure functions with one meaning. Anything else is refused. */
export const allowedFunctions: ReadonlyMap<string, AllowedFunction> = new Map([
  ...[
    ...['abs', 'round', 'floor', 'ceil', 'ceiling', 'sign', 'mod'],
    ...['lower', 'upper', 'length', 'char_length', 'substring', 'substr', 'left', 'right'],
    ...['replace', 'split_part', 'starts_with', 'concat', 'concat_ws', 'lpad', 'rpad'],
    ...['ltrim', 'rtrim', 'strpos', 'date_trunc', 'make_date'],
  ].map((name): [string, AllowedFunction] => [name, scalar]),
  ...['sum', 'count', 'min', 'max', 'bool_and', 'bool_or'].map(
    (name): [string, AllowedFunction] => [name, aggregate],
  ),
  ['string_agg', { kind: 'aggregate', ordered: true }],
  ['avg', { kind: 'aggregate', only: 'books' }],
  ['range_agg', { kind: 'aggregate', only: 'books' }],
  ...[
    ...['to_char', 'string_to_array', 'jsonb_array_length', 'isempty'],
    ...['daterange', 'datemultirange', 'tstzrange', 'tstzmultirange'],
  ].map((name): [string, AllowedFunction] => [name, { kind: 'scalar', only: 'books' }]),
  ...['row_number', 'rank', 'dense_rank', 'lag', 'lead', 'first_value', 'last_value'].map(
    (name): [string, AllowedFunction] => [name, orderedWindow],
  ),
]);

/** Functions that may stand in FROM, of books alone, with how many arguments they take. */
export const tableFunctions: ReadonlyMap<string, number> = new Map([
  ['generate_series', 3],
  ['unnest', 1],
  ['jsonb_array_elements', 1],
  ['jsonb_array_elements_text', 1],
]);

/** Step of a series: days at least, so that even the longest calendar ends. */
export const seriesStep = /^\s*[1-9]\d{0,3}\s*(day|week|month|year)s?\s*$/;

/** Functions that SQL's own syntax calls: trim(…), extract(… from …), x at time zone '…'. */
export const syntaxFunctions: ReadonlySet<string> = new Set([
  'btrim',
  'ltrim',
  'rtrim',
  'substring',
  'position',
  'extract',
  'timezone',
]);

const clock = 'Use :as_of, so that a re-run of the same period gives the same answer.';
const allowList = 'See docs/controls-format.md for the functions that may be used.';

/** What is said about functions that authors may really try. */
const refusedFunctions: ReadonlyMap<string, string> = new Map([
  ...[
    ...['now', 'clock_timestamp', 'statement_timestamp', 'transaction_timestamp', 'timeofday'],
    ...['today', 'age', 'get_current_timestamp', 'current_localtimestamp'],
  ].map((name): [string, string] => [name, clock]),
  ['random', 'Leave it out: the same rows must give the same answer.'],
  ['gen_random_uuid', 'Leave it out: the same rows must give the same answer.'],
  ['btrim', 'Write trim(…), which both engines read alike.'],
  ['date_part', 'Write extract(year from …), which is exact.'],
  ['generate_series', "Write it in FROM, over dates: generate_series(a, b, interval '1 month')."],
  ['unnest', 'Write it in FROM: unnest(…) as t(name).'],
  ['jsonb_array_elements', 'Write it in FROM: jsonb_array_elements(…) as t(name).'],
]);

export function functionRefusal(name: string): SqlRefusal {
  return {
    message: `The function ${name}() is not allowed in control SQL.`,
    remedy: refusedFunctions.get(name) ?? allowList,
  };
}

/** Fields of extract() that are whole numbers with one meaning in both engines. */
export const extractFields: ReadonlySet<string> = new Set([
  'year',
  'quarter',
  'month',
  'day',
  'hour',
  'minute',
  'week',
  'dow',
  'isodow',
  'isoyear',
  'doy',
]);

/** Operators by kind of expression; every other operator is refused. */
export const allowedOperators: Record<string, readonly string[]> = {
  AEXPR_OP: ['+', '-', '*', '/', '%', '=', '<>', '<', '<=', '>', '>=', '||'],
  AEXPR_DISTINCT: ['='],
  AEXPR_NOT_DISTINCT: ['='],
  AEXPR_NULLIF: ['='],
  AEXPR_IN: ['=', '<>'],
  AEXPR_LIKE: ['~~', '!~~'],
  AEXPR_ILIKE: ['~~*', '!~~*'],
};

/** Over books only: ranges of days and instants, and the parts of a JSON value. */
export const booksOperators: readonly string[] = ['&&', '@>', '<@', '-|-', '->', '->>'];

/** Types that values may be cast to. */
export const allowedCasts: ReadonlySet<string> = new Set(
  ['text', 'varchar', 'numeric', 'int2', 'int4', 'int8', 'bool', 'date', 'timestamp'].concat([
    'timestamptz',
    'interval',
  ]),
);

export function castRefusal(type: string): SqlRefusal {
  if (/^(float4|float8|real|double)$/.test(type))
    return {
      message: `A cast to ${type} puts money into binary floating point.`,
      remedy: 'Cast to numeric(24,6), which is exact.',
    };
  if (/^reg/.test(type))
    return {
      message: `A cast to ${type} looks into the system catalogue.`,
      remedy: 'Read the columns of books or files only.',
    };
  return {
    message: `A cast to ${type} is not allowed in control SQL.`,
    remedy: 'Cast to text, numeric(24,6), bigint, boolean, date, timestamp or timestamptz.',
  };
}
