import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import { Option, type Command } from 'commander';
import { Refusal } from '../core/problem';
import { DAY, instantOf, isoInstant } from '../sandbox/kit/instants';
import { serveWorld } from '../sandbox/serve/serve-world';
import type { WorldManifest } from '../sandbox/world/folder-sink';
import type { GeneratedWorld, GenerationStep } from '../sandbox/world/generate-world';
import { companyInjections, customerInjections, injectionIds } from '../sandbox/world/injections';
import { readManifest } from '../sandbox/world/read-manifest';
import { worldOrders, type WorldWish } from '../sandbox/world/world-request';
import { writeWorld } from '../sandbox/world/write-world';
import { action, type Means } from './command';
import { exitCodes } from './exit-code';
import { LiveLines } from './live-lines';
import { bar } from './render-progress';
import { renderTable } from './render-table';
import { counted, duration, groupDigits } from './text-layout';

interface SandboxOptions {
  seed: string;
  scale: string;
  now: string;
  inject?: string;
  magnitude: WorldWish['magnitude'];
  where: WorldWish['where'];
  out?: string;
  advance?: string;
  list?: boolean;
  serve?: boolean;
  withoutLookalikes?: boolean;
}

const defaultNow = '2026-07-07T13:05:00Z';

export function addSandboxCommand(program: Command): void {
  program
    .command('sandbox')
    .summary('make a company whose true history is known')
    .description(
      'Writes a world of Northwind Intelligence into a folder: what Stripe, Salesforce and the ' +
        'warehouse hold of it, and the truth. The same options make the same bytes anywhere.',
    )
    .option('--seed <text>', 'which company', '1')
    .option('--scale <n>', 'how large: 1 has 12,800 customers', '0.02')
    .option('--now <instant>', 'nothing after this has happened', defaultNow)
    .option('--inject <ids>', 'anomalies to plant: A01,A33 or all (see --list)')
    .addOption(choice('--magnitude <size>', 'how large each is', ['low', 'high'], 'high'))
    .addOption(
      choice('--where <place>', 'where in time', ['anywhere', 'edge', 'last-month'], 'anywhere'),
    )
    .option('--without-lookalikes', 'leave out what looks wrong and is not')
    .option('--out <folder>', 'a folder that does not exist yet')
    .option('--advance <days>', 'make the world in --out again, so many days later: 30d')
    .option('--serve', 'serve the world in --out as Stripe and Salesforce, until Ctrl-C')
    .option('--list', 'list the anomalies that can be planted')
    .action(action(sandbox));
}

const choice = (flags: string, text: string, values: string[], byDefault: string): Option =>
  new Option(flags, text).choices(values).default(byDefault);

async function sandbox(means: Means, options: SandboxOptions): Promise<number> {
  const { terminal } = means;
  if (options.list === true) return listInjections(means);
  if (options.out === undefined)
    throw refusal('Name the folder to write the world into: --out <folder>.');
  const out = path.resolve(options.out);
  if (options.serve === true && options.advance === undefined && existsSync(out))
    return serve(means, out);
  if (options.advance === undefined && existsSync(out))
    throw refusal(`${options.out} exists; name a folder that does not.`);
  const wish = options.advance === undefined ? wishOf(options) : later(out, options.advance);
  const beganMs = performance.now();
  const { manifest, made } = await writeInto(means, wish, out);
  const files = Object.values(manifest.files);
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  terminal.print([
    `${counted(made.customers, 'customer')}, ${counted(groupDigits(String(rows)), 'row')} in ` +
      `${counted(files.length, 'file')}, as of ${wish.now}`,
    `${options.out}  ${duration(performance.now() - beganMs)}`,
    ...made.without.map((id) => `${id} found nobody to befall at this scale and seed.`),
  ]);
  if (options.serve === true) return serve(means, out);
  terminal.printJson({ folder: out, ...made, ...manifest });
  return exitCodes.ok;
}

async function serve({ session, terminal }: Means, folder: string): Promise<number> {
  const served = await serveWorld(folder);
  session.onClose(() => served.stop());
  const { stripe, salesforce } = served;
  const access = {
    stripe: { api_url: stripe.url, keys: stripe.keys },
    salesforce: {
      ...{ login_url: salesforce.url, client_id: salesforce.clientId },
      ...{ username: salesforce.username, private_key: salesforce.privateKey },
    },
    warehouse: path.join(folder, 'warehouse'),
  };
  terminal.print([
    `Stripe      ${stripe.url}`,
    ...Object.entries(stripe.keys).map(([entity, key]) => `  ${entity}     ${key}`),
    `Salesforce  ${salesforce.url}  ${salesforce.username}, client ${salesforce.clientId}`,
    ...salesforce.privateKey.trimEnd().split('\n'),
    `Warehouse   ${access.warehouse}`,
  ]);
  terminal.printJson(access);
  terminal.note('Serving until Ctrl-C.');
  await session.serveUntilStopped();
  return exitCodes.ok;
}

const refusal = (message: string): Refusal => new Refusal('invalid_request', message);

function wishOf(options: SandboxOptions): WorldWish {
  const { seed, now, inject, magnitude, where } = options;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(now) || Number.isNaN(Date.parse(now)))
    throw refusal(`--now is an instant such as ${defaultNow}, not '${now}'.`);
  return {
    ...{ seed, now, magnitude, where },
    scale: /^\d*\.?\d+$/.test(options.scale) ? Number(options.scale) : Number.NaN,
    lookAlikes: options.withoutLookalikes !== true,
    injections: inject === 'all' ? injectionIds : (inject?.split(',').map((id) => id.trim()) ?? []),
  };
}

/** The wish of the world in a folder, so many days on. */
function later(folder: string, days: string): WorldWish {
  if (!/^\d{1,4}d$/.test(days)) throw refusal(`--advance is a number of days: 30d, not '${days}'.`);
  const { wish } = readManifest(folder);
  const now = instantOf(wish.now) + Number.parseInt(days, 10) * DAY;
  return { ...wish, now: isoInstant(now) };
}

/** Into a folder beside the goal, which takes its place once it is whole. */
async function writeInto(
  { session, terminal }: Means,
  wish: WorldWish,
  out: string,
): Promise<{ manifest: WorldManifest; made: GeneratedWorld }> {
  requirePossible(wish);
  const unfinished = `${out}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  const live = new LiveLines(terminal.bars);
  session.onClose(() => live.clear());
  let line = '';
  live.show(() => [line]);
  const written = await writeWorld({ wish, folder: unfinished }, (step, done, of) => {
    const count = `${groupDigits(String(done))} of ${groupDigits(String(of))} customers`;
    line = `  ${bar(Math.floor((done * 20) / of))}  ${doing[step]}  ${count}`;
  });
  live.clear();
  await rm(out, { recursive: true, force: true });
  await rename(unfinished, out);
  return written;
}

function requirePossible(wish: WorldWish): void {
  try {
    worldOrders(wish);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw refusal(`${cause.message.charAt(0).toUpperCase()}${cause.message.slice(1)}.`);
  }
}

const doing: Readonly<Record<GenerationStep, string>> = {
  choose: 'choosing whom to befall',
  count: 'counting',
  write: 'writing',
};

function listInjections({ terminal }: Means): number {
  const rows = [...customerInjections, ...companyInjections]
    .map(({ id, title }) => ({ id, title }))
    .sort((a, b) => injectionIds.indexOf(a.id) - injectionIds.indexOf(b.id));
  terminal.print([
    ...renderTable(
      rows,
      [
        { title: 'id', cell: ({ id }) => id },
        { title: 'what is planted', cell: ({ title }) => title, shrinks: true },
      ],
      terminal.page,
    ),
    '',
    counted(rows.length, 'anomaly', 'anomalies'),
  ]);
  terminal.printJson({ injections: rows });
  return exitCodes.ok;
}
