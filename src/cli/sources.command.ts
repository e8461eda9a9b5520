import type { Command } from 'commander';
import type { SourceStream, UnreadPart } from '../sources/sources.contract';
import { SourcesQueries } from '../sources/sources.queries';
import { action, type Means } from './command';
import { openBooksSetting } from './demo-at-rest';
import { exitCodes } from './exit-code';
import { openWorkspace } from './open-workspace';
import { renderTable } from './render-table';
import { describeUnread } from './sync-apis-and-show';
import { counted, groupDigits, wrapText } from './text-layout';

export function addSourcesCommand(program: Command): void {
  program
    .command('sources')
    .summary('show what was read of each source, and how far it is proven')
    .description(
      'One line per kind of object: rows, windows read and closed, and the instant before which ' +
        'everything is proven. A control gives no verdict on a day that is not proven whole.',
    )
    .action(action(sources));
}

async function sources(means: Means): Promise<number> {
  const { session, terminal } = means;
  const { database } = await openWorkspace(session, openBooksSetting(means));
  const queries = new SourcesQueries(database.app);
  const streams = await queries.streams();
  const { unread, unread_total } = await queries.unread();
  const { page } = terminal;
  const said = [
    ...unreadLines(unread, unread_total),
    ...streams.flatMap(differing),
    ...reasons(streams),
  ];
  if (streams.length === 0) {
    terminal.print(['No window of any source was read yet; run tieout sync.']);
    terminal.print(said.flatMap((line) => ['', ...wrapText(line, page.width)]));
  } else {
    terminal.print([
      ...renderTable(streams, columns, page),
      ...said.flatMap((line) => ['', ...wrapText(line, page.width)]),
      '',
      `${counted(streams.length, 'kind')} of objects`,
    ]);
  }
  terminal.printJson({ streams, unread, unread_total });
  return exitCodes.ok;
}

const digits = (count: string): string => (count === '0' ? '·' : groupDigits(count));

const columns = [
  { title: 'source', cell: ({ name }: SourceStream) => name },
  { title: 'object', cell: ({ object }: SourceStream) => object, shrinks: true },
  { title: 'rows', cell: ({ rows }: SourceStream) => digits(rows), align: 'right' as const },
  {
    title: 'closed',
    cell: ({ closed, windows }: SourceStream) => `${digits(closed)} of ${digits(windows)}`,
    align: 'right' as const,
  },
  {
    title: 'proven before',
    cell: ({ closed_through: through }: SourceStream) => through?.replace(/\.\d+Z$/, 'Z') ?? '·',
  },
];

/** What the last sync left out stands first: of most of it no line of the table tells. */
function unreadLines(unread: readonly UnreadPart[], total: string): string[] {
  const lines = unread.map(
    ({ name, object, message, windows, from_at: from, to_at: to, told_at: at }) =>
      `${at.slice(0, 16).replace('T', ' ')} UTC: ` +
      describeUnread(name, {
        ...{ object, message, from, to },
        windows: windows === null ? null : Number(windows),
      }),
  );
  const more = BigInt(total) - BigInt(unread.length);
  return more === 0n ? lines : [...lines, `and ${groupDigits(String(more))} more.`];
}

/** What no window had told: found by the last comparison of all ids. */
function differing({ name, object, last_comparison: last }: SourceStream): string[] {
  if (last === null) return [];
  const found = [
    [last.missed, 'never read until then'],
    [last.gone, 'gone without a trace'],
    [last.stale, 'held in another version'],
  ] as const;
  const parts = found.flatMap(([n, what]) => (n === '0' ? [] : [`${groupDigits(n)} ${what}`]));
  if (parts.length === 0) return [];
  const at = last.compared_at.slice(0, 16).replace('T', ' ');
  const ids = counted(Number(last.given), 'id');
  return [
    `${name}: ${object}: ${ids} were compared at ${at} UTC: ${parts.join(', ')}. All of it was ` +
      `read again.`,
  ];
}

/** Each reason once, with the objects whose first open window it holds. */
function reasons(streams: readonly SourceStream[]): string[] {
  const held = new Map<string, string[]>();
  for (const { name, object, open_because: reason } of streams) {
    if (reason === null) continue;
    held.set(reason, [...(held.get(reason) ?? []), `${name} ${object}`]);
  }
  return [...held].map(([reason, objects]) => `Open, because ${reason}: ${objects.join(', ')}`);
}
