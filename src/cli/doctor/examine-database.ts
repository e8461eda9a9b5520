import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Client } from 'pg';
import type { Clock } from '../../platform/clock';
import { packageRoot } from '../../platform/database/bootstrap';
import { errorCode } from '../../platform/database/error-code';
import type { Database } from '../../platform/database/open-database';
import { counted, duration } from '../text-layout';
import { fail, ok, warn, type Diagnosis } from './diagnosis';

const greatestSkewMs = 5_000;
/** insufficient_privilege: the answer that every attempt of the reader must get. */
const notPermitted = '42501';
/** undefined_table, invalid_schema_name: nothing is there yet that could be written. */
const notThere = ['42P01', '3F000'];

export async function examineRoles(database: Database): Promise<Diagnosis> {
  await database.app.raw('select 1');
  await (await database.owner()).end();
  await (await database.reader()).end();
  return ok('roles', 'app, owner and reader log in');
}

/** What a reader that were too powerful could do; each is tried and rolled back. */
const attempts = {
  'insert into books.extracts': 'insert into books.extracts default values',
  'delete from books.extracts': 'delete from books.extracts',
  'read tieout.api_tokens': 'select from tieout.api_tokens',
  'create a table in books': 'create table books.doctor_was_here (n integer)',
  'create a temporary table': 'create temporary table doctor_was_here (n integer)',
  'create a schema': 'create schema doctor_was_here',
};

/** The read-only default of its sessions is lifted first: only its rights stand in the way. */
export async function examineReader(database: Pick<Database, 'reader'>): Promise<Diagnosis> {
  const about = 'reader';
  const reader = await database.reader();
  try {
    const allowed: string[] = [];
    for (const [name, sql] of Object.entries(attempts))
      if (await isAllowed(reader, sql)) allowed.push(name);
    if (allowed.length === 0) return ok(about, 'sees schema books, and can write nothing');
    const remedy = 'Run bootstrap.sql as a superuser again; it takes these rights away.';
    return fail(about, `The reader may ${allowed.join(', ')}.`, remedy);
  } finally {
    await reader.end();
  }
}

async function isAllowed(reader: Client, sql: string): Promise<boolean> {
  await reader.query('begin read write');
  try {
    await reader.query(sql);
    return true;
  } catch (cause) {
    const code = errorCode(cause) ?? '';
    if (code === notPermitted || notThere.includes(code)) return false;
    throw cause;
  } finally {
    await reader.query('rollback');
  }
}

/** Compares what was applied with the files of this release, without applying anything. */
export async function examineMigrations({ app }: Database): Promise<Diagnosis> {
  const about = 'migrations';
  const folder = path.join(packageRoot, 'migrations');
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => ({ name, sha256: sha256Of(path.join(folder, name)) }));
  const { rows: known } = await app.raw<{ rows: { there: boolean }[] }>(
    `select to_regclass('tieout.migrations') is not null as there`,
  );
  if (!known[0]?.there)
    return warn(about, 'The database is empty.', 'Run tieout sync, run or serve: it fills it.');
  const { rows: applied } = await app.raw<{ rows: { name: string; sha256: string }[] }>(
    'select name, sha256 from tieout.migrations',
  );
  const strange = applied.filter(
    (one) => !files.some((file) => file.name === one.name && file.sha256 === one.sha256),
  );
  if (strange.length > 0)
    return fail(
      about,
      `${strange.map(({ name }) => name).join(', ')} was applied and is not of this release.`,
      'Start the release that brought it, or a later one.',
    );
  const missing = files.length - applied.length;
  if (missing === 0) return ok(about, `${counted(applied.length, 'migration')}, current`);
  return warn(
    about,
    `${counted(missing, 'migration')} of this release are not applied yet.`,
    'Run tieout sync, run or serve: it applies them.',
  );
}

const sha256Of = (file: string): string =>
  createHash('sha256').update(readFileSync(file)).digest('hex');

/** Leases and evidence carry the database's time, runs this machine's. */
export async function examineClocks({ app }: Database, clock: Clock): Promise<Diagnosis> {
  const before = Date.parse(clock.now());
  const { rows } = await app.raw<{ rows: { ms: string }[] }>(
    `select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as ms`,
  );
  const middle = (before + Date.parse(clock.now())) / 2;
  const skewMs = Math.round(Math.abs(Number(rows[0]?.ms) - middle));
  const about = 'clocks';
  if (skewMs < greatestSkewMs) return ok(about, `here and in Postgres ${duration(skewMs)} apart`);
  const message = `This machine and Postgres are ${duration(skewMs)} apart.`;
  return fail(about, message, 'Set both by NTP.');
}
