import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { InvalidInput } from '../../src/core/problem';
import { migrate } from '../../src/platform/database/migrate';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false });
  folder = mkdtempSync(path.join(os.tmpdir(), 'tieout-migrations-'));
  write(
    '0001_first.sql',
    'create table tieout.firsts (id int); insert into tieout.firsts values (1)',
  );
  write('0002_second.sql', 'create table tieout.seconds (id int)');
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

const write = (name: string, sql: string): void => writeFileSync(path.join(folder, name), sql);

async function problemsOf(attempt: Promise<unknown>): Promise<string[]> {
  const error: unknown = await attempt.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof InvalidInput)) throw new Error('expected InvalidInput', { cause: error });
  return error.problems.map(
    (problem) => `${path.basename(problem.file ?? '')}: ${problem.message}`,
  );
}

async function ownerRows(sql: string): Promise<unknown[]> {
  const owner = await database.owner();
  const { rows } = await owner.query<Record<string, unknown>>(sql);
  await owner.end();
  return rows;
}

test('applies what is new, in order, and nothing twice', async () => {
  expect(await migrate(database, folder)).toEqual(['0001_first.sql', '0002_second.sql']);
  write('0003_third.sql', 'insert into tieout.seconds values (3)');
  expect(await migrate(database, folder)).toEqual(['0003_third.sql']);
  expect(await migrate(database, folder)).toEqual([]);
  expect(await ownerRows('select id from tieout.seconds')).toEqual([{ id: 3 }]);
});

test('servers that start at once take turns', async () => {
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(database, folder)));
  expect(applied.flat().sort()).toEqual(['0001_first.sql', '0002_second.sql']);
  expect(await ownerRows('select id from tieout.firsts')).toEqual([{ id: 1 }]);
});

test('a file that fails leaves nothing of itself, and what came before it stays', async () => {
  write('0002_second.sql', 'create table tieout.seconds (id int); select 1/0');
  await expect(migrate(database, folder)).rejects.toThrow('applying');
  expect(await ownerRows('select name from tieout.migrations')).toEqual([
    { name: '0001_first.sql' },
  ]);
  expect(await ownerRows(`select to_regclass('tieout.seconds') as found`)).toEqual([
    { found: null },
  ]);
});

test('a file changed after it was applied is refused, and nothing further is applied', async () => {
  await migrate(database, folder);
  write('0001_first.sql', 'create table tieout.firsts (id bigint)');
  write('0003_third.sql', 'create table tieout.thirds ()');
  expect(await problemsOf(migrate(database, folder))).toEqual([
    '0001_first.sql: This migration was changed after it was applied to the database.',
  ]);
  expect(await ownerRows(`select to_regclass('tieout.thirds') as found`)).toEqual([
    { found: null },
  ]);
});

test('an older release does not start on a database that is ahead of it', async () => {
  await migrate(database, folder);
  rmSync(path.join(folder, '0002_second.sql'));
  expect(await problemsOf(migrate(database, folder))).toEqual([
    '0002_second.sql: This migration was applied to the database, but the file does not exist.',
  ]);
});

test('a file that would come before an applied one is refused', async () => {
  renameSync(path.join(folder, '0002_second.sql'), path.join(folder, '0003_third.sql'));
  await migrate(database, folder);
  write('0002_late.sql', 'select 1');
  expect(await problemsOf(migrate(database, folder))).toEqual([
    '0002_late.sql: This migration was not applied, but 0003_third.sql, which comes after it, was.',
  ]);
});

test('each name that is no migration name, each number used twice, is told at once', async () => {
  write('0002_again.sql', 'select 1');
  write('3_third.sql', 'select 1');
  expect(await problemsOf(migrate(database, folder))).toEqual([
    '3_third.sql: The name of a migration is not of the form 0001_what_it_does.sql.',
    `${path.basename(folder)}: Two migrations have the number 0002.`,
  ]);
});

test('the migrations of this release apply to an empty database', async () => {
  const applied = await migrate(database);
  expect(applied[0]).toBe('0001_roles_and_schemas.sql');
  expect(await migrate(database)).toEqual([]);
});
