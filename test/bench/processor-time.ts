import { readFileSync } from 'node:fs';
import type { Client } from 'pg';

/** What Linux counts in, whatever the machine: the kernel's USER_HZ. */
const TICKS_PER_SECOND = 100;

/** The postmaster of an embedded server, by one of its backends; null without /proc. */
export async function postmasterOf(client: Client): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return statOf(String(rows[0]?.pid))[1] ?? null;
}

/** Processor milliseconds of a postmaster, the backends it has and those it had. */
export function postgresCpuMs(postmaster: string): number {
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
  const ticksOfAll = children
    .split(' ')
    .filter((pid) => pid.trim() !== '')
    .reduce((sum, pid) => sum + ticks(pid, 2), ticks(postmaster, 4));
  return (ticksOfAll * 1000) / TICKS_PER_SECOND;
}

/** Processor milliseconds of one process. */
export const processCpuMs = (pid: number): number =>
  (ticks(String(pid), 2) * 1000) / TICKS_PER_SECOND;

/** State, parent and so on: what follows the name in /proc/PID/stat. */
const statOf = (pid: string): string[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');

/** User and system time of a process; with four fields also of the children it waited for. */
function ticks(pid: string, fields: 2 | 4): number {
  try {
    return statOf(pid)
      .slice(11, 11 + fields)
      .reduce((sum, one) => sum + Number(one), 0);
  } catch {
    return 0; // It ended in between; then its parent has counted it.
  }
}
