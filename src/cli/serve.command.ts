import type { Command } from 'commander';
import type { Catalog } from '../catalog/catalog';
import { startServer } from '../main';
import { reapWork } from '../runs/claim/reap-work';
import { runDependencies } from '../runs/run-dependencies';
import { action, type Means } from './command';
import { exitCodes } from './exit-code';
import { openCatalog } from './open-catalog';
import { openSetting, openWorkspace, type Workspace } from './open-workspace';
import type { Session } from './session';

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .summary('serve the REST API and deliver alerts')
    .description('Serves the REST API and delivers alerts until Ctrl-C or SIGTERM.')
    .action(action(serve));
}

async function serve({ session, terminal, globals }: Means): Promise<number> {
  const workspace = await openWorkspace(session, openSetting(globals.config, 'info'));
  const { config, database, logger } = workspace;
  const { catalog, problems } = await openCatalog(config, database);
  for (const problem of problems) logger.warn('control left out', { ...problem });
  await reapWork(config, runDependencies({ ...workspace, catalog }).claims);
  const { url } = await serveApi(session, workspace, catalog);
  const { length: controls } = catalog.controls;
  logger.info('serving', { url, controls, database: database.location });
  terminal.print([`Serving ${url} (API at ${url}/api/docs). Ctrl-C stops it.`]);
  terminal.printJson({ url });
  await session.serveUntilStopped();
  return exitCodes.ok;
}

/** Starts the server over an open workspace; the session closes it. */
export async function serveApi(
  session: Session,
  workspace: Workspace,
  catalog: Catalog,
): Promise<{ url: string }> {
  const server = await startServer({ ...workspace, catalog });
  session.onClose(() => server.close());
  return server;
}
