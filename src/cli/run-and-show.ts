import { performance } from 'node:perf_hooks';
import { keywordOf } from '../core/control';
import type { Catalog, LoadedControl } from '../catalog/catalog';
import { reapWork } from '../runs/claim/reap-work';
import { runControl, type RunDependencies } from '../runs/run-control';
import type { RunRequest } from '../runs/run-types';
import { inParallel } from '../sources/stripe/in-parallel';
import type { MeaningOf } from './render-statement';
import { outcomeWords, renderRun } from './render-run';
import { RunBoard } from './run-board';
import { costOf, type RunCost } from './run-costs';
import { reportRun, type RunReport } from './run-report';
import type { Session } from './session';
import type { Terminal } from './terminal';

/** A run that was shown, and what it cost. */
export type CostedRun = RunReport & { cost: RunCost };

/**
 * Does runs, one after another or so many at once, printing each as it is recorded, in the order
 * asked for. At a signal the runs under way are still recorded, so that their claims keep nobody
 * off, and no other begins.
 */
export async function runAndShow(
  requests: readonly RunRequest[],
  dependencies: RunDependencies,
  { terminal, session }: { terminal: Terminal; session: Session },
  atOnce = 1,
): Promise<CostedRun[]> {
  session.heedsSignal();
  await reapWork(dependencies.config, dependencies.claims);
  const board = new RunBoard(terminal, requests.length, session);
  const reports = new Map<RunRequest, CostedRun>();
  let printed = 0;
  await inParallel(requests, atOnce, async (request) => {
    session.signal.throwIfAborted();
    reports.set(request, await runOne(request, dependencies, board));
    for (let next = requests[printed]; next !== undefined; next = requests[printed]) {
      const report = reports.get(next);
      if (report === undefined) break;
      printed += 1;
      board.print([...renderRun(report, wordsOf(next, dependencies), terminal.page), '']);
    }
  });
  session.signal.throwIfAborted();
  return requests.flatMap((request) => reports.get(request) ?? []);
}

async function runOne(
  request: RunRequest,
  dependencies: RunDependencies,
  board: RunBoard,
): Promise<CostedRun> {
  const loaded = loadedOf(request, dependencies);
  const title = loaded === undefined ? '' : ` ${loaded.control.title}`;
  const name = `${request.control}${title} · ${request.entity} · ${request.period}`;
  const beganMs = performance.now();
  const [recorded, cost] = await costOf(() =>
    runControl(request, dependencies, board.begin(name)),
  ).catch((cause: unknown) => {
    board.end(name, 'refused', performance.now() - beganMs);
    throw cause;
  });
  board.end(name, outcomeWords[recorded.outcome].toLowerCase(), cost.took_ms);
  return { ...(await reportRun(dependencies.app, recorded)), cost };
}

const loadedOf = (
  request: RunRequest,
  { catalog }: Pick<RunDependencies, 'catalog'>,
): LoadedControl | undefined =>
  catalog.controls.find(({ control }) => control.id === request.control);

function wordsOf(request: RunRequest, dependencies: RunDependencies) {
  const entity = dependencies.config.entities.find(({ id }) => id === request.entity);
  return {
    entityName: entity?.name ?? request.entity,
    meaningOf: meaningOf(loadedOf(request, dependencies)),
  };
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
