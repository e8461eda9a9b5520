import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { PeopleDesk } from '../../src/access/people-desk';
import { SignIn } from '../../src/access/sign-in';
import { cliActor } from '../../src/cli/people.command';
import type { Role } from '../../src/core/permissions';
import { SystemClock } from '../../src/platform/clock';
import { openApiBench, type ApiBench } from '../api/api-bench';
import { createTestDatabase, type TestDatabase } from './database';
import { ordersCsv, paymentsCsv } from './workbench';

const root = path.join(__dirname, '..', '..');
const browserPath = process.env.TIEOUT_TEST_BROWSER ?? '/usr/bin/chromium';
const clock = new SystemClock();
const limits = { idleMinutes: 30, absoluteHours: 12 };

/** A server with one run of exceptions, and real Chromium in front of it. */
export interface WebBench {
  url: string;
  api: ApiBench;
  database: TestDatabase;
  /** The page of the person of this role, signed in by a link when it is first asked for. */
  page(role: Role): Promise<Page>;
  /** Another page of that person: of another size, or in other colours. */
  open(role: Role, options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

export async function openWebBench(): Promise<WebBench> {
  const built = spawnSync(process.execPath, ['scripts/build-web.mjs'], { cwd: root });
  if (built.status !== 0) throw new Error(`the page was not built: ${built.stderr.toString()}`);
  const database = await createTestDatabase();
  const api = await openApiBench(database);
  runWithExceptions(api);
  await api.bench.run();
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const open = openerOf(browser, api.server.url, database);
  const pages = new Map<Role, Promise<Page>>();
  return {
    url: api.server.url,
    api,
    database,
    open,
    page: (role) => {
      const page = pages.get(role) ?? open(role);
      pages.set(role, page);
      return page;
    },
    close: async () => {
      await browser.close();
      await api.close();
      await database.drop();
    },
  };
}

/** bravo is short, charlie and delta are not paid, echo was never ordered; alpha agrees. */
function runWithExceptions({ bench }: ApiBench): void {
  bench.write(
    'orders.csv',
    ordersCsv([
      ['alpha', '10.00'],
      ['bravo', '20.00'],
      ['charlie', '3000.00'],
      ['delta', '400.00'],
    ]),
  );
  bench.write(
    'payments.csv',
    paymentsCsv([
      ['p1', 'alpha', '10.00'],
      ['p2', 'bravo', '19.00'],
      ['p3', 'echo', '7.00'],
    ]),
  );
}

/** Each role is one person, added when first asked for. */
function openerOf(browser: Browser, url: string, database: TestDatabase): WebBench['open'] {
  const known = new Set<Role>();
  return async (role, options = {}) => {
    const email = `${role.replace('_', '-')}@example.com`;
    if (!known.has(role)) await addPerson(database, role, email);
    known.add(role);
    const link = await new SignIn(database.app, clock, limits).makeLink(email, cliActor());
    const context = await browser.newContext({
      locale: 'en-US',
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    await page.goto(`${url}/sign-in#link=${link}`);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    return page;
  };
}

async function addPerson(database: TestDatabase, role: Role, email: string): Promise<void> {
  const desk = new PeopleDesk(database.app, clock, [{ id: 'acme' }]);
  const id = await desk.add({ email, name: `The ${role.replace('_', ' ')}` }, cliActor());
  const window = { start: '2026-04-01', end: '2026-07-01' };
  const asAuditor = { window, expiresAt: '2099-01-01T00:00:00.000Z' };
  await desk.grant(
    id,
    { role, entity: null, reason: 'a test', ...(role === 'auditor' ? asAuditor : {}) },
    cliActor(),
  );
}
