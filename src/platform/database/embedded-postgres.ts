import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { InvalidInput } from '../../core/problem';
import { errorCode } from './error-code';
import { postgresMajor, runTool, spawnOptions, usableBinaries } from './postgres-binaries';
import { chooseServerPlace, type ServerPlace } from './server-place';

/** A running server that this process uses, whoever started it. */
export interface EmbeddedPostgres {
  /** For pg, to which user and database are added. A private Unix socket; no TCP port is opened. */
  connection: { host: string; port: number };
  /** Where its data really is, in words for a person. */
  location: string;
  /** Leaves the server; the last process that leaves stops it and waits. Safe to call twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Server settings that replace the defaults; for tests and benchmarks. */
  settings?: Record<string, string>;
}

const socketPort = 5432; // only names the socket file
const silentStartTimeoutMs = 60_000;
const recoveryTimeoutMs = 600_000; // replaying up to max_wal_size after a crash, on a slow disk
const stopTimeoutMs = 60_000;
const pollMs = 20;
const startAttempts = 3;
const logRotatesAtBytes = 10_000_000;
const sharedMemoryNeededBytes = 1_000_000_000;
// 'tieout' in ASCII: who holds this lock, shared, uses the server; who gets it alone may stop it.
const usersLock = '127996022191476';

/**
 * Starts the Postgres that came through npm on the cluster in `wanted`, creating the cluster when
 * it is absent, or joins the server that already runs there: one left by a killed process, or one
 * that another process of ours started. Every user of a server holds a shared advisory lock on a
 * connection that dies with it, so that the last one out can know it is the last. Throws
 * InvalidInput when the folder or the machine does not allow it.
 */
export async function startEmbeddedPostgres(
  wanted: string,
  options: EmbeddedOptions = {},
): Promise<EmbeddedPostgres> {
  const place = chooseServerPlace(path.resolve(wanted));
  const binaries = await usableBinaries(place);
  const settings = { ...serverSettings(place), ...options.settings };
  await createCluster(place, binaries, settings.fsync !== 'off');
  const { keeper, child } = await joinOrStart(place, binaries, settings);
  const moved = place.movedFrom === null ? '' : `, because ${place.movedFrom} is closed to it`;
  const user = place.account === null ? '' : `, run by uid ${place.account.uid}`;
  let stopping: Promise<void> | undefined;
  return {
    connection: { host: place.socketDir, port: socketPort },
    location: `embedded Postgres ${postgresMajor} in ${place.dir}${user}${moved}`,
    stop: () => (stopping ??= leaveServer(place, keeper, child)),
  };
}

function serverSettings(place: ServerPlace): Record<string, string> {
  return {
    listen_addresses: '',
    // A list: quoted, so that a comma in the path does not make two of it.
    unix_socket_directories: `"${place.socketDir.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    port: String(socketPort),
    max_connections: '50',
    timezone: 'UTC',
    shared_buffers: '256MB',
    work_mem: '64MB',
    maintenance_work_mem: '256MB',
    // A full outer join of two large populations is then planned as one parallel hash join.
    parallel_tuple_cost: '0',
    parallel_setup_cost: '0',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    ...sharedMemory(),
    // A query whose client was killed ends by itself. Not every platform can look at a socket.
    ...(process.platform === 'linux' ? { client_connection_check_interval: '10s' } : {}),
    // Statements and details hold the rows they are about; rows never go to a log.
    log_statement: 'none',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
  };
}

/** Containers give /dev/shm 64 MB, on which a parallel hash join fails: files are used there. */
function sharedMemory(): Record<string, string> {
  if (process.platform !== 'linux') return {};
  const shm = fs.existsSync('/dev/shm') ? fs.statfsSync('/dev/shm') : { bsize: 0, blocks: 0 };
  const enough = shm.bsize * shm.blocks >= sharedMemoryNeededBytes;
  return { dynamic_shared_memory_type: enough ? 'posix' : 'mmap' };
}

async function createCluster(place: ServerPlace, binaries: string, sync: boolean): Promise<void> {
  const version = path.join(place.data, 'PG_VERSION');
  if (!fs.existsSync(version)) {
    removeDeadDrafts(place);
    const draft = `${place.data}.draft-${process.pid}`; // renamed when whole: first starts may race
    const { status, output } = await runTool(
      binaries,
      'initdb',
      ['-D', draft, '-U', 'postgres', '--auth-local=trust', '--auth-host=reject', '-E', 'UTF8']
        .concat(['--locale=C', '--data-checksums'])
        .concat(sync ? [] : ['--no-sync']),
      place,
    );
    if (status !== 0) throw new Error(`initdb in ${place.dir} failed: ${output}`);
    try {
      fs.renameSync(draft, place.data);
    } catch (cause) {
      fs.rmSync(draft, { recursive: true, force: true });
      if (!fs.existsSync(version)) throw new Error(`creating ${place.data}`, { cause });
    }
  }
  const major = fs.readFileSync(version, 'utf8').trim();
  if (major === postgresMajor) return;
  throw new InvalidInput('embedded Postgres', [
    {
      field: 'data_dir',
      message: `The data in ${place.dir} was made by Postgres ${major}; this is ${postgresMajor}.`,
      remedy: 'Name another data_dir, or export the data with the release that made it.',
    },
  ]);
}

function removeDeadDrafts(place: ServerPlace): void {
  for (const name of fs.readdirSync(place.dir)) {
    const pid = /^data\.draft-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      fs.rmSync(path.join(place.dir, name), { recursive: true, force: true });
  }
}

/**
 * Until a server answers: join it, or start one when none answers. Postgres itself decides, through
 * its postmaster.pid, whether a second one may run; that file is never touched from here.
 */
async function joinOrStart(
  place: ServerPlace,
  binaries: string,
  settings: Record<string, string>,
): Promise<{ keeper: Client; child: ChildProcess | null }> {
  const started = performance.now();
  const logFile = path.join(place.dir, 'postgres.log');
  const logStart = rotateLog(logFile);
  let child: ChildProcess | null = null;
  let attempts = 0;
  for (;;) {
    const joined = await joinServer(place);
    if (joined instanceof Client) return { keeper: joined, child };
    const running = child !== null && !hasExited(child);
    const waitedMs = performance.now() - started;
    if (waitedMs > (joined === 'busy' ? recoveryTimeoutMs : silentStartTimeoutMs)) {
      if (running) child?.kill('SIGQUIT');
      throw startFailure(place, logFile, logStart, `no answer after ${Math.round(waitedMs)} ms`);
    }
    if (joined === 'absent' && !running && !(attempts > 0 && holderIsAlive(place))) {
      if (attempts === startAttempts)
        throw startFailure(place, logFile, logStart, `it ended ${attempts} times`);
      child = spawnServer(place, binaries, settings, logFile);
      attempts += 1;
    }
    await pause(pollMs);
  }
}

function spawnServer(
  place: ServerPlace,
  binaries: string,
  settings: Record<string, string>,
  logFile: string,
): ChildProcess {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = fs.constants;
  const log = fs.openSync(logFile, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    if (place.account !== null) fs.fchownSync(log, place.account.uid, place.account.gid);
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(path.join(binaries, 'bin', 'postgres'), ['-D', place.data, ...args], {
      ...spawnOptions(place),
      stdio: ['ignore', log, log],
      detached: true, // its own session: Ctrl-C reaches this process alone
    });
    // A failure to spawn shows as a child without pid, which counts as exited.
    child.on('error', () => undefined);
    child.unref();
    return child;
  } finally {
    fs.closeSync(log);
  }
}

/** The lock-holding connection; 'busy' while a server starts, stops or is full; else 'absent'. */
async function joinServer(place: ServerPlace): Promise<Client | 'busy' | 'absent'> {
  const keeper = superuserClient({ host: place.socketDir, port: socketPort }, 'postgres');
  // Its loss is not a failure by itself: whoever still needs the server has connections of its own.
  keeper.on('error', () => undefined);
  try {
    await keeper.connect();
    await keeper.query(`select pg_advisory_lock_shared(${usersLock})`);
    await checkIdentity(place, keeper);
    held(keeper).unref(); // whoever forgets to leave is not kept alive by this
    return keeper;
  } catch (cause) {
    await keeper.end().catch(() => undefined);
    if (cause instanceof InvalidInput) throw cause;
    const code = errorCode(cause);
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'absent';
    // Starting up or shutting down (57P0x), full (53300), cut off, or slow to answer (no code).
    if (code === undefined || /^(57P0\d|53300|EAGAIN|ECONNRESET|EPIPE)$/.test(code)) return 'busy';
    throw new Error(`joining the Postgres server in ${place.dir}`, { cause });
  }
}

/** A folder may be copied or moved with its socket: the server must be the one of this data. */
async function checkIdentity(place: ServerPlace, keeper: Client): Promise<void> {
  const { rows } = await keeper.query<{ data: string; id: string }>(
    `select current_setting('data_directory') as data, system_identifier::text as id
     from pg_control_system()`,
  );
  const control = fs.readFileSync(path.join(place.data, 'global', 'pg_control'));
  const id = BigInt.asIntN(64, control.readBigUInt64LE(0)).toString();
  if (rows[0]?.data === place.data && rows[0].id === id) return;
  throw new InvalidInput('embedded Postgres', [
    {
      field: 'data_dir',
      message: `The server that answers in ${place.socketDir} serves another cluster.`,
      remedy: `Stop that server (its data: ${rows[0]?.data ?? 'unknown'}) and start again.`,
    },
  ]);
}

/** pg has both for its socket, as Node's sockets have; its types leave them out. */
const held = (client: Client): Client & Pick<NodeJS.Timeout, 'ref' | 'unref'> =>
  client as Client & Pick<NodeJS.Timeout, 'ref' | 'unref'>;

/** A connection as superuser `postgres`, for bootstrap and tests. Caller connects and ends it. */
export function superuserClient(at: EmbeddedPostgres['connection'], database: string): Client {
  return new Client({ ...at, user: 'postgres', database, connectionTimeoutMillis: 5_000 });
}

async function leaveServer(
  place: ServerPlace,
  keeper: Client,
  child: ChildProcess | null,
): Promise<void> {
  held(keeper).ref();
  const lost = await keeper.query('select 1').then(
    () => false,
    () => true, // the server restarted after a crash of one of its processes, or is gone
  );
  const client = lost ? await joinServer(place) : keeper;
  if (!(client instanceof Client)) return;
  try {
    if (await isLastUser(client)) await stopServer(place, child);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** True with the lock held alone: a process that joins now waits for it, then starts its own. */
async function isLastUser(keeper: Client): Promise<boolean> {
  try {
    await keeper.query(`select pg_advisory_unlock_shared(${usersLock})`);
    const { rows } = await keeper.query<{ alone: boolean }>(
      `select pg_try_advisory_lock(${usersLock}) as alone`,
    );
    return rows[0]?.alone ?? false;
  } catch {
    return false; // the server ended this connection: somebody else stopped it
  }
}

/** Fast shutdown: ends sessions, writes a checkpoint, removes its own postmaster.pid. */
async function stopServer(place: ServerPlace, child: ChildProcess | null): Promise<void> {
  const pid = postmasterPid(place);
  if (pid === null) return;
  process.kill(pid, 'SIGINT');
  const until = performance.now() + stopTimeoutMs;
  // An adopted server may stay a zombie of an init that does not reap: its files tell as well.
  while (postmasterPid(place) === pid || (child !== null && !hasExited(child))) {
    if (performance.now() > until)
      throw new Error(`the Postgres server in ${place.dir} (pid ${pid}) did not stop`);
    await pause(pollMs);
  }
}

function postmasterPid(place: ServerPlace): number | null {
  try {
    const text = fs.readFileSync(path.join(place.data, 'postmaster.pid'), 'utf8');
    return Number(text.split('\n')[0]) || null;
  } catch {
    return null;
  }
}

function holderIsAlive(place: ServerPlace): boolean {
  const pid = postmasterPid(place);
  return pid !== null && isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return errorCode(cause) === 'EPERM';
  }
}

const hasExited = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

/** Keeps one earlier log; gives the length of the present one, where this start's lines begin. */
function rotateLog(logFile: string): number {
  const size = fs.existsSync(logFile) ? fs.statSync(logFile).size : 0;
  if (size < logRotatesAtBytes) return size;
  fs.renameSync(logFile, `${logFile}.1`);
  return 0;
}

function startFailure(place: ServerPlace, logFile: string, from: number, why: string): Error {
  const log = fs.existsSync(logFile) ? fs.readFileSync(logFile).subarray(from) : Buffer.alloc(0);
  const said = log.toString('utf8').trim().split('\n').slice(-5).join('\n');
  return new InvalidInput('embedded Postgres', [
    {
      field: 'data_dir',
      message: `The Postgres server in ${place.dir} did not start (${why}): ${said}`,
      remedy: `See ${logFile}; set the three DATABASE_* variables to use another Postgres.`,
    },
  ]);
}
