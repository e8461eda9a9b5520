import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as path from 'node:path';
import { AlertOutbox } from '../alerts/alert-outbox';
import type { Catalog } from '../catalog/catalog';
import { EvidenceStore } from '../evidence/evidence-store';
import { ExceptionsStore } from '../exceptions/exceptions.store';
import type { Clock } from '../platform/clock';
import type { Config } from '../platform/config';
import type { Database } from '../platform/database/open-database';
import type { Logger } from '../platform/logger';
import { DriftWatch } from '../signoff/drift-watch';
import { ClaimsStore } from './claim/claims.store';
import { workRoot } from './claim/reap-work';
import type { RunDependencies } from './run-control';
import { RunsStore } from './record/runs.store';

/** What a run needs, put together from what a process has; nothing connects before it is used. */
export function runDependencies(parts: {
  config: Config;
  database: Database;
  catalog: Catalog;
  clock: Clock;
  logger: Logger;
}): RunDependencies {
  const { config, database, clock } = parts;
  return {
    ...parts,
    app: database.app,
    claims: new ClaimsStore(database.app, `${hostname()}:${process.pid}`),
    runs: new RunsStore(),
    drift: driftWatch(parts),
    exceptions: new ExceptionsStore(),
    outbox: new AlertOutbox(clock),
    evidence: new EvidenceStore(evidenceFolder(config)),
    engine: {
      tieout: packageVersion(path.join(__dirname, '..', '..', 'package.json')),
      duckdb: packageVersion(require.resolve('@duckdb/node-api/package.json')),
      node: process.versions.node,
    },
  };
}

function driftWatch({
  config,
  database,
  catalog,
  ...means
}: Parameters<typeof runDependencies>[0]): DriftWatch {
  const evidenceDir = evidenceFolder(config);
  return new DriftWatch({
    ...means,
    app: database.app,
    evidence: new EvidenceStore(evidenceDir),
    controls: catalog.controls.map(({ control }) => control),
    limits: { memoryMb: config.limits.duckdb_memory_mb, evidenceDir, workDir: workRoot(config) },
  });
}

/** Where the evidence store keeps its files. */
export function evidenceFolder(config: Pick<Config, 'baseDir' | 'data_dir'>): string {
  return path.resolve(config.baseDir, config.data_dir, 'evidence');
}

function packageVersion(file: string): string {
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
