import { performance } from 'node:perf_hooks';
import { keywordOf } from '../core/control';
import type { Catalog, LoadedControl } from '../catalog/catalog';
import { reapWork } from '../runs/reap-work';
import { runControl, type RunDependencies } from '../runs/run-control';
import type { RunRequest } from '../runs/run-types';
import type { MeaningOf } from './render-statement';
import { outcomeWords, renderRun } from './render-run';
import { RunBoard } from './run-board';
import { reportRun, type RunReport } from './run-report';
import type { Session } from './session';
import type { Terminal } from './terminal';

/**
 * Does runs one after another, printing each as it is recorded. At a signal the run under way is
 * still recorded, so that its claim keeps nobody off, and no other begins.
 */
export async function runAndShow(
  requests: readonly RunRequest[],
  dependencies: RunDependencies,
  { terminal, session }: { terminal: Terminal; session: Session },
): Promise<RunReport[]> {
  session.heedsSignal();
  await reapWork(dependencies.config, dependencies.claims);
  const board = new RunBoard(terminal, requests.length, session);
  const reports: RunReport[] = [];
  for (const request of requests) {
    session.signal.throwIfAborted();
    const loaded = dependencies.catalog.controls.find(
      ({ control }) => control.id === request.control,
    );
    const entity = dependencies.config.entities.find(({ id }) => id === request.entity);
    const title = loaded === undefined ? '' : ` ${loaded.control.title}`;
    const name = `${request.control}${title} · ${request.entity} · ${request.period}`;
    const beganMs = performance.now();
    const recorded = await runControl(request, dependencies, board.begin(name)).catch(
      (cause: unknown) => {
        board.end(name, 'refused', performance.now() - beganMs);
        throw cause;
      },
    );
    board.end(name, outcomeWords[recorded.outcome].toLowerCase(), performance.now() - beganMs);
    const report = await reportRun(dependencies.app, recorded);
    reports.push(report);
    const words = {
      entityName: entity?.name ?? request.entity,
      meaningOf: meaningOf(loaded),
    };
    terminal.print([...renderRun(report, words, terminal.page), '']);
  }
  session.signal.throwIfAborted();
  return reports;
}

/** What the codes of a control stand for: the keyword of the finding, null for a condition. */
function meaningOf(loaded: LoadedControl | undefined): MeaningOf {
  const keywords = new Map(
    loaded?.control.procedures
      .flatMap((procedure) => procedure.findings)
      .map((finding) => [finding.code, keywordOf(finding)]),
  );
  const ownCodes: [string, string][] = [
    ['-CURRENCY_DIFFERS', 'currency_differs'],
    ['-DUPLICATE_KEY_LEFT', 'duplicate_left'],
    ['-DUPLICATE_KEY_RIGHT', 'duplicate_right'],
    ['-DUPLICATE_KEY', 'duplicate_left'],
  ];
  return (code) =>
    keywords.get(code) ?? ownCodes.find(([ending]) => code.endsWith(ending))?.[1] ?? null;
}

/** Controls of a catalogue by id, in the order asked for. */
export const controlsNamed = ({ controls }: Catalog, ids: readonly string[]): LoadedControl[] =>
  ids.flatMap((id) => controls.filter(({ control }) => control.id === id));
