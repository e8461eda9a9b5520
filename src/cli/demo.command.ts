import { randomUUID } from 'node:crypto';
import * as path from 'node:path';
import type { Command } from 'commander';
import { createToken } from '../access/create-token';
import { TokensStore } from '../access/tokens.store';
import { lastClosed } from './plan-runs';
import { InvalidInput, Refusal } from '../core/problem';
import { loadConfig, type Config } from '../platform/config';
import { runDependencies } from '../runs/run-dependencies';
import { startSlackStandIn, type SlackStandIn } from '../sandbox/slack/slack-stand-in';
import { action, type Means } from './command';
import { demoConfigFile } from './controls.command';
import { deliverAlerts } from './deliver-alerts';
import { exitCodeOf, exitCodes } from './exit-code';
import { listeningPort } from './listening-port';
import { openCatalog, type CheckedCatalog } from './open-catalog';
import { openWorkspace, settingOf, type Workspace } from './open-workspace';
import { demoLinks } from './demo-people';
import { DemoSteps } from './demo-steps';
import { renderDemoEnd, type DemoAlerts, type ServedDemo } from './render-demo';
import { runAndShow } from './run-and-show';
import type { RunReport } from './run-report';
import { serveApi } from './serve.command';
import { syncAndShow } from './sync.command';
import { counted } from './text-layout';

interface DemoOptions {
  port?: string;
  data: string;
  once?: boolean;
}

const defaultPort = 8080;
/** The day the demo looks back from: June 2026 is over and its grace has run out. */
const asOf = '2026-07-06';
/** The last day of the period that is shown; of other frequencies, the period that ends with it. */
const lastDay = '2026-06-30';
const channelName = 'revenue-controls';
const tokenName = 'demo';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .summary('run the controls over the demo company, and serve')
    .description(
      'Brings a company, an embedded Postgres and a stand-in Slack; runs every control for June\n' +
        '2026, prints the statements, delivers the alerts and serves the REST API until Ctrl-C.\n' +
        'Exceptions are what it is there to show: they leave its exit code at 0.',
    )
    .option('--port <n>', `port of the REST API (default: ${defaultPort}, or a free one)`)
    .option('--data <folder>', 'where its data is kept', path.join('data', 'demo'))
    .option('--once', 'end after the summary')
    .action(action(demo));
}

async function demo(means: Means, options: DemoOptions): Promise<number> {
  const { session, terminal } = means;
  const steps = new DemoSteps(means);
  terminal.print([
    terminal.page.paint.strong('Tieout demo'),
    `Northwind Intelligence closes June 2026; today is ${asOf}.`,
    '',
  ]);
  const port = await choosePort(options.port);
  const slack = await steps.do('Slack stand-in', openStandIn(means), () => `#${channelName}`);
  const workspace = await steps.do(
    'Postgres',
    openWorkspace(session, settingOf(demoConfig(options.data, port, slack))),
    ({ database }) => database.location,
  );
  const landings = await steps.do('Books', syncAndShow(workspace, means), (landed) => {
    const rows = landed.reduce((sum, { rows }) => sum + BigInt(rows), 0n);
    return `${counted(landed.length, 'file')} landed, ${counted(String(rows), 'row')}`;
  });
  const checked = await steps.do(
    'Controls',
    openSoundCatalog(workspace),
    ({ catalog }) => `${counted(catalog.controls.length, 'control')}, nothing wrong`,
  );
  terminal.print(['']);
  const reports = await runDemo(workspace, checked, means);
  const alerts = await deliver(workspace, slack, means);
  const served = options.once === true ? null : await serve(workspace, checked, means);
  const elapsedMs = Math.round(performance.now());
  terminal.print(renderDemoEnd({ reports, alerts, served, elapsedMs }, terminal.page));
  terminal.printJson({ elapsed_ms: elapsedMs, landings, runs: reports, alerts, served });
  if (served !== null) await session.serveUntilStopped();
  const code = exitCodeOf(reports.map(({ run }) => run.outcome));
  return code === exitCodes.exceptions ? exitCodes.ok : code;
}

async function choosePort(text: string | undefined): Promise<number> {
  if (text === undefined) return (await listeningPort(defaultPort)) ?? (await anyPort());
  const wanted = /^\d{1,5}$/.test(text) ? Number.parseInt(text, 10) : 65_536;
  if (wanted > 65_535)
    throw new Refusal('invalid_request', `--port is a number up to 65535, not '${text}'.`);
  const free = await listeningPort(wanted);
  if (free === null)
    throw new Refusal('invalid_request', `Another program listens on port ${wanted}.`);
  return free;
}

async function anyPort(): Promise<number> {
  const port = await listeningPort(0);
  if (port === null) throw new Error('no port of this machine is free');
  return port;
}

async function openStandIn({ session }: Means): Promise<SlackStandIn & { token: string }> {
  const token = `xoxb-${randomUUID()}`;
  const { slack } = loadConfig({}, demoConfigFile);
  if (slack === undefined) throw new Error('the configuration of the demo names no channel');
  const channels = [{ id: slack.channel, name: channelName }];
  const standIn = await startSlackStandIn({ token, channels });
  session.onClose(() => standIn.stop());
  return { ...standIn, token };
}

/** The shipped configuration, with what only this start of the demo knows. */
function demoConfig(
  dataDir: string,
  port: number,
  { apiUrl, token }: SlackStandIn & { token: string },
): Config {
  const config = loadConfig(undefined, demoConfigFile, 'warn');
  return {
    ...config,
    // Its own database, whatever the environment names for others.
    database: null,
    data_dir: path.resolve(dataDir),
    slack: { channel: config.slack?.channel ?? '', token, api_url: apiUrl },
    server: { host: '127.0.0.1', port, public_url: `http://127.0.0.1:${port}` },
  };
}

async function openSoundCatalog({ config, database }: Workspace): Promise<CheckedCatalog> {
  const checked = await openCatalog(config, database);
  if (checked.problems.length > 0) throw new InvalidInput('controls', checked.problems);
  return checked;
}

function runDemo(
  workspace: Workspace,
  { catalog }: CheckedCatalog,
  means: Means,
): Promise<RunReport[]> {
  const requests = catalog.controls.flatMap(({ control }) => {
    const period = lastClosed(control.frequency, lastDay);
    if (period === null) return [];
    return workspace.config.entities.map((entity) => ({
      control: control.id,
      entity: entity.id,
      period,
      asOf,
      cause: 'requested' as const,
      reason: null,
      requestedBy: 'tieout demo',
    }));
  });
  return runAndShow(requests, runDependencies({ ...workspace, catalog }), means);
}

/** At once: the stand-in does not limit how many messages it takes a second. */
async function deliver(
  workspace: Workspace,
  slack: SlackStandIn,
  { session }: Means,
): Promise<DemoAlerts> {
  const result = await deliverAlerts(workspace, session, { paceMs: 0 });
  const channel = workspace.config.slack?.channel ?? '';
  const causes = slack
    .messages(channel)
    .filter(({ threadTs }) => threadTs === null)
    .map(({ text }) => text.split('\n')[0] ?? '');
  return { url: slack.url, channel: channelName, sent: result?.sent ?? 0, causes };
}

async function serve(
  workspace: Workspace,
  { catalog }: CheckedCatalog,
  { session }: Means,
): Promise<ServedDemo> {
  const { database, clock } = workspace;
  const { url } = await serveApi(session, workspace, catalog);
  // One live token at a time: the last start's was shown on a screen that is gone.
  await new TokensStore(database.app).revoke(tokenName, clock.now());
  const request = { name: tokenName, scope: 'write', expiresInDays: 1 } as const;
  const token = await createToken(database.app, request, clock);
  return { url, token, links: await demoLinks(workspace) };
}
