/**
 * The rules of docs/controls-format.md once more, in plain loops over whole numbers, sharing
 * nothing with the engine: what two implementations agree on is hardly wrong in both.
 */

/** Amounts in millionths of a major unit. */
export interface NaiveItem {
  key: string;
  currency: 'USD' | 'EUR' | 'JPY';
  amount: bigint;
  /** The label of a known reconciling item. */
  label: string | null;
  /** Dated within the grace; counts only where the procedure has timing on that side. */
  waits: boolean;
}

export interface NaiveRules {
  onceLeft: boolean;
  onceRight: boolean;
  /** Whole minor units, and per what. */
  tolerance: { units: bigint; per: 'key' | 'line' } | null;
  /** Hundredths of a percent of the left amount. */
  percent: bigint | null;
  timing: 'left' | 'right' | 'both' | null;
}

export interface NaiveLine {
  items: bigint;
  amount: bigint;
}

export interface NaiveResult {
  /** `USD exception LEFT left` → keys and both sides. */
  lines: Map<string, { keys: bigint; left: NaiveLine; right: NaiveLine }>;
  /** One text per finding: code, key, currency and amounts. */
  findings: string[];
}

const minorUnits = { USD: 10_000n, EUR: 10_000n, JPY: 1_000_000n };

const size = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

function total(items: readonly NaiveItem[]): NaiveLine {
  let amount = 0n;
  for (const item of items) amount += item.amount;
  return { items: BigInt(items.length), amount };
}

interface Cell {
  key: string;
  currency: NaiveItem['currency'];
  left: NaiveItem[];
  right: NaiveItem[];
}

/** Items by currency and key, without any text that a key could imitate. */
function cellsOf(left: readonly NaiveItem[], right: readonly NaiveItem[]): Cell[] {
  const cells: Cell[] = [];
  const cellOf = ({ key, currency }: NaiveItem): Cell => {
    const found = cells.find((cell) => cell.key === key && cell.currency === currency);
    if (found) return found;
    const cell: Cell = { key, currency, left: [], right: [] };
    cells.push(cell);
    return cell;
  };
  for (const item of left) cellOf(item).left.push(item);
  for (const item of right) cellOf(item).right.push(item);
  return cells;
}

function allowed(rules: NaiveRules, { currency }: Cell, left: NaiveLine, right: NaiveLine): bigint {
  // In hundredths of a percent of a millionth, so that nothing is ever divided.
  const lines = [left.items, right.items, 1n].reduce((a, b) => (a > b ? a : b));
  const { tolerance, percent } = rules;
  const units = tolerance ? tolerance.units * (tolerance.per === 'line' ? lines : 1n) : 0n;
  const byUnits = units * minorUnits[currency] * 10_000n;
  const byPercent = size(left.amount) * (percent ?? 0n);
  return byUnits > byPercent ? byUnits : byPercent;
}

const within = (rules: NaiveRules, cell: Cell, left: NaiveLine, right: NaiveLine): boolean =>
  size(left.amount - right.amount) * 10_000n <= allowed(rules, cell, left, right);

interface Judged {
  cell: Cell;
  class: string;
  left: NaiveLine;
  right: NaiveLine;
  aside: { side: 'left' | 'right'; items: NaiveItem[] }[];
  repeats: { left: boolean; right: boolean };
  differs: boolean;
}

function judge(rules: NaiveRules, cell: Cell): Judged {
  const whole = { left: total(cell.left), right: total(cell.right) };
  const met = cell.left.length > 0 && cell.right.length > 0;
  const agrees = met && within(rules, cell, whole.left, whole.right);
  const free = (items: NaiveItem[]): NaiveItem[] =>
    agrees ? items : items.filter((item) => item.label === null);
  const [l, r] = [free(cell.left), free(cell.right)];
  const [left, right] = [total(l), total(r)];
  const repeats = { left: rules.onceLeft && l.length > 1, right: rules.onceRight && r.length > 1 };
  const differs = !within(rules, cell, left, right);
  const waits = (side: 'left' | 'right', items: NaiveItem[]): boolean =>
    (rules.timing === side || rules.timing === 'both') && items.every((item) => item.waits);
  const named = (): string => {
    if (l.length === 0 && r.length === 0) return 'aside';
    if (r.length === 0) return waits('left', l) ? 'timing' : 'left_only';
    if (l.length === 0) return waits('right', r) ? 'timing' : 'right_only';
    if (repeats.left) return 'duplicate_left';
    if (repeats.right) return 'duplicate_right';
    if (differs) return 'amount_differs';
    return left.amount === right.amount ? 'matched' : 'tolerance';
  };
  const set = (items: NaiveItem[]): NaiveItem[] =>
    agrees ? [] : items.filter((item) => item.label !== null);
  return {
    cell,
    class: named(),
    left,
    right,
    aside: [
      { side: 'left', items: set(cell.left) },
      { side: 'right', items: set(cell.right) },
    ],
    repeats,
    differs,
  };
}

/** A key alone on the left in one currency and alone on the right in another: one error. */
function splitCurrencies(judged: readonly Judged[]): void {
  const alone = (side: 'left' | 'right', key: string): Judged[] =>
    judged.filter((one) => one.cell.key === key && one.class === `${side}_only`);
  for (const key of new Set(judged.map((one) => one.cell.key))) {
    const [lefts, rights] = [alone('left', key), alone('right', key)];
    if (lefts.length === 0 || rights.length === 0) continue;
    for (const one of lefts) one.class = 'currency_left';
    for (const one of rights) one.class = 'currency_right';
  }
}

const codes: Record<string, string> = {
  left_only: 'LEFT',
  right_only: 'RIGHT',
  amount_differs: 'DIFF',
  duplicate_left: 'DUPLICATE_KEY_LEFT',
  duplicate_right: 'DUPLICATE_KEY_RIGHT',
  currency_left: 'CURRENCY_DIFFERS',
  currency_right: 'CURRENCY_DIFFERS',
};

function findingsOf({ cell, class: kind, left, right, repeats, differs }: Judged): string[] {
  const found: [code: string, impact: bigint][] = [];
  const difference = left.amount - right.amount;
  const both = left.items > 0n && right.items > 0n;
  if (kind === 'left_only') found.push(['LEFT', left.amount]);
  if (kind === 'right_only') found.push(['RIGHT', right.amount]);
  if (kind === 'currency_left') found.push(['CURRENCY_DIFFERS', left.amount]);
  if (both && differs) found.push(['DIFF', difference]);
  if (repeats.left) found.push(['DUPLICATE_KEY_LEFT', difference]);
  if (repeats.right) found.push(['DUPLICATE_KEY_RIGHT', difference]);
  const amount = ({ items, amount: sum }: NaiveLine): string => (items > 0n ? String(sum) : '-');
  return found.map(([code, impact]) =>
    JSON.stringify([
      code,
      cell.key,
      cell.currency,
      amount(left),
      amount(right),
      String(difference),
      String(size(impact)),
    ]),
  );
}

/** What must come out, straight from the rules. */
export function naiveTieOut(
  rules: NaiveRules,
  left: readonly NaiveItem[],
  right: readonly NaiveItem[],
): NaiveResult {
  const judged = cellsOf(left, right).map((cell) => judge(rules, cell));
  splitCurrencies(judged);
  const lines: NaiveResult['lines'] = new Map();
  const add = (name: string, l: NaiveLine, r: NaiveLine): void => {
    const zero = { items: 0n, amount: 0n };
    const line = lines.get(name) ?? { keys: 0n, left: { ...zero }, right: { ...zero } };
    line.keys += 1n;
    for (const [into, from] of [
      [line.left, l],
      [line.right, r],
    ] as const) {
      into.items += from.items;
      into.amount += from.amount;
    }
    lines.set(name, line);
  };
  const nothing = { items: 0n, amount: 0n };
  for (const one of judged) {
    const { currency } = one.cell;
    const code = codes[one.class];
    const category = code ? `exception ${code}` : `${one.class} -`;
    const side = one.right.items === 0n ? 'left' : one.left.items === 0n ? 'right' : 'both';
    if (one.class !== 'aside') add(`${currency} ${category} ${side}`, one.left, one.right);
    for (const { side: from, items } of one.aside)
      for (const label of new Set(items.map((item) => item.label))) {
        const own = total(items.filter((item) => item.label === label));
        const pair = from === 'left' ? ([own, nothing] as const) : ([nothing, own] as const);
        add(`${currency} reconciling ${label} ${from}`, ...pair);
      }
  }
  return { lines, findings: judged.flatMap(findingsOf).sort() };
}
