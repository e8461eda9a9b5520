import type { Outcome } from '../core/outcome';
import { renderImpacts } from './render-exceptions';
import { outcomePaint, outcomeWords } from './render-run';
import { renderTable } from './render-table';
import { countOpen, type RunReport } from './run-report';
import { counted, type Page } from './text-layout';

/** One line per run: what was run, how it ended, what is open. */
export function renderSummary(reports: readonly RunReport[], page: Page): string[] {
  return renderTable(
    reports,
    [
      { title: 'control', cell: ({ run }) => run.control_id },
      { title: 'title', cell: ({ run }) => run.control_title, shrinks: true },
      { title: 'entity', cell: ({ run }) => run.entity_id },
      { title: 'period', cell: ({ run }) => run.period.key },
      { title: 'run', cell: ({ run }) => String(run.seq), align: 'right' },
      {
        title: 'outcome',
        cell: ({ run }) => outcomeWords[run.outcome].toLowerCase(),
        paint: (text, { run }) => outcomePaint(run.outcome, page.paint)(text),
      },
      { title: 'open', cell: ({ exceptions }) => openCell(exceptions.open), align: 'right' },
      {
        title: 'impact',
        cell: ({ exceptions }) => renderImpacts(exceptions.open),
        align: 'right',
      },
    ],
    page,
  );
}

const openCell = (open: RunReport['exceptions']['open']): string => {
  const count = countOpen(open);
  return count === 0 ? '' : String(count);
};

/** '8 runs: 5 passed, 2 with exceptions, 1 not evaluated'. */
export function countOutcomes(outcomes: readonly Outcome[]): string {
  const words: Record<Outcome, string> = {
    passed: 'passed',
    exceptions: 'with exceptions',
    not_evaluated: 'not evaluated',
    errored: 'errored',
  };
  const parts = (['passed', 'exceptions', 'not_evaluated', 'errored'] as const)
    .map((outcome) => ({ outcome, n: outcomes.filter((one) => one === outcome).length }))
    .filter(({ n }) => n > 0)
    .map(({ outcome, n }) => `${n} ${words[outcome]}`);
  return `${counted(outcomes.length, 'run')}: ${parts.join(', ')}`;
}
