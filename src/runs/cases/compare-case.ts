import type { ControlCase, ExpectedFinding, ExpectedStatement } from '../../core/case';
import { compareAmounts, sumAmounts } from '../../core/money';
import type { FindingFacts } from '../../core/finding';
import type { Outcome } from '../../core/outcome';
import {
  lineEffect,
  type CurrencyStatement,
  type ProcedureStatement,
  type StatementCategory,
} from '../../core/statement';

/** What a control made of the rows of a case. */
export interface CaseVerdict {
  outcome: Outcome;
  /** Why there is no verdict; null when there is one. */
  reason: string | null;
  findings: readonly FindingFacts[];
  statements: readonly ProcedureStatement[];
}

/** Every way in which a verdict is not what the case expects, one line each; none: it is. */
export function compareCase(expect: ControlCase['expect'], found: CaseVerdict): string[] {
  const because = found.reason === null ? '' : `: ${found.reason}`;
  if (found.reason !== null && expect.outcome !== found.outcome)
    return [`outcome: expected ${expect.outcome}, found ${found.outcome}${because}`];
  const outcome =
    expect.outcome === found.outcome
      ? []
      : [`outcome: expected ${expect.outcome}, found ${found.outcome}`];
  const { reason } = expect;
  const isMeant = reason === undefined || (found.reason?.includes(reason) ?? false);
  return [
    ...outcome,
    ...(isMeant ? [] : [`reason: expected "${reason}", found "${found.reason ?? 'none'}"`]),
    ...compareFindings(expect.findings, found.findings),
    ...compareStatements(expect.statement ?? {}, found.statements),
  ];
}

function compareFindings(
  expected: readonly ExpectedFinding[],
  found: readonly FindingFacts[],
): string[] {
  const left = [...found];
  const unmet: ExpectedFinding[] = [];
  const take = (wanted: (finding: FindingFacts) => boolean): FindingFacts | undefined => {
    const index = left.findIndex(wanted);
    return index < 0 ? undefined : left.splice(index, 1)[0];
  };
  // Those that say most choose first, so that a vague one cannot take what another asks for.
  const bySpeech = [...expected].sort((a, b) => Object.keys(b).length - Object.keys(a).length);
  for (const wanted of bySpeech)
    if (!take((one) => sameKey(wanted, one) && fieldDifferences(wanted, one).length === 0))
      unmet.push(wanted);
  const differences = unmet.flatMap((wanted) => {
    const near = take((one) => sameKey(wanted, one));
    if (!near) return [`not found: ${nameOf(wanted)}`];
    return fieldDifferences(wanted, near).map((text) => `${nameOf(wanted)} ${text}`);
  });
  return [...differences.sort(), ...left.map((one) => `not expected: ${describeFinding(one)}`)];
}

const keyText = (key: ExpectedFinding['key']): string =>
  Object.entries(key)
    .map(([column, value]) => `${column}: ${String(value)}`)
    .sort()
    .join(', ');

const nameOf = ({ code, key }: Pick<ExpectedFinding, 'code' | 'key'>): string =>
  `${code} { ${keyText(key)} }`;

const sameKey = (wanted: ExpectedFinding, found: FindingFacts): boolean =>
  wanted.code === found.code && keyText(wanted.key) === keyText(found.key);

function describeFinding(found: FindingFacts): string {
  const { currency, leftAmount, rightAmount, difference, impact } = found;
  const amounts = Object.entries({
    currency,
    left_amount: leftAmount,
    right_amount: rightAmount,
    difference,
    impact,
    severity: found.severity,
  }).flatMap(([name, value]) => (value === null ? [] : `${name}: ${value}`));
  return `${nameOf(found)} ${amounts.join(', ')}; ${found.explanation}`;
}

/** Only what the case states is compared; amounts by value, '10' and '10.00' alike. */
function fieldDifferences(wanted: ExpectedFinding, found: FindingFacts): string[] {
  const amounts: [string, string | null | undefined, string | null][] = [
    ['left_amount', wanted.left_amount, found.leftAmount],
    ['right_amount', wanted.right_amount, found.rightAmount],
    ['difference', wanted.difference, found.difference],
    ['impact', wanted.impact, found.impact],
  ];
  const texts: [string, string | undefined, string | null][] = [
    ['currency', wanted.currency, found.currency],
    ['severity', wanted.severity, found.severity],
    ['explanation', wanted.explanation, found.explanation],
  ];
  const wrong = [
    ...amounts.filter(([, want, is]) => want !== undefined && !sameAmount(want, is)),
    ...texts.filter(([, want, is]) => want !== undefined && want !== is),
  ];
  return wrong.map(
    ([name, want, is]) => `${name}: expected ${want ?? 'none'}, found ${is ?? 'none'}`,
  );
}

const sameAmount = (a: string | null, b: string | null): boolean =>
  a === null || b === null ? a === b : compareAmounts(a, b) === 0;

function compareStatements(
  expected: NonNullable<ControlCase['expect']['statement']>,
  found: readonly ProcedureStatement[],
): string[] {
  return Object.entries(expected).flatMap(([procedure, currencies]) => {
    const statement = found.find((one) => one.procedure === procedure);
    if (!statement) return [`statement of ${procedure}: not found`];
    const unnamed = statement.currencies.flatMap(({ currency }) =>
      currency === null || Object.hasOwn(currencies, currency)
        ? []
        : [`statement of ${procedure}: ${currency} is not expected`],
    );
    const differences = Object.entries(currencies).flatMap(([currency, wanted]) => {
      const name = `statement of ${procedure} in ${currency}`;
      const own = statement.currencies.find((one) => one.currency === currency);
      if (!own) return [`${name}: not found`];
      return totalDifferences(wanted, totalsOf(own)).map((text) => `${name}, ${text}`);
    });
    return [...differences, ...unnamed];
  });
}

/** Of an assertion, a category holds the amounts that stand in it: it leads to no other side. */
function totalsOf({ left, right, lines }: CurrencyStatement): ExpectedStatement {
  const between = (category: StatementCategory): string =>
    sumAmounts(
      lines
        .filter((line) => line.category === category)
        .map((line) => (right === null ? line.left.amount : lineEffect(line))),
    );
  return {
    left: left.amount,
    right: right?.amount ?? '0',
    tolerance: between('tolerance'),
    timing: between('timing'),
    reconciling: between('reconciling'),
    exception: between('exception'),
  };
}

function totalDifferences(wanted: ExpectedStatement, found: ExpectedStatement): string[] {
  const names = ['left', 'right', 'tolerance', 'timing', 'reconciling', 'exception'] as const;
  return names
    .filter((name) => compareAmounts(wanted[name], found[name]) !== 0)
    .map((name) => `${name}: expected ${wanted[name]}, found ${found[name]}`);
}
