import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { createToken } from '../access/create-token';
import { TokensStore } from '../access/tokens.store';
import { lastClosed } from './plan-runs';
import { periodLength } from '../core/control';
import { InvalidInput, Refusal } from '../core/problem';
import type { Config } from '../platform/config';
import { runDependencies } from '../runs/run-dependencies';
import { demoClose } from '../sandbox/northwind/demo-wish';
import { northwindConfig } from '../sandbox/northwind/northwind-config';
import { startSlackStandIn, type SlackStandIn } from '../sandbox/slack/slack-stand-in';
import { action, type Means } from './command';
import { deliverAlerts } from './deliver-alerts';
import { exitCodeOf, exitCodes } from './exit-code';
import { listeningPort } from './listening-port';
import { openCatalog, type CheckedCatalog } from './open-catalog';
import { demoBooks, demoData } from './demo-at-rest';
import { openWorkspace, settingOf, type Workspace } from './open-workspace';
import {
  demoDataDir,
  openDemoCompany,
  readDemoCompany,
  resumeClock,
  waitApart,
  type DemoCompany,
} from './demo-company';
import { demoLinks } from './demo-people';
import { plantedAndFound } from './demo-planted';
import { DemoSteps } from './demo-steps';
import { renderDemoEnd, type DemoAlerts, type ServedDemo } from './render-demo';
import { runAndShow } from './run-and-show';
import type { RunReport } from './run-report';
import { serveApi } from './serve.command';
import { describeReading, problemsOf } from './sync-apis-and-show';
import { counted } from './text-layout';

interface DemoOptions {
  port?: string;
  data: string;
  once?: boolean;
}

const defaultPort = 8080;
const channelName = 'revenue-controls';
const slackChannel = 'C0NORTHWIND';
const tokenName = 'demo';
/** DuckDB judges one while Postgres copies the other. */
const runsAtOnce = 2;

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .summary('run the controls over the demo company, and serve')
    .description(
      'Brings a company with its Stripe, Salesforce, warehouse and Slack, and an embedded ' +
        'Postgres; reads the company as a production is read, runs every control for the month ' +
        'it closes, prints the statements and what was planted and found, delivers the alerts ' +
        'and serves the REST API until Ctrl-C. Exceptions leave its exit code at 0.',
    )
    .option('--port <n>', `port of the REST API (default: ${defaultPort}, or a free one)`)
    .option('--data <folder>', 'where its data is kept', demoData)
    .option('--once', 'end after the summary')
    .action(action(demo));
}

async function demo(means: Means, options: DemoOptions): Promise<number> {
  const { session, terminal } = means;
  const steps = new DemoSteps(means);
  terminal.print([
    terminal.page.paint.strong('Tieout demo'),
    `Northwind Intelligence closes ${demoClose.month}; today is ${demoClose.today}.`,
    '',
  ]);
  const port = await choosePort(options.port);
  const slack = await steps.do('Slack stand-in', openStandIn(means), () => `#${channelName}`);
  const dataDir = demoDataDir(options.data);
  const company = await steps.do(
    'Company',
    openDemoCompany(session, dataDir),
    () => 'two Stripe accounts, a Salesforce org and a warehouse answer',
  );
  const workspace = await steps.do(
    'Postgres',
    openWorkspace(session, settingOf(demoConfig(dataDir, port, { slack, company }))),
    ({ database }) => database.location,
  );
  // Controls are checked while the sources are read: both wait for Postgres most of the time.
  const checking = openSoundCatalog(workspace);
  checking.catch(() => undefined);
  await readTwice(company, workspace, { ...means, steps });
  const checked = await steps.do(
    'Controls',
    checking,
    ({ catalog }) => `${counted(catalog.controls.length, 'control')}, nothing wrong`,
  );
  terminal.print(['']);
  const reports = await steps.timed('Runs', runDemo(workspace, checked, means));
  const found = await plantedAndFound(workspace.database.app, company.folder, checked.catalog);
  const alerts = await steps.timed('Alerts', deliver(workspace, slack, means));
  const served = options.once === true ? null : await serve(workspace, checked, means);
  const elapsedMs = Math.round(performance.now());
  terminal.print(renderDemoEnd({ reports, found, alerts, served, elapsedMs }, terminal.page));
  const { phases } = steps;
  terminal.printJson({ elapsed_ms: elapsedMs, phases, ...found, runs: reports, alerts, served });
  if (served !== null) await session.serveUntilStopped();
  const code = exitCodeOf(reports.map(({ run }) => run.outcome));
  return code === exitCodes.exceptions ? exitCodes.ok : code;
}

/** The first time twice, a quarter of an hour apart; later starts read what is new. */
async function readTwice(
  company: DemoCompany,
  workspace: Workspace,
  means: Means & { steps: DemoSteps },
): Promise<void> {
  const isLater = await resumeClock(company, workspace.database.app);
  const read = (name: string): Promise<unknown> =>
    means.steps.do(name, readDemoCompany(company, workspace, means), (syncs) => {
      const problems = syncs.flatMap(problemsOf);
      if (problems.length > 0) throw new Error(`not read: ${problems.join('; ')}`);
      return describeReading(syncs);
    });
  await read(isLater ? 'Read again' : 'First read');
  if (isLater) return;
  waitApart(company);
  await read('15 min later');
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
  const channels = [{ id: slackChannel, name: channelName }];
  const standIn = await startSlackStandIn({ token, channels });
  session.onClose(() => standIn.stop());
  return { ...standIn, token };
}

/** The company's configuration, with what only this start of the demo knows. */
function demoConfig(
  dataDir: string,
  port: number,
  {
    slack: { apiUrl, token },
    company: { served, warehouse },
  }: { slack: SlackStandIn & { token: string }; company: DemoCompany },
): Config {
  const config = northwindConfig({ ...served, warehouseUrl: warehouse.url }, 'warn');
  return {
    ...demoBooks(config, dataDir),
    slack: { channel: slackChannel, token, api_url: apiUrl },
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
    const period = lastClosed(periodLength(control), demoClose.lastDay);
    if (period === null) return [];
    return workspace.config.entities.map((entity) => ({
      control: control.id,
      entity: entity.id,
      period,
      asOf: demoClose.asOf,
      cause: 'requested' as const,
      reason: null,
      requestedBy: 'tieout demo',
    }));
  });
  return runAndShow(requests, runDependencies({ ...workspace, catalog }), means, runsAtOnce);
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
