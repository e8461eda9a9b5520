import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Client } from 'pg';
import { InvalidInput, type Problem } from '../../core/problem';
import { packageRoot } from './bootstrap';

interface Migration {
  name: string;
  sha256: string;
  sql: string;
}

const fileName = /^\d{4}_[a-z0-9_]+\.sql$/;

/**
 * Brings the database forward to the files of `folder`, as its owner, and gives the names applied
 * now. Each file runs in a transaction of its own together with its record, under a lock that lets
 * two starting servers take turns. Throws InvalidInput, with nothing further applied, when a file
 * that was applied has changed, is gone, or would now come after a later one.
 *
 * Not knex's migrations: they keep no hash of what was applied, and their lock is a row that a
 * killed process leaves behind for a person to delete.
 */
export async function migrate(
  database: { owner(): Promise<Client> },
  folder: string = path.join(packageRoot, 'migrations'),
): Promise<string[]> {
  const migrations = readMigrations(folder);
  const client = await database.owner();
  const done: string[] = [];
  try {
    for (;;) {
      const name = await applyNext(client, migrations, folder);
      if (name === null) return done;
      done.push(name);
    }
  } finally {
    await client.end(); // an open transaction is rolled back with it
  }
}

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  const problems: Problem[] = names
    .filter((name) => !fileName.test(name))
    .map((name) => ({
      file: path.join(folder, name),
      message: 'The name of a migration is not of the form 0001_what_it_does.sql.',
      remedy: 'Rename it.',
    }));
  const numbers = names.map((name) => name.slice(0, 4)).sort();
  numbers.forEach((number, index) => {
    if (number !== numbers[index - 1]) return;
    const message = `Two migrations have the number ${number}.`;
    problems.push({ file: folder, message, remedy: 'Give the unpublished one the next number.' });
  });
  if (problems.length > 0) throw new InvalidInput('migrations', problems);
  return names.sort().map((name) => {
    const content = readFileSync(path.join(folder, name));
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { name, sha256, sql: content.toString('utf8') };
  });
}

async function applyNext(
  client: Client,
  migrations: Migration[],
  folder: string,
): Promise<string | null> {
  await client.query('begin');
  await client.query(`select pg_advisory_xact_lock(hashtext('tieout migrations'))`);
  await client.query('create schema if not exists tieout');
  await client.query(
    `create table if not exists tieout.migrations (
       name text primary key,
       sha256 text not null,
       applied_at timestamptz not null default clock_timestamp()
     )`,
  );
  const applied = await client.query<Omit<Migration, 'sql'>>(
    'select name, sha256 from tieout.migrations order by name',
  );
  refuseDivergence(migrations, applied.rows, folder);
  const next = migrations[applied.rows.length];
  if (next !== undefined) {
    await runFile(client, next, folder);
    await client.query('insert into tieout.migrations (name, sha256) values ($1, $2)', [
      next.name,
      next.sha256,
    ]);
  }
  await client.query('commit');
  return next?.name ?? null;
}

async function runFile(client: Client, migration: Migration, folder: string): Promise<void> {
  try {
    await client.query(migration.sql);
  } catch (cause) {
    throw new Error(`applying ${path.join(folder, migration.name)}`, { cause });
  }
}

/** What was applied must be the first files of the folder, unchanged. */
function refuseDivergence(
  migrations: Migration[],
  applied: Omit<Migration, 'sql'>[],
  folder: string,
): void {
  const problems: Problem[] = [];
  const last = applied.at(-1)?.name ?? '';
  for (const { name, sha256 } of applied) {
    const file = path.join(folder, name);
    const found = migrations.find((migration) => migration.name === name);
    if (found === undefined) {
      const message = 'This migration was applied to the database, but the file does not exist.';
      const remedy = 'Start the release that brought it, or a later one.';
      problems.push({ file, message, remedy });
    } else if (found.sha256 !== sha256) {
      const message = 'This migration was changed after it was applied to the database.';
      const remedy = 'Restore the file as it was; put the change into a new migration.';
      problems.push({ file, message, remedy });
    }
  }
  for (const { name } of migrations) {
    if (name > last || applied.some((migration) => migration.name === name)) continue;
    const file = path.join(folder, name);
    const message = `This migration was not applied, but ${last}, which comes after it, was.`;
    problems.push({ file, message, remedy: 'Give it the next number.' });
  }
  if (problems.length > 0) throw new InvalidInput('migrations', problems);
}
