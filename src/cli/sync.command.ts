import { performance } from 'node:perf_hooks';
import type { Command } from 'commander';
import type { Landing } from '../books/land-dataset';
import { unmappedKinds, type UnmappedKind } from '../books/mapping-problems';
import type { SourceSync } from '../sources/source-sync';
import { syncFiles } from '../sources/sync-files-to-books';
import { action, type Means } from './command';
import { exitCodes } from './exit-code';
import { LiveLines } from './live-lines';
import { openSetting, openWorkspace, type Workspace } from './open-workspace';
import { bar } from './render-progress';
import { renderTable } from './render-table';
import { allRead, problemsOf, renderSourceSyncs, syncApisAndShow } from './sync-apis-and-show';
import { counted, duration, groupDigits, wrapText, type Page } from './text-layout';

export function addSyncCommand(program: Command): void {
  program
    .command('sync')
    .summary('bring the books up to the declared sources')
    .description(
      'Reads and checks every file that lands in the books, then lands each in full; nothing ' +
        'is landed while any file is wrong. Then reads Salesforce, Stripe and warehouses: what ' +
        'is new, and what can still change, window by window. A window closes once two reads, ' +
        'ten minutes apart, agree with each other and with what the source says it holds. Ends ' +
        'with 1 when something could not be read; tieout sources goes on telling what.',
    )
    .action(action(sync));
}

async function sync(means: Means): Promise<number> {
  const { session, terminal, globals } = means;
  const workspace = await openWorkspace(session, openSetting(globals.config));
  const landings = await syncAndShow(workspace, means);
  const sources = await syncApisAndShow(workspace, means);
  const unmapped = await unmappedKinds(workspace.database.app);
  terminal.print(
    landings.length + sources.length === 0
      ? ['No source of the configuration fills the books: nothing to read.']
      : [
          ...(landings.length > 0 ? renderLandings(landings, terminal.page) : []),
          ...renderSourceSyncs(sources, terminal.page),
          ...renderUnmapped(unmapped, terminal.page),
        ],
  );
  terminal.printJson({ landings, sources: sources.map(plain), unmapped });
  return allRead(sources) ? exitCodes.ok : exitCodes.wrong;
}

/** As JSON shows it: errors by their message. */
const plain = (sync: SourceSync): object =>
  'failed' in sync ? { ...sync, failed: problemsOf(sync) } : sync;

/** What was read and is not in the books: the source said it in a form that nobody knows. */
export function renderUnmapped(kinds: readonly UnmappedKind[], page: Page): string[] {
  return kinds
    .map(
      ({ source, account, object, objectId, message, count }) =>
        `${source} ${account}: ${counted(count, object)} not in the books, so what reads such ` +
        `rows gets no verdict (tieout sources). One is ${objectId}: ${message}`,
    )
    .flatMap((line) => ['', ...wrapText(line, page.width)]);
}

/** Lands the files with a bar, and ends with a line that says how much it was. */
export async function syncAndShow(
  workspace: Workspace,
  { session, terminal }: Pick<Means, 'session' | 'terminal'>,
): Promise<Landing[]> {
  const live = new LiveLines(terminal.bars);
  session.onClose(() => live.clear());
  const beganMs = performance.now();
  let line = '';
  live.show(() => [`${line}  ${duration(performance.now() - beganMs)}`]);
  const progress = {
    advance: (done: number, total: number, doing: string): void => {
      line = `  ${bar(Math.floor((done * 20) / total))}  ${doing}`;
    },
  };
  try {
    return await syncFiles(workspace.config, workspace.database, { ...workspace, progress });
  } finally {
    live.clear();
  }
}

export function renderLandings(landings: readonly Landing[], page: Page): string[] {
  const count = (title: string, cell: (landing: Landing) => string) => ({
    title,
    cell: (landing: Landing) => (cell(landing) === '0' ? '·' : groupDigits(cell(landing))),
    align: 'right' as const,
  });
  const rows = landings.reduce((sum, landing) => sum + BigInt(landing.rows), 0n);
  return [
    ...renderTable(
      landings,
      [
        { title: 'file', cell: (landing) => landing.dataset, shrinks: true },
        { title: 'lands in', cell: (landing) => `books.${landing.table}` },
        count('rows', (landing) => landing.rows),
        count('new', (landing) => landing.inserted),
        count('changed', (landing) => landing.changed),
        count('unchanged', (landing) => landing.unchanged),
        count('gone', (landing) => landing.closed),
      ],
      page,
    ),
    '',
    `${counted(landings.length, 'file')}, ${counted(String(rows), 'row')}`,
  ];
}
