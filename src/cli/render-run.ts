import type { Outcome } from '../core/outcome';
import type { Paint } from './paint';
import { renderExceptions } from './render-exceptions';
import { renderStatement, type MeaningOf } from './render-statement';
import { countOpen, type RunReport } from './run-report';
import { counted, indent, printable, spread, wrapText, type Page } from './text-layout';

export const outcomeWords: Record<Outcome, string> = {
  passed: 'PASSED',
  exceptions: 'EXCEPTIONS',
  not_evaluated: 'NOT EVALUATED',
  errored: 'ERRORED',
};

export const outcomePaint = (outcome: Outcome, paint: Paint): ((text: string) => string) =>
  ({ passed: paint.good, exceptions: paint.bad, not_evaluated: paint.warn, errored: paint.warn })[
    outcome
  ];

/** What the words of a run need besides what is recorded of it. */
export interface RunWords {
  entityName: string;
  meaningOf: MeaningOf;
}

/** A whole run: head, statement by procedure, what proves the populations, exceptions. */
export function renderRun(report: RunReport, words: RunWords, page: Page): string[] {
  const { run, procedures } = report;
  const outcome = outcomePaint(run.outcome, page.paint)(outcomeWords[run.outcome]);
  const facts = [words.entityName, run.period.key, `as of ${run.as_of}`, `run ${run.seq}`].join(
    ' · ',
  );
  const title = page.paint.strong(`${run.control_id}  ${run.control_title}`);
  return [
    ...spread(title, outcome, page.width),
    `  ${page.paint.faint(facts)}`,
    ...indent(reasonLines(run.outcome_reason, page), 2),
    ...procedures.flatMap((procedure, index) => [
      ...(index > 0 ? [''] : []),
      ...renderStatement(procedure, words.meaningOf, page),
    ]),
    ...populationLines(report, page),
    ...exceptionLines(report, page),
  ];
}

function reasonLines(reason: string | null, page: Page): string[] {
  if (reason === null) return [];
  return reason
    .split('\n')
    .flatMap((line) => wrapText(printable(line), page.width - 2))
    .map(page.paint.warn);
}

/** One line where all populations are proven alike, else one for each. */
function populationLines({ run }: RunReport, page: Page): string[] {
  const proofs = new Map(run.populations.map(({ label, verified }) => [label, verified]));
  const [first, ...others] = new Set(proofs.values());
  if (first === undefined) return [];
  const lines =
    others.length === 0 && proofs.size > 1
      ? [`all ${proofs.size}: ${first}`]
      : [...proofs].map(([label, verified]) => `${label}: ${verified}`);
  const name = 'populations: ';
  return indent(
    lines
      .flatMap((line) => wrapText(line, page.width - 4 - name.length))
      .map((line, index) =>
        page.paint.faint((index === 0 ? name : ' '.repeat(name.length)) + line),
      ),
    4,
  );
}

function exceptionLines({ run, exceptions }: RunReport, page: Page): string[] {
  const open = countOpen(exceptions.open);
  const changes = [
    ...(exceptions.opened > 0 ? [`${exceptions.opened} new`] : []),
    ...(exceptions.reopened > 0 ? [`${exceptions.reopened} re-opened`] : []),
    ...(exceptions.cleared > 0 ? [`${exceptions.cleared} cleared`] : []),
  ];
  if (open === 0 && changes.length === 0) return [];
  const changed = changes.length > 0 ? ` (${changes.join(', ')})` : '';
  const list = renderExceptions(
    exceptions.gravest,
    {
      rest: {
        count: open - exceptions.gravest.length,
        hint:
          `tieout exceptions --control ${run.control_id} ` +
          `--entity ${run.entity_id} --period ${run.period.key}`,
      },
      withScope: false,
    },
    { ...page, width: page.width - 6 },
  );
  return [
    '',
    `    ${page.paint.strong(`${counted(open, 'exception')} open${changed}`)}`,
    ...indent(list, 6),
  ];
}
