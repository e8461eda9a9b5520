import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Knex } from 'knex';
import type { Client, QueryResult } from 'pg';
import type { Severity } from '../core/outcome';
import { transactionClient } from '../platform/database/connect';
import { copyIn } from '../platform/database/copy';
import {
  copyFindingRowsSql,
  exceptionId,
  findingRow,
  findingRowsSql,
  type WrittenFinding,
} from './finding-row';

/** One control, entity and period: the scope in which exceptions open and clear. */
export interface ExceptionScope {
  control: string;
  entity: string;
  period: string;
}

/** The run whose findings are recorded. */
export interface FindingRun {
  runId: string;
  at: string;
  /** 'YYYY-MM-DD'; what was accepted or is expected until a day holds up to it. */
  asOf: string;
  /** What it looked for, as procedure/code: nothing else can be cleared by it. */
  asked: readonly string[];
  /** When an exception of a severity that opens now is due. */
  dueOn: Record<Severity, string>;
}

export interface ExceptionChanges {
  opened: number;
  reopened: number;
  changed: number;
  seen: number;
  cleared: number;
}

/** Findings that Postgres gets together: it keeps so many in its temp_buffers of usual size. */
const BATCH_FINDINGS = 2048;
/** Of the first batch: Postgres shall not wait long for something to do. Later ones double. */
const FIRST_FINDINGS = 256;

const readSql = (name: string): string => readFileSync(path.join(__dirname, name), 'utf8');
const recordSql = readSql('record-findings.sql');
const clearSql = readSql('clear-findings.sql');

/**
 * Findings on their way into the exceptions of a scope, within the transaction that will record
 * their run: Postgres takes some while those after them are still being read. What it refuses is
 * thrown at the end, where the run is recorded; a verdict does not depend on it.
 */
export class FindingIntake {
  private readonly changes = { opened: 0, reopened: 0, changed: 0, seen: 0, cleared: 0 };
  private readonly atMs: number;
  private rows = '';
  private inBatch = 0;
  private batchFindings = FIRST_FINDINGS;
  private random = '';
  private taken = 0;
  private underWay = Promise.resolve();
  private failure: { cause: unknown } | undefined;

  private constructor(
    private readonly client: Client,
    at: string,
  ) {
    this.atMs = Date.parse(at);
  }

  /** The caller owns the transaction. */
  static async open(
    trx: Knex.Transaction,
    scope: ExceptionScope,
    run: FindingRun,
  ): Promise<FindingIntake> {
    const client = await transactionClient(trx);
    await client.query(findingRowsSql);
    const settings = {
      'tieout.run': run.runId,
      'tieout.at': run.at,
      'tieout.as_of': run.asOf,
      'tieout.due': JSON.stringify(run.dueOn),
      'tieout.asked': JSON.stringify(run.asked),
      'tieout.control': scope.control,
      'tieout.entity': scope.entity,
      'tieout.period': scope.period,
    };
    for (const [name, value] of Object.entries(settings))
      await client.query('select set_config($1, $2, true)', [name, value]);
    return new FindingIntake(client, run.at);
  }

  /**
   * A promise is to be waited for: until Postgres has the batch. Sending it is no work, but stops
   * with each piece while this process computes, and the server would wait instead of recording.
   */
  add(finding: WrittenFinding): Promise<void> | undefined {
    if (this.inBatch === 0) this.random = randomBytes(BATCH_FINDINGS * 6).toString('hex');
    const random = this.random.slice(this.inBatch * 12, this.inBatch * 12 + 12);
    this.rows += findingRow(exceptionId(this.atMs, this.taken, random), finding);
    this.taken += 1;
    this.inBatch += 1;
    return this.inBatch < this.batchFindings ? undefined : this.flush();
  }

  /** Records what is left, and clears what the run no longer found. */
  async finish(expected: number): Promise<ExceptionChanges> {
    await this.flush();
    await this.underWay;
    if (this.failure) throw this.failure.cause;
    if (this.taken !== expected)
      throw new Error(`${this.taken} of ${expected} findings were taken`);
    const { opened, reopened, changed, seen } = this.changes;
    if (opened + reopened + changed + seen !== expected)
      throw new Error('not every finding became an event');
    this.changes.cleared = Number(countsOf(await this.client.query(clearSql))[0]?.n ?? 0);
    return this.changes;
  }

  /** Resolves once Postgres has nothing of it at work. */
  settle(): Promise<void> {
    return this.underWay;
  }

  /** Sends what is left of a batch; resolves once Postgres has it, and records it meanwhile. */
  flush(): Promise<void> {
    const { rows, inBatch } = this;
    this.rows = '';
    this.inBatch = 0;
    this.batchFindings = Math.min(this.batchFindings * 2, BATCH_FINDINGS);
    if (inBatch === 0) return this.underWay;
    const sent = this.underWay.then(() => this.attempt(() => this.send(rows)));
    this.underWay = sent.then(() => this.attempt(() => this.record()));
    return sent;
  }

  private async send(rows: string): Promise<void> {
    await copyIn(this.client, copyFindingRowsSql, [rows]);
  }

  private async record(): Promise<void> {
    for (const { kind, n } of countsOf(await this.client.query(recordSql)))
      this.changes[kind] += Number(n);
  }

  /** After a refusal nothing more is tried. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    if (this.failure) return;
    try {
      await work();
    } catch (cause) {
      this.failure = { cause };
    }
  }
}

interface Count {
  kind: keyof ExceptionChanges;
  n: string;
}

/** Of several statements, the only one that returns rows. */
function countsOf(results: unknown): Count[] {
  const all = (Array.isArray(results) ? results : [results]) as QueryResult<Count>[];
  return all.flatMap(({ rows }) => rows);
}
