import { formatProblem } from '../core/problem';
import type { CaseResult } from '../runs/cases/test-cases';
import { counted, duration, indent, padRight, wrapText, type Page } from './text-layout';

/** A line per control with its cases; what failed is told in full below its name. */
export function renderCases(results: readonly CaseResult[], page: Page): string[] {
  const { paint } = page;
  const ids = [...new Set(results.map(({ control }) => control))];
  const lines = ids.flatMap((id) => [
    paint.strong(id),
    ...results.filter(({ control }) => control === id).flatMap((one) => caseLines(one, page)),
    '',
  ]);
  const failed = results.filter(({ passed }) => !passed).length;
  const took = duration(results.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const verdict = failed === 0 ? paint.good('all as expected') : paint.bad(`${failed} failed`);
  return [...lines, `${counted(results.length, 'case')}, ${verdict}, ${took}`];
}

function caseLines(result: CaseResult, { width, paint }: Page): string[] {
  const sign = result.passed ? paint.good('✓') : paint.bad('✗');
  const faults = [...result.problems.map(formatProblem), ...result.differences];
  const head = `  ${sign} ${result.name}`;
  if (result.passed) return [head];
  return [
    head,
    ...indent([paint.faint(result.file)], 6),
    ...faults.flatMap((fault) =>
      wrapText(fault, width - 8).map(
        (line, i) => `${padRight('', 6)}${i === 0 ? '· ' : '  '}${line}`,
      ),
    ),
  ];
}
