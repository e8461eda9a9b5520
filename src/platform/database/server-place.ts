import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { InvalidInput } from '../../core/problem';
import { errorCode } from './error-code';

/** The account that a server runs as when this process is root, which Postgres refuses. */
export interface Account {
  uid: number;
  gid: number;
}

/** Where one embedded server lives. */
export interface ServerPlace {
  /** Folder of the cluster, its log and, when the path is short enough, its socket. */
  dir: string;
  /** The cluster itself (PGDATA). */
  data: string;
  /** Folder of the Unix socket. */
  socketDir: string;
  /** null: the server runs as the same account as this process. */
  account: Account | null;
  /** The folder asked for, when the account cannot reach it and `dir` is another one. */
  movedFrom: string | null;
}

// A socket path may have 107 bytes on Linux and 103 on macOS, '/.s.PGSQL.5432' included.
const longestSocketDir = 88;
// Survives restarts and is open to every account, which neither /tmp nor root's home is.
const rootsFallback = '/var/lib/tieout';

/**
 * Decides where a server asked for in `wanted` (absolute) can live, and creates the folders.
 * Started by root, it must be a place that an unprivileged account reaches: when a parent is closed
 * to it, a folder below /var/lib/tieout named after the path is used. A cluster that exists is
 * never left behind: it decides the place. Throws InvalidInput when there is no usable place.
 */
export function chooseServerPlace(wanted: string): ServerPlace {
  makeParent(wanted);
  if (process.getuid?.() !== 0) return ownPlace(realPath(wanted));
  const asked = realPath(wanted);
  const fallback = path.join(rootsFallback, `${path.basename(asked)}-${shortHash(asked)}`);
  if (isCluster(asked)) {
    const account = clusterOwner(asked);
    if (!canReach(asked, account))
      throw unusable(
        asked,
        `holds a database, but a folder above it is closed to uid ${account.uid}`,
      );
    return place(asked, account, null);
  }
  if (isCluster(fallback)) return place(fallback, clusterOwner(fallback), asked);
  const account = unprivilegedAccount();
  if (canReach(path.dirname(asked), account)) return place(asked, account, null);
  makeParent(fallback);
  return place(fallback, account, asked);
}

function ownPlace(dir: string): ServerPlace {
  const owner = fs.existsSync(dir) ? fs.statSync(dir).uid : process.getuid?.();
  if (owner !== process.getuid?.())
    throw unusable(dir, `belongs to another account (uid ${owner})`);
  return place(dir, null, null);
}

function place(dir: string, account: Account | null, movedFrom: string | null): ServerPlace {
  const short = Buffer.byteLength(dir) <= longestSocketDir;
  const socketDir = short ? dir : path.join(os.tmpdir(), `tieout-${shortHash(dir)}`);
  for (const folder of new Set([dir, socketDir])) makePrivate(folder, account);
  return { dir, data: path.join(dir, 'data'), socketDir, account, movedFrom };
}

/** A folder only the server's account may enter; one that somebody else prepared is refused. */
function makePrivate(dir: string, account: Account | null): void {
  try {
    fs.mkdirSync(dir, { mode: 0o700 });
  } catch (cause) {
    if (errorCode(cause) !== 'EEXIST') throw unusable(dir, 'cannot be created', cause);
  }
  const owner = account?.uid ?? process.getuid?.();
  const found = fs.lstatSync(dir);
  if (!found.isDirectory()) throw unusable(dir, 'is not a folder');
  try {
    if (found.uid !== owner && account !== null && found.uid === 0)
      fs.chownSync(dir, account.uid, account.gid);
    if ((found.mode & 0o077) !== 0) fs.chmodSync(dir, 0o700);
  } catch (cause) {
    throw unusable(dir, `cannot be handed to uid ${owner}`, cause);
  }
  if (fs.lstatSync(dir).uid !== owner)
    throw unusable(dir, `belongs to another account (uid ${found.uid})`);
}

function makeParent(dir: string): void {
  try {
    fs.mkdirSync(path.dirname(dir), { recursive: true });
  } catch (cause) {
    throw unusable(dir, 'cannot be created', cause);
  }
}

/** Whether every folder down to this one may be entered. A spawned account has no more groups. */
function canReach(dir: string, account: Account): boolean {
  for (let at = dir; ; at = path.dirname(at)) {
    const { mode, uid, gid } = fs.statSync(at);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

function unprivilegedAccount(): Account {
  const users = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const named = (name: string): string[] | undefined => users.find((user) => user[0] === name);
  const [, , uid, gid] = named('postgres') ?? named('nobody') ?? [];
  if (uid === undefined || gid === undefined) {
    throw new InvalidInput('embedded Postgres', [
      {
        message: 'Postgres does not run as root, and there is no account postgres or nobody here.',
        remedy: 'Start Tieout as an ordinary user, or set the three DATABASE_* variables.',
      },
    ]);
  }
  return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }; // macOS writes nobody as -2
}

function clusterOwner(dir: string): Account {
  const { uid, gid } = fs.statSync(path.join(dir, 'data'));
  return uid === 0 ? unprivilegedAccount() : { uid, gid };
}

const isCluster = (dir: string): boolean => fs.existsSync(path.join(dir, 'data', 'PG_VERSION'));

const shortHash = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 12);

const realPath = (dir: string): string =>
  fs.existsSync(dir)
    ? fs.realpathSync(dir)
    : path.join(fs.realpathSync(path.dirname(dir)), path.basename(dir));

function unusable(dir: string, why: string, cause?: unknown): Error {
  const code = errorCode(cause);
  const because = code === undefined ? '' : ` (${code})`;
  return new InvalidInput('embedded Postgres', [
    {
      field: 'data_dir',
      message: `The folder ${dir} ${why}${because}.`,
      remedy: 'Name another data_dir in tieout.yaml, or correct the permissions of this one.',
    },
  ]);
}
