import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { Refusal } from '../core/problem';
import type { LoadedControl } from './catalog';
import { loadCatalog } from './load-catalog';

/** A file of a version as it was registered; its path starts at the catalogue's folder. */
export interface KeptFile {
  path: string;
  sha256: string;
  text: string;
}

/**
 * A version as it was registered, whatever the folder of controls says today. Its files are written
 * below `dir`. Throws Refusal when this release reads them otherwise: their hash is then another.
 */
export async function openVersion(
  { controlId, version, files }: { controlId: string; version: string; files: readonly KeptFile[] },
  dir: string,
): Promise<LoadedControl> {
  for (const file of files) {
    const target = path.resolve(dir, file.path);
    if (!target.startsWith(path.resolve(dir) + path.sep))
      throw new Error(`${file.path} lies outside the folder of a version`);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, file.text);
  }
  const { controls } = await loadCatalog(dir, { withCases: false });
  const loaded = controls.find(({ control }) => control.id === controlId);
  if (loaded?.version === version) return loaded;
  throw new Refusal(
    'conflict',
    `Version ${version.slice(0, 12)} of ${controlId} was kept by a release that read it otherwise.`,
  );
}
