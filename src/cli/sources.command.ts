import type { Command } from 'commander';
import { InvalidInput, type Problem } from '../core/problem';
import type { SourcesOverview, SourceStream, UnreadPart } from '../sources/sources.contract';
import { SourcesQueries } from '../sources/sources.queries';
import { action, type Means } from './command';
import { openBooksSetting } from './demo-at-rest';
import { exitCodes } from './exit-code';
import { openWorkspace } from './open-workspace';
import { renderTable } from './render-table';
import { renderWindows, whyOpen } from './render-windows';
import { describeUnread } from './sync-apis-and-show';
import { counted, groupDigits, wrapText } from './text-layout';

export function addSourcesCommand(program: Command): void {
  program
    .command('sources')
    .summary('show what was read of each source, and how far it is proven')
    .description(
      'One line per kind of object: rows, windows read and closed, the instant before which ' +
        'everything is proven and how far that lies behind, and requests. Of one kind, a line ' +
        'per window. A control gives no verdict on a day that is not proven whole.',
    )
    .argument('[source...]', 'a source, or a source and a kind of object: us charge')
    .action(action(sources));
}

async function sources(means: Means, _options: object, of: string[]): Promise<number> {
  const { session } = means;
  const { database, clock } = await openWorkspace(session, openBooksSetting(means));
  const queries = new SourcesQueries(database.app);
  const [name, object, ...more] = of;
  if (more.length > 0) throw new InvalidInput('sources', [tooMany(more)]);
  const streams = (await queries.streams()).filter(
    (stream) =>
      (name === undefined || stream.name === name) &&
      (object === undefined || stream.object === object),
  );
  if (name !== undefined && streams.length === 0)
    throw new InvalidInput('sources', [noSuchStream(of)]);
  return object === undefined
    ? showStreams(means, streams, await queries.unread(name ?? null), clock.now())
    : showWindows(means, streams, queries);
}

const tooMany = (more: readonly string[]): Problem => ({
  message: `${more.join(' ')} is one too many.`,
  remedy: 'Name a source, or a source and one kind of object.',
});

const noSuchStream = (of: readonly string[]): Problem => ({
  message: `nothing was read of ${of.join(' ')} yet.`,
  remedy: 'See tieout sources for what there is.',
});

/** Every window of one kind of object; of two sources of one name, of each. */
async function showWindows(
  { terminal }: Means,
  streams: readonly SourceStream[],
  queries: SourcesQueries,
): Promise<number> {
  const { page } = terminal;
  const shown = [];
  for (const { source, name, object, windows: all } of streams) {
    const windows = await queries.windows({ source, name, object });
    shown.push({ source, name, object, windows });
    terminal.print([
      ...renderWindows(windows, page),
      ...whyOpen(windows).flatMap((line) => ['', ...wrapText(line, page.width)]),
      '',
      windows.length < Number(all)
        ? `the newest ${groupDigits(String(windows.length))} of ${groupDigits(all)} windows`
        : counted(windows.length, 'window'),
    ]);
  }
  terminal.printJson({ streams: shown });
  return exitCodes.ok;
}

function showStreams(
  { terminal }: Means,
  streams: readonly SourceStream[],
  { unread, unread_total }: Pick<SourcesOverview, 'unread' | 'unread_total'>,
  now: string,
): number {
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
      ...renderTable(streams, columnsAt(now), page),
      ...said.flatMap((line) => ['', ...wrapText(line, page.width)]),
      '',
      `${counted(streams.length, 'kind')} of objects`,
    ]);
  }
  terminal.printJson({ streams, unread, unread_total });
  return exitCodes.ok;
}

const digits = (count: string): string => (count === '0' ? '·' : groupDigits(count));

const columnsAt = (now: string) => [
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
  {
    title: 'behind',
    cell: ({ closed_through: through }: SourceStream) =>
      through === null ? '·' : lag(Date.parse(now) - Date.parse(through)),
    align: 'right' as const,
  },
  { title: 'requests', cell: ({ pages }: SourceStream) => digits(pages), align: 'right' as const },
];

/** `25 min`, `30 h`, `12 d`: how far what is proven lies behind. */
function lag(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 72 ? `${hours} h` : `${groupDigits(String(Math.round(hours / 24)))} d`;
}

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
    `${name}: ${object}: ${ids} were compared at ${at} UTC: ${parts.join(', ')}. What is ` +
      `there was read again, what is gone has ended.`,
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
