import type { CurrencyTotal } from '../../books/record-extract';
import type { SourceTotal } from '../../books/window-state';
import { addAmounts, normalizeAmount } from '../../core/money';
import { secondsOf, type Span } from './plan-windows';
import type { Sleep } from './rate-limiter';
import type { StripeConnection } from './stripe-connection';
import { StripeFault } from './stripe-fault';

/** The balance's changes by currency and category, without payouts; amounts in major units (S2). */
export const activityReport = 'balance_change_from_activity.summary.1';
/** Opening balance, changes and closing balance, by currency. */
export const summaryReport = 'balance.summary.1';

const pollMs = 3000;
const mostPolls = 200;
const mostDownloads = 5;

export type ReportRow = Readonly<Record<string, string>>;

/** Reports of one account: asked for, waited for, and taken as rows. */
export class BalanceReports {
  private availableEnd: Promise<Map<string, number>> | null = null;

  constructor(
    private readonly connection: StripeConnection,
    private readonly sleep: Sleep,
  ) {}

  /** Seconds through which Stripe has the data of a report; null when it has no such report. */
  async dataThrough(type: string): Promise<number | null> {
    this.availableEnd ??= this.types();
    return (await this.availableEnd).get(type) ?? null;
  }

  /** The rows of a report over whole seconds of UTC; the end is not itself of it. */
  async rows(type: string, { from, to }: { from: number; to: number }): Promise<ReportRow[]> {
    const endpoint = 'POST /v1/reporting/report_runs';
    const asked = await this.connection.ask(endpoint, (stripe) =>
      stripe.reporting.reportRuns.create({
        report_type: type,
        parameters: { interval_start: from, interval_end: to, timezone: 'Etc/UTC' },
      }),
    );
    let run = JSON.parse(asked.body) as ReportRun;
    for (let polls = 0; run.status === 'pending' && polls < mostPolls; polls += 1) {
      if (polls > 0) await this.sleep(pollMs);
      const at = 'GET /v1/reporting/report_runs/:id';
      const { id } = run;
      const answer = await this.connection.ask(at, (stripe) =>
        stripe.reporting.reportRuns.retrieve(id),
      );
      run = JSON.parse(answer.body) as ReportRun;
    }
    if (run.status !== 'succeeded' || typeof run.result?.url !== 'string')
      throw new ReportNotMade(`Stripe left the report ${type} ${run.status}`);
    const { url, size } = run.result;
    return this.download(type, url, typeof size === 'number' ? size : 0);
  }

  /** A file that is shorter than Stripe says was cut off on its way: asked for again. */
  private async download(type: string, url: string, size: number): Promise<ReportRow[]> {
    for (let tries = 0; tries < mostDownloads; tries += 1) {
      const file = await this.connection.download('GET /v1/files/:id/contents', url);
      // A byte order mark is not part of the text.
      if (Buffer.byteLength(file.body) + 3 < size) continue;
      const rows = csvRows(file.body);
      if (rows.every(isSound)) return rows;
    }
    throw new ReportNotMade(`Stripe did not give the report ${type} whole`);
  }

  private async types(): Promise<Map<string, number>> {
    const endpoint = 'GET /v1/reporting/report_types';
    const answer = await this.connection.ask(endpoint, (stripe) =>
      stripe.reporting.reportTypes.list(),
    );
    const { data } = JSON.parse(answer.body) as { data: ReportType[] };
    return new Map(data.map(({ id, data_available_end: end }) => [id, end]));
  }
}

interface ReportRun {
  id: string;
  status: string;
  result: { url?: unknown; size?: unknown } | null;
}

interface ReportType {
  id: string;
  data_available_end: number;
}

/** Whether there is a number wherever one belongs. */
const isSound = (row: ReportRow): boolean =>
  ['count', 'net', 'net_amount'].every((name) => /^-?\d+(\.\d+)?$/.test(row[name] ?? '0'));

/** A report that was asked for in vain. */
export class ReportNotMade extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReportNotMade';
  }
}

/** What the activity of a window adds up to in Stripe's own report, by currency. */
export async function activityOf(reports: BalanceReports, window: Span): Promise<SourceTotal> {
  const range = secondsOf(window);
  const query = `${activityReport} from ${window.from} to ${window.to}, UTC`;
  try {
    const through = await reports.dataThrough(activityReport);
    if (through === null) return unavailable(`Stripe offers no report ${activityReport}`);
    if (range.to > through) return unavailable(notYet(through));
    const totals = new Map<string, { rows: bigint; amount: string }>();
    for (const row of await reports.rows(activityReport, range)) {
      const currency = (row['currency'] ?? '').toUpperCase();
      const sum = totals.get(currency) ?? { rows: 0n, amount: '0' };
      sum.rows += BigInt(row['count'] ?? '0');
      sum.amount = addAmounts(sum.amount, row['net'] ?? '0');
      totals.set(currency, sum);
    }
    return { status: 'agrees', totals: listed(totals), query };
  } catch (cause) {
    return unavailable(whyNot(cause));
  }
}

const unavailable = (reason: string): SourceTotal => ({ status: 'unavailable', reason });

const notYet = (through: number): string =>
  `Stripe has the data of its reports through ${new Date(through * 1000).toISOString()} only`;

/** Why there is no report, in words; what is no answer of Stripe's is thrown on. */
export function whyNot(cause: unknown): string {
  if (cause instanceof ReportNotMade) return cause.message;
  if (cause instanceof StripeFault) return `the report was not given: ${cause.message}`;
  throw cause;
}

export const listed = (
  totals: ReadonlyMap<string, { rows: bigint; amount: string }>,
): CurrencyTotal[] =>
  [...totals]
    .map(([currency, { rows, amount }]) => ({ currency, rows: String(rows), amount }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));

/** Whether totals are the same, whatever zeros they are written with. */
export function agree(a: readonly CurrencyTotal[], b: readonly CurrencyTotal[]): boolean {
  const text = (totals: readonly CurrencyTotal[]): string =>
    totals
      .map(({ currency, rows, amount }) => `${currency} ${rows} ${normalizeAmount(amount)}`)
      .sort()
      .join('\n');
  return text(a) === text(b);
}

/** Rows of a CSV by the names in its first line. Quoted cells may hold commas and line ends. */
export function csvRows(text: string): ReportRow[] {
  const lines: string[][] = [];
  let [cells, cell, at]: [string[], string, number] = [[], '', 0];
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === '"') {
      const end = endOfQuoted(text, at);
      cell += text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
      continue;
    }
    if (character === ',' || character === '\n') {
      cells.push(cell);
      cell = '';
    } else if (character !== '\r') cell += character;
    if (character === '\n') {
      lines.push(cells);
      cells = [];
    }
    at += 1;
  }
  if (cell !== '' || cells.length > 0) lines.push([...cells, cell]);
  const [header = [], ...rows] = lines;
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ''])));
}

function endOfQuoted(text: string, begin: number): number {
  for (let at = text.indexOf('"', begin + 1); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at;
  return text.length;
}
