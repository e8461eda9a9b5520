import type { Command } from 'commander';
import { rebuildSources, type SourceRebuild } from '../sources/rebuild-sources';
import { action, type Means } from './command';
import { exitCodes } from './exit-code';
import { LiveLines } from './live-lines';
import { openSetting, openWorkspace, type Workspace } from './open-workspace';
import { renderTable } from './render-table';
import { counted, groupDigits, type Page } from './text-layout';

export function addBooksCommand(program: Command): void {
  const books = program.command('books').summary('derive the books again from what was kept');
  books
    .command('rebuild')
    .summary('derive every row again from the raw payloads')
    .description(
      'Maps every raw payload of Stripe and Salesforce again, as it was kept at intake, and ' +
        'makes the books so. With --check nothing is changed: each row is compared, column by ' +
        'column; exit code 1 says that a row is missing, has no payload, or differs.',
    )
    .option('--check', 'compare only')
    .action(action(rebuild));
}

async function rebuild(means: Means, options: { check?: boolean }): Promise<number> {
  const { session, terminal, globals } = means;
  const workspace = await openWorkspace(session, openSetting(globals.config));
  const check = options.check === true;
  const rebuilt = await rebuildAndShow(workspace, means, check);
  terminal.print(
    rebuilt.length === 0
      ? ['No Stripe account or Salesforce org was read yet; run tieout sync.']
      : renderRebuilds(rebuilt, check, terminal.page),
  );
  terminal.printJson({ check, sources: rebuilt });
  const unlike = rebuilt.some(({ differences }) => differences !== '0');
  return check && unlike ? exitCodes.wrong : exitCodes.ok;
}

async function rebuildAndShow(
  { config, database, clock }: Workspace,
  { session, terminal }: Pick<Means, 'session' | 'terminal'>,
  check: boolean,
): Promise<SourceRebuild[]> {
  const live = new LiveLines(terminal.bars);
  session.onClose(() => live.clear());
  let line = '';
  live.show(() => [line]);
  try {
    return await rebuildSources(config, database, {
      ...{ clock, check },
      progress: (name, object, objects) => {
        line = `  ${name}  ${object}: ${groupDigits(String(objects))} objects so far`;
      },
    });
  } finally {
    live.clear();
  }
}

function renderRebuilds(rebuilt: readonly SourceRebuild[], check: boolean, page: Page): string[] {
  const number = (title: string, of: (one: SourceRebuild) => string) => ({
    title,
    cell: (one: SourceRebuild) => (of(one) === '0' ? '·' : groupDigits(of(one))),
    align: 'right' as const,
  });
  const rows = rebuilt.flatMap(({ name, listed }) => listed.map((row) => ({ name, ...row })));
  return [
    ...renderTable(
      rebuilt,
      [
        { title: 'source', cell: ({ name }) => name },
        number('objects', ({ objects }) => objects),
        number('rows', (one) => one.rows),
        number('not mapped', ({ problems }) => problems),
        number(check ? 'unlike' : 'changed', ({ differences }) => differences),
      ],
      page,
    ),
    ...(rows.length > 0 ? ['', ...renderTable(rows, differenceColumns, page)] : []),
    '',
    `${counted(rebuilt.length, 'source')} ${check ? 'compared' : 'derived again'}`,
  ];
}

type ListedRow = { name: string } & SourceRebuild['listed'][number];

const differenceColumns = [
  { title: 'source', cell: ({ name }: ListedRow) => name },
  { title: 'row', cell: ({ table, key }: ListedRow) => `books.${table} ${key}`, shrinks: true },
  { title: 'from', cell: ({ object, objectId }: ListedRow) => `${object} ${objectId}` },
  { title: 'is', cell: ({ kind }: ListedRow) => kind },
];
