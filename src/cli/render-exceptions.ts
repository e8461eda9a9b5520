import { formatAmount } from '../core/money';
import type { Severity } from '../core/outcome';
import type { ImpactTotal, ListedException } from './open-exceptions.queries';
import type { Paint } from './paint';
import {
  groupDigits,
  indent,
  padRight,
  printable,
  spread,
  wrapText,
  type Page,
} from './text-layout';

const severityPaint = (severity: Severity, paint: Paint): ((text: string) => string) =>
  ({ critical: paint.bad, high: paint.bad, medium: paint.warn, low: paint.faint })[severity];

export interface ExceptionListOptions {
  /** How to see the rest, where there is more; such as a command. */
  rest: { count: number; hint: string } | null;
  /** Says with each exception where it belongs; needed where a list crosses controls. */
  withScope: boolean;
}

/** Severity, code and impact on one line; below it the explanation and the key. */
export function renderExceptions(
  exceptions: readonly ListedException[],
  { rest, withScope }: ExceptionListOptions,
  page: Page,
): string[] {
  const lines = exceptions.flatMap((exception) => exceptionLines(exception, withScope, page));
  if (rest === null || rest.count === 0) return lines;
  return [
    ...lines,
    page.paint.faint(`… and ${groupDigits(String(rest.count))} more: ${rest.hint}`),
  ];
}

const severityWidth = 9;

function exceptionLines(one: ListedException, withScope: boolean, page: Page): string[] {
  const { paint, width } = page;
  const severity = severityPaint(one.severity, paint)(padRight(one.severity, severityWidth));
  const scope = [one.entity_id, one.period_key, ...(one.state === 'cleared' ? ['cleared'] : [])];
  const where = withScope ? `  ${paint.faint(scope.join(' · '))}` : '';
  const key = Object.entries(one.key)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');
  const words = wrapText(printable(one.explanation), width - severityWidth);
  const keys = wrapText(printable(key), width - severityWidth).map(paint.faint);
  return [
    ...spread(`${severity}${paint.strong(one.code)}${where}`, shownImpact(one), width),
    ...indent([...words, ...keys], severityWidth),
  ];
}

/** '4,210.00 USD', or nothing where no amount is at stake. */
export const shownImpact = ({ impact, currency }: Omit<ImpactTotal, 'exceptions'>): string =>
  impact === null || currency === null ? '' : `${formatAmount(impact, currency)} ${currency}`;

/** '4,210.00 USD, 20.00 EUR': each currency for itself. */
export const renderImpacts = (totals: readonly ImpactTotal[]): string =>
  totals.map(shownImpact).filter(Boolean).join(', ');
