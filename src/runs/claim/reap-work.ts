import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import * as path from 'node:path';
import type { Config } from '../../platform/config';
import type { ClaimsStore } from './claims.store';

/** `<run id>-<fence>`, as run-control names the folder of each attempt. */
const attempt = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d+)$/;

/** Where runs work; each attempt in a folder of its own. */
export const workRoot = (config: Pick<Config, 'baseDir' | 'data_dir'>): string =>
  path.resolve(config.baseDir, config.data_dir, 'work');

/**
 * Removes what killed processes left behind: work folders of attempts that were recorded, were
 * taken over, or whose lease has ended. Gives how many. Folders of attempts that may still live,
 * and of runs that this database knows nothing of, stay.
 */
export async function reapWork(
  config: Pick<Config, 'baseDir' | 'data_dir'>,
  claims: ClaimsStore,
): Promise<number> {
  const root = workRoot(config);
  if (!existsSync(root)) return 0;
  const attempts = (await readdir(root)).flatMap((folder) => {
    const [, runId, fence] = attempt.exec(folder) ?? [];
    return runId && fence ? [{ folder, runId, fence: Number(fence) }] : [];
  });
  const over = await claims.endedAttempts(attempts);
  for (const { folder } of over)
    await rm(path.join(root, folder), { recursive: true, force: true });
  return over.length;
}
