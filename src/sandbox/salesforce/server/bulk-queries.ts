import { withCaseSuffix } from '../../kit/ids';
import type { SoqlResult } from './soql-result';
import { notFound, SalesforceError } from './salesforce-error';
import { shortId } from './org-schema';
import type { StandInUser } from './stand-in-user';
import { csvLine, restInstant } from './wire-format';

type State = 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Aborted' | 'Failed';

interface Job {
  id: string;
  operation: 'query' | 'queryAll';
  user: StandInUser;
  createdMs: number;
  apiVersion: number;
  state: State;
  /** How many looks at the job until it is complete. */
  looksLeft: number;
  lineEnding: 'LF' | 'CRLF';
  columnDelimiter: string;
  result: SoqlResult;
}

export interface BulkPage {
  csv: string;
  /** 'null' after the last page, as Salesforce writes it. */
  locator: string;
  records: number;
}

const DELIMITERS: Readonly<Record<string, string>> = {
  COMMA: ',',
  SEMICOLON: ';',
  PIPE: '|',
  TAB: '\t',
  CARET: '^',
  BACKQUOTE: '`',
};

/** Query jobs of Bulk API 2.0. A job's rows are those of the instant at which it was created. */
export class BulkQueries {
  private readonly jobs = new Map<string, Job>();

  /**
   * @param looks how often a job is seen InProgress before it is complete
   * @param pageRows rows of a page when maxRecords does not ask for fewer
   */
  constructor(
    private readonly looks: number,
    private readonly pageRows: number,
  ) {}

  create(
    body: Readonly<Record<string, unknown>>,
    context: { user: StandInUser; nowMs: number; apiVersion: number },
    run: (soql: string, withDeleted: boolean) => SoqlResult,
  ): object {
    const { operation, query, lineEnding = 'LF', columnDelimiter = 'COMMA' } = body;
    if (operation !== 'query' && operation !== 'queryAll')
      throw new SalesforceError(400, 'INVALIDJOB', `Invalid operation: ${String(operation)}`);
    if (typeof query !== 'string')
      throw new SalesforceError(400, 'INVALIDJOB', 'A query job needs a query');
    if (typeof columnDelimiter !== 'string' || DELIMITERS[columnDelimiter] === undefined)
      throw new SalesforceError(400, 'INVALIDJOB', 'Unsupported columnDelimiter');
    const number = String(this.jobs.size + 1).padStart(12, '0');
    const job: Job = {
      id: withCaseSuffix(`750${number}`),
      operation,
      user: context.user,
      createdMs: context.nowMs,
      apiVersion: context.apiVersion,
      state: 'UploadComplete',
      looksLeft: this.looks,
      lineEnding: lineEnding === 'CRLF' ? 'CRLF' : 'LF',
      columnDelimiter,
      result: compiled(query, operation === 'queryAll', run),
    };
    this.jobs.set(shortId(job.id), job);
    return described(job);
  }

  /** The job as it stands; each look brings it on. */
  look(id: string): object {
    const job = this.job(id);
    if (job.state === 'UploadComplete' || job.state === 'InProgress') {
      job.state = job.looksLeft > 0 ? 'InProgress' : 'JobComplete';
      job.looksLeft -= 1;
    }
    return { ...described(job), jobType: 'V2Query', ...progress(job) };
  }

  list(): object {
    const records = [...this.jobs.values()].map(described);
    return { done: true, records, nextRecordsUrl: null };
  }

  abort(id: string): object {
    const job = this.job(id);
    if (job.state !== 'UploadComplete' && job.state !== 'InProgress')
      throw new SalesforceError(
        400,
        'INVALIDJOBSTATE',
        `Aborting already ${job.state} Job not allowed`,
      );
    job.state = 'Aborted';
    return described(job);
  }

  delete(id: string): void {
    const job = this.job(id);
    if (job.state === 'UploadComplete' || job.state === 'InProgress')
      throw new SalesforceError(400, 'INVALIDJOBSTATE', 'Deleting a running Job not allowed');
    this.jobs.delete(shortId(id));
  }

  /** One page of results; every page begins with the header row. */
  results(id: string, search: URLSearchParams): BulkPage {
    const job = this.job(id);
    if (job.state !== 'JobComplete')
      throw new SalesforceError(
        400,
        'INVALIDJOBSTATE',
        `Results are not available: the Job is ${job.state}`,
      );
    const asked = Number(search.get('maxRecords') ?? this.pageRows);
    if (!Number.isInteger(asked) || asked < 1)
      throw new SalesforceError(400, 'INVALIDREQUEST', 'maxRecords must be a positive number');
    const start = startOf(search.get('locator'), job.result.rowCount);
    const end = Math.min(start + Math.min(asked, this.pageRows), job.result.rowCount);
    const delimiter = DELIMITERS[job.columnDelimiter] ?? ',';
    const lineEnd = job.lineEnding === 'CRLF' ? '\r\n' : '\n';
    const lines = [csvLine(job.result.columns, delimiter, lineEnd)];
    for (let row = start; row < end; row += 1)
      lines.push(csvLine(job.result.cells(row), delimiter, lineEnd));
    return {
      csv: lines.join(''),
      locator: end < job.result.rowCount ? locatorOf(end) : 'null',
      records: end - start,
    };
  }

  private job(id: string): Job {
    const job = this.jobs.get(shortId(id));
    if (job === undefined) throw notFound();
    return job;
  }
}

/** Checked when the job is made; what Bulk does not do is refused, and the rest is API_ERROR. */
function compiled(
  query: string,
  withDeleted: boolean,
  run: (soql: string, withDeleted: boolean) => SoqlResult,
): SoqlResult {
  if (/\boffset\s+\d+/i.test(query))
    throw new SalesforceError(400, 'API_ERROR', 'OFFSET is not supported in Bulk Query');
  try {
    const result = run(query, withDeleted);
    if (!result.isAggregate) return result;
  } catch (error) {
    if (!(error instanceof SalesforceError)) throw error;
    throw new SalesforceError(400, 'API_ERROR', error.message);
  }
  throw new SalesforceError(400, 'API_ERROR', 'Aggregate queries are not supported in Bulk Query');
}

function described(job: Job): object {
  return {
    id: job.id,
    operation: job.operation,
    object: job.result.object,
    createdById: job.user.id,
    createdDate: restInstant(job.createdMs),
    systemModstamp: restInstant(job.createdMs),
    state: job.state,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: job.apiVersion,
    lineEnding: job.lineEnding,
    columnDelimiter: job.columnDelimiter,
  };
}

const progress = (job: Job): object => ({
  numberRecordsProcessed: job.state === 'JobComplete' ? job.result.rowCount : 0,
  retries: 0,
  totalProcessingTime: job.state === 'JobComplete' ? 1 : 0,
  isPkChunkingSupported: true,
});

const locatorOf = (row: number): string =>
  Buffer.from(String(row)).toString('base64').replaceAll('=', '');

function startOf(locator: string | null, rows: number): number {
  if (locator === null) return 0;
  const text = Buffer.from(locator, 'base64').toString('latin1');
  const row = Number(text);
  if (!/^\d+$/.test(text) || row >= rows || locatorOf(row) !== locator)
    throw new SalesforceError(400, 'INVALIDLOCATOR', `Invalid locator: ${locator}`);
  return row;
}
