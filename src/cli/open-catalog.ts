import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { checkOverrides } from '../catalog/check-overrides';
import { loadCatalog } from '../catalog/load-catalog';
import { validateCatalog } from '../catalog/validate-catalog';
import { InvalidInput, Refusal, type Problem } from '../core/problem';
import type { Config } from '../platform/config';
import type { Database } from '../platform/database/open-database';
import { DuckDb } from '../platform/duckdb';
import { controlsDir } from './open-workspace';

/** A catalogue asked about to the end: only its sound controls, and everything wrong. */
export interface CheckedCatalog {
  catalog: Catalog;
  problems: Problem[];
}

/**
 * Loads the controls of a configuration, or only those of `ids`, and holds them against what their
 * SQL returns. Throws Refusal when an id is no folder's, InvalidInput when a shared population
 * keeps it from being read.
 */
export async function openCatalog(
  config: Config,
  database: Pick<Database, 'reader'>,
  ids: readonly string[] = [],
): Promise<CheckedCatalog> {
  const loaded = onlyOf(await loadCatalog(controlsDir(config)), ids);
  const tempDir = await mkdtemp(path.join(tmpdir(), 'tieout-catalog-'));
  const duck = await DuckDb.open({
    memoryMb: config.limits.duckdb_memory_mb,
    threads: config.limits.duckdb_threads,
    tempDir,
    readWriteDirs: [],
  });
  try {
    const reader = await database.reader();
    try {
      const { problems, sound } = await validateCatalog(loaded, { config, reader, duck });
      const found = [...loaded.problems, ...problems];
      const usable = loaded.controls.filter(({ control }) => sound.includes(control.id));
      const overrides = checkOverrides(config, usable, found.length + ids.length > 0);
      const controls = usable.filter(({ control }) => !overrides.wrong.includes(control.id));
      return { catalog: { ...loaded, controls }, problems: [...found, ...overrides.problems] };
    } finally {
      await reader.end();
    }
  } finally {
    duck.close();
    await rm(tempDir, { recursive: true, force: true });
  }
}

/** Of these controls alone; what is wrong in a shared population is shown to everybody. */
function onlyOf(catalog: Catalog, ids: readonly string[]): Catalog {
  if (ids.length === 0) return catalog;
  const isOf = (file: string | undefined, id: string): boolean =>
    file?.split(path.sep).some((part) => part.startsWith(`${id}-`)) ?? false;
  const isShared = (file: string | undefined): boolean =>
    file?.split(path.sep).includes('populations') ?? true;
  const controls = catalog.controls.filter(({ control }) => ids.includes(control.id));
  const problems = catalog.problems.filter(
    ({ file }) => isShared(file) || ids.some((id) => isOf(file, id)),
  );
  const places = [...controls.map(({ folder }) => folder), ...problems.map(({ file }) => file)];
  const missing = ids.filter((id) => !places.some((place) => isOf(place, id)));
  if (missing.length > 0) {
    // A shared population that is wrong takes along the controls that read it.
    if (problems.length > 0) throw new InvalidInput('controls', problems);
    throw unknownControls(missing, catalog);
  }
  return { ...catalog, controls, problems };
}

const unknownControls = (missing: readonly string[], { dir, controls }: Catalog): Refusal =>
  new Refusal(
    'not_found',
    `There is no control ${missing.join(', ')}; ` +
      `${dir} has ${controls.map(({ control }) => control.id).join(', ') || 'none'}.`,
  );

/**
 * The ids asked for, or all of them. Throws InvalidInput with everything wrong in the catalogue
 * when an id is not among its sound controls and something is wrong; Refusal when it does not
 * exist.
 */
export function chooseControls(
  { catalog, problems }: CheckedCatalog,
  ids: readonly string[],
): string[] {
  const sound = catalog.controls.map(({ control }) => control.id);
  const missing = ids.filter((id) => !sound.includes(id));
  if (missing.length === 0 && (ids.length > 0 || problems.length === 0))
    return ids.length > 0 ? [...new Set(ids)] : sound;
  if (problems.length > 0) throw new InvalidInput('controls', problems);
  throw unknownControls(missing, catalog);
}
