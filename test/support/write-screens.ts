import { existsSync, mkdirSync } from 'node:fs';
import * as path from 'node:path';
import { chromium, type Page } from 'playwright-core';

/**
 * Pictures of every screen of a server that runs, to be looked at: 1440 px light, 390 px dark, and
 * a run as it is printed. A link works once; afterwards the address of the server does: whoever
 * signed in for this folder still is.
 */
const usage = 'npm run docs:screens -- <sign-in link> [folder]';
const [link = '', folder = 'data/screens'] = process.argv.slice(2);
const browserPath = process.env.TIEOUT_TEST_BROWSER ?? '/usr/bin/chromium';
const session = path.join(folder, 'session.json');
const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };

/** A screen, and the links that lead on from it. */
const screens: Record<string, readonly string[]> = {
  '/': [],
  '/exceptions': ['main [role=row] a, main tbody a'],
  '/reconciling-items': [],
  '/controls': ['main tbody a, main [role=row] a', 'main a[href$="/versions"]'],
  '/runs': ['main tbody a'],
  '/sources': [],
  '/periods': [],
  '/audit': [],
  '/people': [],
  '/account': [],
};

/** One answer may lead to the next question: a screen is whole when it stays so for a moment. */
async function quiet(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  const waiting = page.locator('.mantine-Skeleton-root').first();
  await waiting.waitFor({ state: 'detached' });
  await page.waitForTimeout(300);
  await waiting.waitFor({ state: 'detached' });
}

async function picture(page: Page, name: string): Promise<void> {
  await quiet(page);
  await page.screenshot({ path: path.join(folder, `${name}-1440.png`), fullPage: true });
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize(narrow);
  await quiet(page);
  await page.screenshot({ path: path.join(folder, `${name}-390-dark.png`), fullPage: true });
  if (name.startsWith('runs-')) {
    await page.setViewportSize({ width: 794, height: 1123 });
    await page.emulateMedia({ media: 'print', colorScheme: 'light' });
    await page.screenshot({ path: path.join(folder, `${name}-print.png`), fullPage: true });
  }
  await page.emulateMedia({ media: 'screen', colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(wide);
}

async function main(): Promise<void> {
  if (!URL.canParse(link)) {
    process.stderr.write(
      `${usage}\nA running server prints a link: tieout demo, or sign-in-link.\n`,
    );
    process.exitCode = 2;
    return;
  }
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  try {
    const isKnown = !link.includes('#link=') && existsSync(session);
    const context = await browser.newContext({
      ...(isKnown ? { storageState: session } : {}),
      ...{ locale: 'en-US', viewport: wide, reducedMotion: 'reduce' },
    });
    const page = await context.newPage();
    await page.goto(link);
    await quiet(page);
    const { origin } = new URL(page.url());
    await context.storageState({ path: session });
    for (const [address, links] of Object.entries(screens)) {
      const name = address.slice(1) || 'overview';
      await page.goto(`${origin}${address}`);
      await picture(page, name);
      for (const [step, further] of links.entries()) {
        await page.locator(further).first().click();
        await page.waitForURL((url) => url.pathname !== address);
        await picture(page, `${name}-${step + 1}`);
      }
    }
    process.stdout.write(`${folder}: ${Object.keys(screens).length} screens\n`);
  } finally {
    await browser.close();
  }
}

void main();
