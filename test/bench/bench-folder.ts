import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/**
 * A folder for what a benchmark makes. The account that Postgres runs as when this process is root
 * may pass through it: the database then lives inside, and goes with it.
 */
export function makeBenchFolder(name: string): string {
  const dir = mkdtempSync(path.join(tmpdir(), `tieout-${name}-`));
  chmodSync(dir, 0o711);
  return dir;
}
