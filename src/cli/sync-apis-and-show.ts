import { performance } from 'node:perf_hooks';
import type { Unread } from '../books/source-syncs';
import { unreadOf, type SourceSync } from '../sources/source-sync';
import { syncApis } from '../sources/sync-apis';
import type { Means } from './command';
import { LiveLines } from './live-lines';
import type { Workspace } from './open-workspace';
import { bar } from './render-progress';
import { renderTable } from './render-table';
import { counted, duration, groupDigits, wrapText, type Page } from './text-layout';

/** Reads every declared API source with a bar. */
export async function syncApisAndShow(
  { config, database, clock, logger }: Workspace,
  { session, terminal }: Pick<Means, 'session' | 'terminal'>,
): Promise<SourceSync[]> {
  const live = new LiveLines(terminal.bars);
  session.onClose(() => live.clear());
  const beganMs = performance.now();
  let line = '';
  live.show(() => [`${line}  ${duration(performance.now() - beganMs)}`]);
  try {
    return await syncApis(config, database, {
      ...{ clock, logger },
      progress: (name, doing, share) => {
        line = `  ${bar(Math.floor(share * 20))}  ${name}  ${doing}`;
      },
    });
  } finally {
    live.clear();
  }
}

/** What was read, and how much of it is proven, in one line. */
export function describeReading(syncs: readonly SourceSync[]): string {
  const lines = syncs.flatMap(objectLines);
  const sum = (of: (line: ObjectLine) => number): string =>
    groupDigits(String(lines.reduce((total, line) => total + of(line), 0)));
  return (
    `${sum(({ rows }) => Number(rows))} rows of ${lines.length} kinds, ` +
    `${sum(({ closed }) => closed)} of ${sum(({ read }) => read)} windows closed`
  );
}

/** One line per kind of object that something was read of. */
interface ObjectLine {
  name: string;
  object: string;
  rows: number | string;
  read: number;
  closed: number;
}

export function renderSourceSyncs(syncs: readonly SourceSync[], page: Page): string[] {
  const lines = syncs.flatMap(objectLines);
  const count = (n: number | string): string => (String(n) === '0' ? '·' : groupDigits(String(n)));
  const table = renderTable(
    lines,
    [
      { title: 'source', cell: ({ name }) => name },
      { title: 'object', cell: ({ object }) => object, shrinks: true },
      { title: 'rows', cell: ({ rows }) => count(rows), align: 'right' as const },
      { title: 'windows read', cell: ({ read }) => count(read), align: 'right' as const },
      { title: 'closed', cell: ({ closed }) => count(closed), align: 'right' as const },
    ],
    page,
  );
  const problems = syncs.flatMap(problemsOf);
  return [
    ...(lines.length > 0 ? table : []),
    ...problems.flatMap((problem) => ['', ...wrapText(problem, page.width)]),
  ];
}

function objectLines(sync: SourceSync): ObjectLine[] {
  if ('failed' in sync) return [];
  const { name } = sync;
  switch (sync.source) {
    case 'stripe':
      return sync.read.streams
        .filter(({ windowsRead }) => windowsRead > 0)
        .map(({ object, rows, windowsRead, windowsClosed }) => ({
          ...{ name, object, rows, read: windowsRead, closed: windowsClosed },
        }));
    case 'salesforce':
      return sync.read.objects
        .filter(({ windows }) => windows.length > 0)
        .map(({ object, rows, windows }) => ({
          ...{ name, object, rows, read: windows.length },
          closed: windows.filter(({ state }) => state === 'closed').length,
        }));
    case 'warehouse':
      return sync.read.tables.flatMap((table) =>
        table.status === 'landed'
          ? [{ name, object: `books.${table.table}`, rows: table.rows, read: 1, closed: 1 }]
          : [],
      );
  }
}

/** What was not read, or not proven, and why; nothing of it is silent. */
export function problemsOf(sync: SourceSync): string[] {
  const { name } = sync;
  return [
    ...unreadOf(sync).map((unread) => describeUnread(name, unread)),
    ...new Set(unproven(sync).map(({ object, message }) => `${name}: ${object}: ${message}`)),
  ];
}

/** `main: charge was not read in 62 windows from 2024-01-01 to 2026-11-27: why`. */
export function describeUnread(
  name: string,
  { object, windows, from, to, message }: Unread,
): string {
  const what = object === null ? name : `${name}: ${object}`;
  const day = (instant: string | null): string => instant?.slice(0, 10) ?? '';
  if (windows === null) return `${what} was not read: ${message}`;
  const where = `${counted(windows, 'window')} from ${day(from)} to ${day(to)}`;
  return `${what} was not read in ${where}: ${message}`;
}

/** Of what was read. */
function unproven(sync: SourceSync): { object: string; message: string }[] {
  if ('failed' in sync || sync.source === 'warehouse') return [];
  if (sync.source === 'stripe') return sync.read.problems;
  return sync.read.objects.flatMap(({ object, status, reason }) =>
    status === 'read' && reason !== null ? [{ object, message: reason }] : [],
  );
}

/** Whether every declared source was reached and all of it read. */
export const allRead = (syncs: readonly SourceSync[]): boolean =>
  syncs.every((sync) => unreadOf(sync).length === 0);
