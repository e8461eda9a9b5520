import type { SoqlResult } from './soql-result';
import { invalidLocator, SalesforceError } from './salesforce-error';

interface Cursor {
  result: SoqlResult;
  userId: string;
  pageRows: number;
  createdMs: number;
}

const MIN_BATCH = 200;
const MAX_BATCH = 2_000;
/** Since API v56 (Salesforce Developer Limits): two days, and no limit on how many are open. */
const CURSOR_LIFE_MS = 2 * 86_400_000;

/** Pages of query answers. A cursor holds the rows of the instant at which the query ran. */
export class QueryCursors {
  private readonly cursors = new Map<string, Cursor>();
  private made = 0;

  /** @param maxPageRows pages are never longer, whatever the client asks for */
  constructor(private readonly maxPageRows: number) {}

  /** The first page. `queryOptions` is the Sforce-Query-Options header: 'batchSize=200'. */
  first(
    result: SoqlResult,
    context: { userId: string; nowMs: number; basePath: string; queryOptions: string },
  ): string {
    const pageRows = Math.min(batchSize(context.queryOptions), this.maxPageRows);
    this.made += 1;
    const id = `01gQk0000${String(this.made).padStart(6, '0')}AAA`;
    const cursor = {
      result,
      userId: context.userId,
      pageRows,
      createdMs: context.nowMs,
    };
    if (result.rowCount > pageRows) {
      if (result.isAggregate) throw noQueryMore();
      this.cursors.set(id, cursor);
    }
    return pageOf(id, cursor, 0, context.basePath);
  }

  /** The page that a locator such as '01g…AAA-2000' stands for. */
  more(locator: string, context: { userId: string; nowMs: number; basePath: string }): string {
    const [, id = '', offset = ''] = /^(\w+)-(\d+)$/.exec(locator) ?? [];
    const cursor = this.cursors.get(id);
    const isOpen =
      cursor !== undefined &&
      cursor.userId === context.userId &&
      context.nowMs - cursor.createdMs < CURSOR_LIFE_MS &&
      Number(offset) < cursor.result.rowCount;
    if (!isOpen) throw invalidLocator();
    return pageOf(id, cursor, Number(offset), context.basePath);
  }

  /** As if its time were over. */
  expire(locator: string): void {
    this.cursors.delete(locator.split('-')[0] ?? '');
  }
}

function batchSize(queryOptions: string): number {
  const asked = Number(/batchSize=(\d+)/i.exec(queryOptions)?.[1] ?? MAX_BATCH);
  return Math.min(Math.max(asked, MIN_BATCH), MAX_BATCH);
}

function pageOf(id: string, cursor: Cursor, start: number, basePath: string): string {
  const { result, pageRows } = cursor;
  const end = Math.min(start + pageRows, result.rowCount);
  const records: string[] = [];
  for (let row = start; row < end; row += 1) records.push(result.json(row));
  const isDone = end >= result.rowCount;
  const next = isDone ? '' : `"nextRecordsUrl":"${basePath}/query/${id}-${end}",`;
  const head = `"totalSize":${result.totalSize},"done":${isDone},${next}`;
  return `{${head}"records":[${records.join(',')}]}`;
}

const noQueryMore = (): SalesforceError =>
  new SalesforceError(
    400,
    'EXCEEDED_ID_LIMIT',
    'Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single ' +
      'batch',
  );
