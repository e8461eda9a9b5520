import { AxeBuilder } from '@axe-core/playwright';
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { ControlVersions } from '../../src/catalog/control-versions';
import { SystemClock } from '../../src/platform/clock';
import { openWebBench, type WebBench } from '../support/web-bench';

let bench: WebBench;

beforeAll(async () => {
  bench = await openWebBench();
}, 240_000);
afterAll(async () => {
  await bench.close();
});

interface Written {
  status: number;
  body: { code?: string; refused?: { code: string }[] };
}

/** What the API answers to a write that no button offers, sent from the page itself. */
const write = (page: Page, path: string, body: object): Promise<Written> =>
  page.evaluate(
    async ([to, sent]) => {
      const me = await (await fetch('/api/v1/me')).json();
      const answer = await fetch(to, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf_token },
        body: JSON.stringify(sent),
      });
      return { status: answer.status, body: (await answer.json()) as Written['body'] };
    },
    [path, body] as const,
  );

const idIn = (page: Page): string => page.url().split('/').at(-1) ?? '';

/** From the overview to the list to the exception of an order, as a person goes. */
async function openException(page: Page, order: string): Promise<void> {
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await page.getByRole('link', { name: 'Exceptions', exact: true }).click();
  await page.getByLabel('Search causes and keys').fill(order);
  await page.waitForURL(new RegExp(`text=${order}`));
  await page
    .getByRole('row', { name: new RegExp(order) })
    .getByRole('link')
    .click();
  await page.waitForURL(/\/exceptions\/[0-9a-f-]{36}$/);
  await page.getByRole('region', { name: 'Work' }).waitFor();
}

test('two people close an exception: one proposes, another approves', async () => {
  const preparer = await bench.page('preparer');
  await openException(preparer, 'charlie');
  await preparer.getByRole('button', { name: 'Acknowledge' }).click();
  await preparer.getByText('Acknowledged', { exact: true }).first().waitFor();
  await preparer.getByRole('button', { name: 'Propose a disposition' }).click();
  await preparer.getByLabel('Disposition', { exact: true }).selectOption('explained');
  await preparer.getByLabel('Root cause').selectOption('data_entry');
  await preparer.getByLabel('Reason').fill('The payment came to another account.');
  await preparer.getByRole('dialog').getByRole('button', { name: 'Propose a disposition' }).click();
  await preparer.getByText('You proposed this. Somebody else must approve it').waitFor();

  const reviewer = await bench.page('reviewer');
  await reviewer.goto(preparer.url());
  await reviewer.getByText('The payment came to another account.').waitFor();
  await reviewer.getByRole('button', { name: 'Approve and close' }).click();
  await reviewer.getByRole('dialog').getByRole('button', { name: 'Approve and close' }).click();
  await reviewer.getByText('It is settled.').waitFor();
  await expect(reviewer.getByText('Approved and closed').first().isVisible()).resolves.toBe(true);
});

test('nobody approves their own proposal, and an admin none at all', async () => {
  const preparer = await bench.page('preparer');
  await openException(preparer, 'bravo');
  const moves = `/api/v1/exceptions/${idIn(preparer)}/moves`;
  const proposal = {
    move: 'propose',
    disposition: 'false_positive',
    root_cause: 'timing',
    reason: 'The bank keeps a fee of one dollar.',
  };
  expect(await write(preparer, moves, proposal)).toMatchObject({ status: 200 });
  await preparer.reload();
  await preparer.getByText('You proposed this.').waitFor();
  expect(await preparer.getByRole('button', { name: 'Approve and close' }).count()).toBe(0);
  expect(await write(preparer, moves, { move: 'approve' })).toMatchObject({ status: 403 });

  const admin = await bench.page('admin');
  await admin.goto(preparer.url());
  await admin.getByText('A reviewer must approve this').waitFor();
  expect(await write(admin, moves, { move: 'approve' })).toMatchObject({ status: 403 });
});

/** Gives the reason that the dialog asks for, and sends it. */
async function because(page: Page, word: string): Promise<void> {
  await page.getByRole('dialog').getByLabel('Reason').fill('It was looked into.');
  await agree(page, word);
}

test('an expected difference is named by one and approved by another', async () => {
  const preparer = await bench.page('preparer');
  await openException(preparer, 'echo');
  await preparer.getByRole('button', { name: /Name it as a reconciling item/ }).click();
  await preparer.getByLabel('What is expected').fill('Deposit of a customer to be');
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await preparer.getByLabel('Until').fill(until);
  await because(preparer, 'Name it');
  await preparer.getByRole('link', { name: 'Reconciling items' }).click();
  await preparer.getByRole('cell', { name: 'Waits for approval' }).waitFor();
  expect(await preparer.getByRole('button', { name: 'Approve' }).count()).toBe(0);

  const reviewer = await bench.page('reviewer');
  await reviewer.goto(preparer.url());
  await reviewer.getByRole('button', { name: 'Approve' }).click();
  await because(reviewer, 'Approve');
  await reviewer.getByRole('cell', { name: 'In force' }).waitFor();
});

test('two people sign the period once nothing in it is unsettled', async () => {
  const preparer = await bench.page('preparer');
  await settleAll(preparer, await bench.page('reviewer'));
  await preparer.getByRole('link', { name: 'Periods' }).click();
  await preparer.getByLabel('Select all that can be signed').check();
  await preparer.getByRole('button', { name: 'Sign as preparer (1)' }).click();
  await agree(preparer, 'Sign as preparer');
  await preparer.getByText('Prepared', { exact: true }).first().waitFor();
  const own = {
    step: 'review',
    entity: 'acme',
    items: [{ control: 'CA-90', period: '2026-06' }],
    statement: 'I agree with myself.',
  };
  const { body } = await write(preparer, '/api/v1/signoffs', own);
  expect(body).toMatchObject({ signed: [], refused: [{ control: 'CA-90' }] });

  const reviewer = await bench.page('reviewer');
  await reviewer.goto(preparer.url());
  await reviewer.getByLabel('Select CA-90 2026-06').check();
  await reviewer.getByRole('button', { name: 'Sign as reviewer (1)' }).click();
  await agree(reviewer, 'Sign as reviewer');
  await reviewer.getByRole('cell', { name: 'Reviewed' }).waitFor();
});

/** Agrees to the words that stand there. */
async function agree(page: Page, word: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: word }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** In the list, all at once: one proposes, the other approves. */
async function settleAll(preparer: Page, reviewer: Page): Promise<void> {
  const list = `${bench.url}/exceptions?state=open,acknowledged,proposed`;
  await preparer.goto(`${list.replace(',proposed', '')}`);
  await preparer.getByLabel('Select all that are loaded').check();
  await preparer.getByRole('button', { name: 'Propose a disposition' }).click();
  await preparer.getByLabel('Reason').fill('Each was looked into.');
  await agree(preparer, 'Propose a disposition');
  await reviewer.goto(list);
  await reviewer.getByLabel('Select all that are loaded').check();
  await reviewer.getByRole('button', { name: 'Approve and close' }).click();
  await agree(reviewer, 'Approve and close');
  await reviewer.getByText('None fits these filters.').waitFor();
}

test('the list is worked by keyboard, and its filters stand in the address', async () => {
  const page = await bench.page('preparer');
  await page.goto(`${bench.url}/exceptions?control=CA-90&sort=impact`);
  const list = page.getByRole('grid');
  await list.focus();
  await list.press('ArrowDown');
  await list.press('Space');
  await page.getByText('1 exception selected').waitFor();
  await page.getByLabel('Severity', { exact: true }).selectOption('critical,high');
  await page.waitForURL(/control=CA-90&severity=critical,high&sort=impact/);
  await list.focus();
  await list.press('Enter');
  await page.waitForURL(/\/exceptions\/[0-9a-f-]{36}$/);
});

test('an auditor exports and changes nothing', async () => {
  const page = await bench.page('auditor');
  await openException(page, 'delta');
  expect(await page.getByRole('button', { name: 'Comment' }).count()).toBe(0);
  const moves = `/api/v1/exceptions/${idIn(page)}/moves`;
  expect(await write(page, moves, { move: 'acknowledge' })).toMatchObject({ status: 403 });
  await page.getByRole('link', { name: 'Exceptions', exact: true }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  expect((await download).suggestedFilename()).toMatch(/^exceptions.*\.csv$/);
  await page.getByRole('link', { name: 'Audit trail' }).click();
  await page.getByRole('heading', { level: 1, name: 'Audit trail' }).waitFor();
});

/** What axe finds serious on the page as it stands, and how much wider than the window it is. */
async function problemsOf(page: Page, rules: readonly string[]): Promise<string[]> {
  await page.locator('[role=status]').first().waitFor({ state: 'detached' });
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode();
  const { violations } = await (
    rules.length > 0 ? axe.withRules([...rules]) : axe.withTags(standards)
  ).analyze();
  const found = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  const excess = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  return excess > 0 ? [...found, `${excess} px wider than the window`] : found;
}

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Rules whose answer depends on colours, or on what a narrow window leaves room for. */
const byLook = [
  'color-contrast',
  'link-in-text-block',
  'target-size',
  'scrollable-region-focusable',
];
const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };

/** Looks at one screen in both schemes, wide and on a telephone, without loading it again. */
async function lookAt(page: Page, screen: string, found: string[]): Promise<void> {
  for (const problem of await problemsOf(page, [])) found.push(`${screen}: ${problem}`);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize(narrow);
  for (const problem of await problemsOf(page, byLook))
    found.push(`${screen}, dark and narrow: ${problem}`);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(wide);
}

/** Screens of the navigation; those that list things lead to one of them, and that to another. */
const inRow = (page: Page): Locator =>
  page.getByRole('main').getByRole('row').getByRole('link').first();
const screens: Record<string, readonly ((page: Page) => Locator)[]> = {
  Overview: [],
  Exceptions: [inRow],
  'Reconciling items': [],
  Controls: [inRow, (page) => page.getByRole('link', { name: 'Versions', exact: true })],
  Runs: [inRow],
  Sources: [],
  Periods: [],
  'Audit trail': [],
  'People and access': [],
};

test('axe finds nothing serious on any screen in either scheme, and all fits', async () => {
  const page = await bench.page('admin');
  const found: string[] = [];
  for (const [screen, further] of Object.entries(screens)) {
    await page.getByRole('navigation').getByRole('link', { name: screen, exact: true }).click();
    const title = page.getByRole('heading', { level: 1 });
    await title.filter({ hasText: screen }).waitFor();
    await lookAt(page, screen, found);
    for (const [step, link] of further.entries()) {
      const before = (await title.textContent()) ?? '';
      await link(page).click();
      await page
        .getByRole('heading', { level: 1, name: before, exact: true })
        .waitFor({ state: 'detached' });
      await lookAt(page, `${screen}, link ${step + 1}`, found);
    }
  }
  await page.goto(`${bench.url}/account`);
  await page.getByRole('heading', { level: 1, name: 'Your account' }).waitFor();
  await lookAt(page, 'Your account', found);
  expect(found).toEqual([]);
}, 240_000);

test('a changed version is put forward, replayed, and approved by somebody else', async () => {
  const { bench: work } = bench.api;
  const file = path.join(work.dir, 'controls/cash/CA-90-every-order-is-paid/control.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('minor_units: 1,', 'minor_units: 200,'));
  await new ControlVersions(bench.database.app, new SystemClock(), await work.catalog()).register();
  const author = await bench.page('control_author');
  await author.goto(`${bench.url}/controls/CA-90/versions`);
  await author.getByRole('button', { name: 'Put forward' }).click();
  await because(author, 'Put forward');

  const reviewer = await bench.page('reviewer');
  await reviewer.goto(author.url());
  await reviewer.getByRole('button', { name: 'Replay', exact: true }).click();
  await reviewer.getByRole('cell', { name: 'Lost', exact: true }).waitFor();
  await reviewer.getByText('1.00 USD').first().waitFor();
  expect(await problemsOf(reviewer, [])).toEqual([]);
  await reviewer.getByRole('button', { name: 'Approve' }).click();
  await because(reviewer, 'Approve');
  await reviewer.getByText(/seen at its approval/).waitFor();
});

test('somebody sees where they are signed in, and ends it there', async () => {
  const page = await bench.page('viewer');
  const elsewhere = await bench.open('viewer');
  await page.goto(`${bench.url}/account`);
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await page.getByRole('button', { name: 'Sign out everywhere else' }).waitFor({ state: 'hidden' });
  await page.getByText('This one', { exact: true }).waitFor();
  await elsewhere.reload();
  await elsewhere.waitForURL(/sign-in/);
});

test('on a telephone the navigation opens, and leads on', async () => {
  const page = await bench.open('viewer', { viewport: narrow });
  await page.getByRole('button', { name: 'Open the navigation' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'Periods' }).click();
  await page.getByRole('heading', { level: 1, name: /Periods/ }).waitFor();
});

test('the page runs under a policy that allows no inline script', async () => {
  const page = await bench.page('viewer');
  const answer = await page.goto(bench.url);
  const policy = (await answer?.headerValue('content-security-policy')) ?? '';
  expect(policy).toMatch(/script-src 'self'(;|$)/);
  expect(await page.locator('script:not([src])').count()).toBe(0);
});
