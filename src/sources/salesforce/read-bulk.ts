import type { ObjectPlan } from './plan-object';
import type { SalesforceConnection } from './salesforce-connection';
import { SalesforceFault } from './salesforce-fault';
import { parseCsv } from './parse-csv';
import { longId } from './mapping/salesforce-values';
import { IncompleteQuery, type QueryRead, type RawRecord } from './read-query';

const pageRows = 10_000;
const pollMs = 5_000;
/** Two hours, after which a job that goes on is given up. */
const maxPolls = 1_440;

interface Job {
  id: string;
  state: string;
  numberRecordsProcessed?: number;
  errorMessage?: string;
}

/**
 * Reads every record of a query, deleted ones included, by a job of Bulk API 2.0: page by page
 * with the locator, for what jsforce fetches beyond the first page is wrong (it repeats the
 * header). Each page must hold the records it announces, and all of them those of the job. A
 * record is kept as an object of the values as they were written. Throws IncompleteQuery and
 * SalesforceFault.
 */
export async function* readBulk(
  connection: SalesforceConnection,
  soql: string,
  plan: Pick<ObjectPlan, 'object' | 'literals'>,
  read: QueryRead,
  sleep: (ms: number) => Promise<void>,
): AsyncGenerator<RawRecord[]> {
  const job = await finishedJob(connection, soql, plan.object.name, sleep);
  read.references.push(job.id);
  let locator = '';
  let rows = 0;
  do {
    const page = await readPage(connection, job.id, locator);
    const records = page.rows.map((cells) => recordOf(cells, page.columns, plan, job.id));
    rows += records.length;
    read.pages += 1;
    read.rows += records.length;
    if (records.length > 0) yield records;
    locator = page.locator;
  } while (locator !== '');
  if (rows !== (job.numberRecordsProcessed ?? rows)) {
    const says = `${rows} records came, and the job has ${job.numberRecordsProcessed}`;
    throw new IncompleteQuery(`${plan.object.name}: ${says}`);
  }
}

async function finishedJob(
  connection: SalesforceConnection,
  query: string,
  object: string,
  sleep: (ms: number) => Promise<void>,
): Promise<Job> {
  const path = '/jobs/query';
  const body = { operation: 'queryAll', query, contentType: 'CSV', lineEnding: 'LF' };
  let job = await connection.ask({ path, method: 'POST', body }, jobIn);
  for (let polls = 0; job.state !== 'JobComplete'; polls += 1) {
    if (job.state === 'Failed' || job.state === 'Aborted' || polls === maxPolls) {
      const says = `job ${job.id} is ${job.state}: ${job.errorMessage ?? 'without a reason'}`;
      throw new SalesforceFault('refused', 'bulk_job', `${path} ${object}`, says);
    }
    await sleep(pollMs);
    job = await connection.ask({ path: `${path}/${job.id}` }, jobIn);
  }
  return job;
}

function jobIn({ body }: { body: string }): Job | null {
  try {
    const job = JSON.parse(body) as Partial<Job> | null;
    return job?.id !== undefined && job.state !== undefined
      ? { ...job, id: job.id, state: job.state }
      : null;
  } catch {
    return null;
  }
}

interface CsvPage {
  columns: string[];
  rows: string[][];
  locator: string;
}

function readPage(
  connection: SalesforceConnection,
  job: string,
  locator: string,
): Promise<CsvPage> {
  const from = locator === '' ? '' : `&locator=${encodeURIComponent(locator)}`;
  const path = `/jobs/query/${job}/results?maxRecords=${pageRows}${from}`;
  return connection.ask({ path, headers: { accept: 'text/csv' } }, ({ body, headers }) => {
    const [columns, ...rows] = parseCsv(body) ?? [];
    const announced = Number(headers['sforce-numberofrecords'] ?? rows.length);
    if (columns === undefined || rows.length !== announced) return null;
    if (rows.some((cells) => cells.length !== columns.length)) return null;
    const next = headers['sforce-locator'] ?? 'null';
    return { columns, rows, locator: next === 'null' ? '' : next };
  });
}

interface Fields {
  [name: string]: string | Fields;
}

function recordOf(
  cells: readonly string[],
  columns: readonly string[],
  { object, literals }: Pick<ObjectPlan, 'object' | 'literals'>,
  reference: string,
): RawRecord {
  const fields: Fields = {};
  columns.forEach((column, index) => {
    const [name = '', ...below] = column.split('.').reverse();
    let place = fields;
    for (const step of below.reverse()) {
      const inner = place[step];
      place = place[step] = typeof inner === 'object' ? inner : {};
    }
    const cell = cells[index] ?? '';
    place[name] = below.length === 0 && literals.has(name) ? literal(cell) : text(cell);
  });
  const at = (name: string): string => cells[columns.indexOf(name)] ?? '';
  const id = longId(at('Id'));
  if (id === '') throw new IncompleteQuery(`${object.name}: a record came without an Id`);
  return { id, stamp: at(object.stamp), payload: json(fields), reference };
}

const text = (cell: string): string => (cell === '' ? 'null' : JSON.stringify(cell));
const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Digits and flags as REST writes them; anything else stays a text. */
const literal = (cell: string): string =>
  number.test(cell) || cell === 'true' || cell === 'false' ? cell : text(cell);

/** Related records of which nothing came are null, as in an answer of REST. */
function json(fields: Fields): string {
  const parts = Object.entries(fields).map(([name, value]) => {
    const own = typeof value === 'string' ? value : isEmpty(value) ? 'null' : json(value);
    return `${JSON.stringify(name)}:${own}`;
  });
  return `{${parts.join(',')}}`;
}

const isEmpty = (fields: Fields): boolean =>
  Object.values(fields).every((value) =>
    typeof value === 'string' ? value === 'null' : isEmpty(value),
  );
