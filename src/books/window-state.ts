import type { CurrencyTotal } from './record-extract';

/** What the source itself says it holds of a window, asked in another way than by reading it. */
export type SourceTotal =
  | {
      status: 'agrees' | 'differs';
      totals: readonly CurrencyTotal[];
      /** The question, word by word. */
      query: string;
      /** What differs, in words, where the totals do not show it. */
      said?: string;
    }
  | { status: 'unavailable'; reason: string };

/** A window as it was read once. */
export interface WindowFacts {
  /** Half-open; ISO 8601, UTC. */
  from: string;
  to: string;
  rows: string;
  idSetSha256: string;
  totals: readonly CurrencyTotal[];
  sourceTotal: SourceTotal;
  startedAt: string;
  finishedAt: string;
  /**
   * True where an item leaves its window by changing (windows by last change): ids are counted with
   * those that moved on, totals cannot be, and the change shows in the window it moved to.
   */
  itemsMoveOn?: boolean;
}

export interface EarlierRead {
  readNo: number;
  state: 'open' | 'closed';
  idSetSha256: string;
  totals: readonly CurrencyTotal[];
  startedAt: string;
  finishedAt: string;
}

export type WindowState = { state: 'closed' } | { state: 'open'; reason: string };

/** Two reads closer together may both miss what became visible late (RELIABILITY §3). */
export const apartMs = 600_000;

/**
 * Whether a read closes its window: its end is behind the safe watermark, another read at least ten
 * minutes before gave the same ids and totals, and the source's own total agrees or cannot be
 * asked. A window that was closed and is found different is open again: it drifted.
 */
export function windowState(
  read: WindowFacts,
  earlier: EarlierRead | null,
  /** Before this instant nothing can appear any more; ISO 8601, UTC. */
  safeThrough: string,
): WindowState {
  const open = (reason: string): WindowState => ({ state: 'open', reason });
  if (instant(read.to) > instant(safeThrough))
    return open(`it ends at ${read.to}, and only what is before ${safeThrough} is settled`);
  if (read.sourceTotal.status === 'differs')
    return open(`the source's own total differs: ${differences(read)}`);
  if (!earlier) return open('it was read once; a second read must give the same ids');
  const sameIds = earlier.idSetSha256 === read.idSetSha256;
  const sameTotals = equalTotals(earlier.totals, read.totals);
  if (earlier.state === 'closed' && !(sameIds && sameTotals))
    return open(
      `it was closed by read ${earlier.readNo}, and now has other ${sameIds ? 'totals' : 'ids'}`,
    );
  if (earlier.state === 'closed') return { state: 'closed' };
  if (!sameIds) return open(`read ${earlier.readNo} gave other ids`);
  if (!sameTotals && read.itemsMoveOn !== true)
    return open(`read ${earlier.readNo} gave other totals`);
  if (instant(read.startedAt) - instant(earlier.finishedAt) < apartMs)
    return open(`read ${earlier.readNo} was less than ten minutes before`);
  return { state: 'closed' };
}

const instant = (text: string): number => new Date(text).getTime();

function differences({ totals, sourceTotal }: WindowFacts): string {
  if (sourceTotal.status === 'unavailable') return sourceTotal.reason;
  if (sourceTotal.said !== undefined) return sourceTotal.said;
  const own = new Map(sourceTotal.totals.map((one) => [one.currency, one]));
  const read = new Map(totals.map((one) => [one.currency, one]));
  const said = [...new Set([...own.keys(), ...read.keys()])].sort().flatMap((currency) => {
    const [a, b] = [read.get(currency), own.get(currency)];
    if (a?.amount === b?.amount && a?.rows === b?.rows) return [];
    const shown = (one?: CurrencyTotal): string => (one ? `${one.amount} in ${one.rows}` : 'none');
    return [`${currency} ${shown(a)} read, ${shown(b)} there`];
  });
  return said.length > 0 ? said.join('; ') : 'in what it counts';
}

function equalTotals(a: readonly CurrencyTotal[], b: readonly CurrencyTotal[]): boolean {
  const text = (totals: readonly CurrencyTotal[]): string =>
    totals
      .map(({ currency, rows, amount }) => `${currency} ${rows} ${amount}`)
      .sort()
      .join('\n');
  return text(a) === text(b);
}
