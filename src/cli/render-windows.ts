import { formatAmount } from '../core/money';
import type { SourceWindow } from '../sources/sources.contract';
import { renderTable } from './render-table';
import { counted, groupDigits, type Page } from './text-layout';

type Total = SourceWindow['totals'][number];

const proofs = { agrees: 'agrees', differs: 'differs', unavailable: 'not told' } as const;

/** `2026-06-30 21:05Z`; windows begin and end on whole minutes, or say their seconds. */
const minute = (instant: string): string =>
  instant.replace('T', ' ').replace(/(?<=:\d\d)(:00)?(\.0+)?Z$/, 'Z');

const amountOf = ({ currency, amount }: Total): string =>
  currency === '' ? '' : `${formatAmount(amount, currency)} ${currency}`;

/** Every window of one kind of object, newest first: what was read, and what proves it. */
export function renderWindows(windows: readonly SourceWindow[], page: Page): string[] {
  return renderTable(
    windows,
    [
      { title: 'from', cell: ({ from_at: at }) => minute(at) },
      { title: 'to', cell: ({ to_at: at }) => minute(at) },
      { title: 'rows', cell: ({ rows }) => groupDigits(rows), align: 'right' as const },
      {
        title: 'totals',
        cell: ({ totals }) => totals.map(amountOf).join(', '),
        align: 'right' as const,
        shrinks: true,
      },
      { title: 'by source', cell: ({ source_total: total }) => proofs[total] },
      { title: 'reads', cell: ({ reads }) => reads, align: 'right' as const },
      { title: 'requests', cell: ({ pages }) => groupDigits(pages), align: 'right' as const },
      { title: 'state', cell: ({ state }) => state },
    ],
    page,
  );
}

/** Each reason once, with the windows that it keeps open. */
export function whyOpen(windows: readonly SourceWindow[]): string[] {
  const held = new Map<string, string[]>();
  for (const { from_at: from, state_reason: reason } of windows)
    if (reason !== null) held.set(reason, [...(held.get(reason) ?? []), minute(from)]);
  return [...held].map(([reason, from]) => {
    const where = from.length === 1 ? `from ${from[0]}` : `from ${from.at(-1)} on`;
    return `${counted(from.length, 'window')} ${where} open, because ${reason}.`;
  });
}
