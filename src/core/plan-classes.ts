import { quoteText } from './sql-text';

/**
 * How a key stands after the join; two more arise when keys are split by currency. What is within
 * tolerance is apart by which side has less, so that differences that are summed never cancel out.
 */
const CLASSES = [
  'matched',
  'tolerance',
  'tolerance_less',
  'timing',
  'reconciling',
  'ambiguous',
  'left_only',
  'right_only',
  'duplicate_left',
  'duplicate_right',
  'amount_differs',
  'flagged',
] as const;

export const classSql = (name: (typeof CLASSES)[number]): string => `'${name}'::tie_class`;

/** Currency and class as one byte each: what a key carries decides what judging it costs. */
export function enumTypesSql(currencies: readonly string[]): string {
  const types = { currency_code: currencies, tie_class: CLASSES };
  return Object.entries(types)
    .map(([name, values]) => {
      const list = values.map(quoteText).join(', ');
      return `drop type if exists ${name} cascade; create type ${name} as enum (${list})`;
    })
    .join('; ');
}

/** The currency of every item, where there is one alone: then no item's own has to be read. */
export function onlyCurrency(currencies: readonly string[]): string | null {
  const [only] = currencies;
  return only !== undefined && currencies.length === 1 ? `${quoteText(only)}::currency_code` : null;
}

/** What can vary from key to key; the rest is the same for all, and not looked at for each. */
export interface Varying {
  flags: readonly string[];
  /** Whether some items are set aside by their label. */
  labelled: boolean;
  /** The sides on which a key may stand once, and might repeat here. */
  repeats: Record<'left' | 'right', boolean>;
  /** The sides whose keys know their row in the file. */
  rows: Record<'left' | 'right', boolean>;
}

/** Settled keys become one row per currency and class; each other key keeps its own. */
export function collapseSql(currencies: readonly string[], varying: Varying): string {
  const { flags, labelled, repeats, rows } = varying;
  const settled = `class in ('matched', 'tolerance', 'tolerance_less')`;
  const own = labelled ? `${settled} and l_set_n = 0 and r_set_n = 0` : settled;
  const setAside = (column: string): string => `${labelled ? `sum(${column})` : '0'} as ${column}`;
  const differs = repeats.left || repeats.right ? 'bool_or(differs)' : `class = 'amount_differs'`;
  const row = (column: string, isKnown: boolean): string =>
    `${isKnown ? `any_value(${column})` : 'null::uinteger'} as ${column}`;
  const currency = onlyCurrency(currencies);
  return `select class::varchar as class, currency::varchar as currency, * exclude (class, currency)
    from (select class, ${currency ?? 'currency'} as currency,
        case when ${own} then null else h end as h,
        ${flags.map((flag) => `bool_or(${flag}) as ${flag}, `).join('')}${differs} as differs,
        ${repeats.left ? 'bool_or(dup_left)' : 'false'} as dup_left,
        ${repeats.right ? 'bool_or(dup_right)' : 'false'} as dup_right,
        count(*) as keys, sum(l_n) as l_n, sum(l_amount) as l_amount, ${setAside('l_set_n')},
        ${setAside('l_set')}, sum(r_n) as r_n, sum(r_amount) as r_amount, ${setAside('r_set_n')},
        ${setAside('r_set')}, ${row('l_row', rows.left)}, ${row('r_row', rows.right)}
      from classed group by class, 3${currency ? '' : ', currency'})`;
}
