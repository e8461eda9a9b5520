import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import * as path from 'node:path';
import type { Knex } from 'knex';
import { sha256Hex } from '../core/canonical-json';
import type { Clock } from '../platform/clock';
import { demoWish } from '../sandbox/northwind/demo-wish';
import {
  openNorthwindWarehouse,
  type NorthwindWarehouse,
} from '../sandbox/northwind/open-northwind-warehouse';
import { serveWorld, type ServedWorld } from '../sandbox/serve/serve-world';
import { writeWorld } from '../sandbox/world/write-world';
import type { SourceSync } from '../sources/source-sync';
import type { Session } from './session';
import type { Workspace } from './open-workspace';
import { syncApisAndShow } from './sync-apis-and-show';
import type { Terminal } from './terminal';

/** The company of the demo under way: its systems answer over HTTP and SQL as any others do. */
export interface DemoCompany {
  /** Folder of the world, with its truth. */
  folder: string;
  served: ServedWorld;
  warehouse: NorthwindWarehouse;
}

/** Between the two reads of a window: more than the ten minutes after which it may close. */
const apartMs = 15 * 60_000;

/** Books belong to one company: another release that brings another one keeps them elsewhere. */
export const demoDataDir = (data: string): string =>
  path.resolve(data, sha256Hex(JSON.stringify(demoWish)).slice(0, 8));

/** Makes the company, where an earlier start has not, and brings its systems up. */
export async function openDemoCompany(session: Session, dataDir: string): Promise<DemoCompany> {
  const folder = path.join(dataDir, 'company');
  if (!existsSync(folder)) {
    const unfinished = `${folder}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    await writeWorld({ wish: demoWish, folder: unfinished });
    await rename(unfinished, folder);
  }
  const served = await serveWorld(folder);
  session.onClose(() => served.stop());
  const warehouse = await openNorthwindWarehouse(dataDir, { folder, now: demoWish.now });
  session.onClose(() => warehouse.stop());
  return { folder, served, warehouse };
}

/**
 * Reads every source once, as `tieout sync` does, by the clock that the company's systems answer
 * by. On a first start that clock is then set forward a quarter of an hour: for the sources as for
 * Tieout, so the second read is what it would be after waiting so long.
 */
export async function readDemoCompany(
  company: DemoCompany,
  workspace: Workspace,
  means: { session: Session; terminal: Terminal },
): Promise<SourceSync[]> {
  const { clock } = company.served;
  return syncApisAndShow({ ...workspace, clock: clock satisfies Clock }, means);
}

export const waitApart = ({ served }: DemoCompany): void => {
  served.clock.forward(apartMs);
};

/**
 * Sets the company's clock to where the last start left it; false on a first start. Books never
 * see time go back.
 */
export async function resumeClock({ served }: DemoCompany, app: Knex): Promise<boolean> {
  const { rows } = await app.raw<{ rows: { last: string | null }[] }>(
    `select (extract(epoch from max(finished_at)) * 1000)::bigint::text as last
     from books.source_window_reads`,
  );
  const last = rows[0]?.last ?? null;
  if (last === null) return false;
  served.clock.forward(Math.max(Number(last) - Date.parse(served.clock.now()), 0) + apartMs);
  return true;
}
