import { parseExactJson } from '../../books/exact-json';
import { MappingProblem } from '../../books/mapping';
import { PayloadReader } from '../../books/payload-reader';
import type { SalesforceConnection } from './salesforce-connection';
import { SalesforceFault } from './salesforce-fault';
import { longId } from './mapping/salesforce-values';
import { splitRecords } from './split-records';
import type { KeysetQuery } from './soql';
import { keysetSoql } from './soql';

/** A record as it came, with what its place in a read depends on. */
export interface RawRecord {
  /** 18 characters. */
  id: string;
  /** Of the field that windows go by; as it was written. */
  stamp: string;
  payload: string;
  /** How Salesforce can find its answer again. */
  reference: string;
}

/** What was read so far. */
export interface QueryRead {
  pages: number;
  rows: number;
  references: string[];
}

export const nothingRead = (): QueryRead => ({ pages: 0, rows: 0, references: [] });

/** Thrown when answers contradict themselves: the query cannot be said to be read in full. */
export class IncompleteQuery extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IncompleteQuery';
  }
}

/** How often a read is begun again behind its last record when a cursor is lost. */
const maxRestarts = 10;
/** References that a window keeps: the first ones. */
const keptReferences = 100;

/**
 * Reads every record of a query, deleted ones included, page by page in the order of its key. When
 * a cursor is lost, goes on behind the last record that came. Every cursor must give as many
 * records as it announced (RELIABILITY §3.2). Throws IncompleteQuery and SalesforceFault.
 */
export async function* readQuery(
  connection: SalesforceConnection,
  query: KeysetQuery,
  read: QueryRead,
): AsyncGenerator<RawRecord[]> {
  let last: RawRecord | null = null;
  for (let restarts = 0; ; restarts += 1) {
    try {
      for await (const records of readCursor(connection, query, last, read)) {
        last = records.at(-1) ?? last;
        yield records;
      }
      return;
    } catch (cause) {
      const isLost = cause instanceof SalesforceFault && cause.kind === 'locator';
      if (!isLost || restarts === maxRestarts) throw cause;
    }
  }
}

async function* readCursor(
  connection: SalesforceConnection,
  query: KeysetQuery,
  after: RawRecord | null,
  read: QueryRead,
): AsyncGenerator<RawRecord[]> {
  const soql = keysetSoql(query, after);
  const headers = { 'sforce-query-options': 'batchSize=2000' };
  let path = `/queryAll?q=${encodeURIComponent(soql)}`;
  let rows = 0;
  for (;;) {
    const page = await connection.ask({ path, headers }, ({ body }) => splitRecords(body));
    const reference = path.replace(/^.*\/query(All)?\//, '').replace(/^.*[?].*$/, query.object);
    const records = page.records.map((payload) => recordOf(payload, query, reference));
    refuseDisorder(records, query);
    read.pages += 1;
    rows += records.length;
    read.rows += records.length;
    if (read.references.length < keptReferences && page.next !== null)
      read.references.push(page.next.replace(/^.*\//, ''));
    if (records.length > 0) yield records;
    if (page.next === null) {
      if (rows === page.totalSize) return;
      const says = `${query.object}: ${rows} records came, and ${page.totalSize} were announced`;
      throw new IncompleteQuery(says);
    }
    if (records.length === 0)
      throw new IncompleteQuery(`${query.object}: a page that is not the last holds no record`);
    path = connection.pathOf(page.next);
  }
}

function recordOf(payload: string, { object, stamp }: KeysetQuery, reference: string): RawRecord {
  try {
    const reader = PayloadReader.of(parseExactJson(payload), { object, objectId: 'unknown' });
    const id = longId(reader.text('Id'));
    return { id, stamp: reader.optionalText(stamp) ?? '', payload, reference };
  } catch (cause) {
    if (!(cause instanceof MappingProblem)) throw cause;
    throw new IncompleteQuery(`a record came without what tells it: ${cause.message}`);
  }
}

/** Ids and stamps outside the question: then conditions or the order were not kept. */
function refuseDisorder(records: readonly RawRecord[], { object, range }: KeysetQuery): void {
  if (range === null) return;
  const [from, to] = [new Date(range.from).getTime(), new Date(range.to).getTime()];
  for (const { id, stamp } of records) {
    const at = instantMs(stamp);
    if (at >= from && at < to) continue;
    throw new IncompleteQuery(`${object} ${id} came with ${stamp}, outside the window asked for`);
  }
}

/** `+0000` is a zone that Date reads in this form only by grace. */
export const instantMs = (stamp: string): number =>
  new Date(stamp.replace(/\+0000$/, 'Z')).getTime();
