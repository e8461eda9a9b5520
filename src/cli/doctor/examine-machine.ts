import { constants } from 'node:fs';
import { access, mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import * as path from 'node:path';
import { dateInZone } from '../../platform/clock';
import type { Config } from '../../platform/config';
import { errorCode } from '../../platform/database/error-code';
import { findBinaries } from '../../platform/database/postgres-binaries';
import { InvalidInput } from '../../core/problem';
import { counted } from '../text-layout';
import { fail, ok, warn, type Diagnosis } from './diagnosis';

const oldestNode = [20, 19] as const;
const gibibyte = 1024 ** 3;
/** Below the first nothing can be recorded for long; below the second it is time to look. */
const failBelowBytes = gibibyte;
const warnBelowBytes = 5 * gibibyte;

export function examineNode(version: string): Diagnosis {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
  const wanted = oldestNode.join('.');
  return isOld
    ? fail('Node', `This is Node ${version}.`, `Install Node ${wanted} or later.`)
    : ok('Node', version);
}

/** An instant that is another day in the zones west of Greenwich, were their data missing. */
export function examineTimeZones({ entities }: Pick<Config, 'entities'>): Diagnosis {
  const about = 'time zones';
  if (dateInZone('2026-07-01T03:30:00Z', 'America/New_York') !== '2026-06-30')
    return fail(about, 'Node has no time zone data.', 'Install a Node built with full ICU.');
  return ok(about, [...new Set(entities.map((entity) => entity.time_zone))].join(', '));
}

export function examineBinaries({ database }: Pick<Config, 'database'>): Diagnosis {
  const about = 'server files';
  if (database !== null) return ok(about, 'not needed: DATABASE_URL names a Postgres');
  try {
    findBinaries();
    return ok(about, 'the embedded Postgres is installed');
  } catch (cause) {
    if (!(cause instanceof InvalidInput)) throw cause;
    const [problem] = cause.problems;
    return fail(about, problem?.message ?? cause.message, problem?.remedy ?? '');
  }
}

/** Writes into the folder as a run would, and looks how much more would fit. */
export async function examineFolder(about: string, dir: string): Promise<Diagnosis> {
  const file = path.join(dir, `.writable-${randomUUID()}`);
  try {
    await mkdir(dir, { recursive: true });
    await writeFile(file, '');
  } catch (cause) {
    const code = errorCode(cause) ?? 'no code';
    return fail(about, `${dir} cannot be written (${code}).`, 'Give this account the folder.');
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
  const { bavail, bsize } = await statfs(dir);
  return examineRoom(about, dir, bavail * bsize);
}

export function examineRoom(about: string, dir: string, freeBytes: number): Diagnosis {
  const free = `${Math.floor(freeBytes / gibibyte)} GiB free`;
  const remedy = 'Make room on that disk, or move data_dir to a larger one.';
  if (freeBytes < failBelowBytes) return fail(about, `${dir}: less than 1 GiB free.`, remedy);
  if (freeBytes < warnBelowBytes) return warn(about, `${dir}: only ${free}.`, remedy);
  return ok(about, `${dir}: writable, ${free}`);
}

/** Every declared file that cannot be read, or that all of them can. */
export async function examineDatasets({ sources, baseDir }: Config): Promise<Diagnosis[]> {
  const about = 'files';
  const declared = Object.entries(sources.files);
  const found: Diagnosis[] = [];
  for (const [name, dataset] of declared) {
    const code = await unreadable(path.resolve(baseDir, dataset.path));
    if (code === null) continue;
    const remedy = `Put it there, or correct sources.files.${name}.path.`;
    found.push(fail(about, `${dataset.path} cannot be read (${code}).`, remedy));
  }
  if (found.length > 0) return found;
  const count = counted(declared.length, 'declared file');
  return [ok(about, declared.length === 0 ? 'none declared' : `${count}, all readable`)];
}

/** Why a file cannot be read, as a code; null when it can. */
async function unreadable(file: string): Promise<string | null> {
  try {
    await access(file, constants.R_OK);
    return (await stat(file)).isFile() ? null : 'not a file';
  } catch (cause) {
    return errorCode(cause) ?? 'no code';
  }
}
