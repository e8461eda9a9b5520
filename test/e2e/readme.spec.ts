import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const root = path.join(__dirname, '..', '..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');

/** Shell lines of the README that call the product, in order. */
const commands = [...readme.matchAll(/```sh\n([^]*?)```/g)]
  .flatMap(([, block = '']) => block.trim().split('\n'))
  .filter((line) => /^node bin\/tieout\.js .*(examples\/two-files|--out data\/)/.test(line));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tieout-readme-'));
  cpSync(path.join(root, 'examples'), path.join(folder, 'examples'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tieout(line: string): { status: number | null; stdout: string } {
  const runner = path.join(root, 'test', 'support', 'typescript.js');
  const args = line.split(' ').slice(2);
  return spawnSync(
    process.execPath,
    ['--require', runner, path.join(root, 'src', 'cli.ts'), ...args],
    { cwd: folder, encoding: 'utf8' },
  );
}

test('the commands of the README do what it says, in its order', () => {
  expect(commands.map((line) => line.split(' ')[2])).toEqual([
    'controls',
    'controls',
    'run',
    'exceptions',
    'sandbox',
  ]);
  const [validate, cases, run, exceptions, sandbox] = commands.map(tieout);
  expect(validate).toMatchObject({ status: 0 });
  expect(cases).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('4 cases, all as expected') as string,
  });
  expect(run?.status).toBe(2);
  expect(run?.stdout.replaceAll(/ {2,}/g, ' ')).toContain('Orders (shop) 5 2,125.15');
  expect(run?.stdout.replaceAll(/ {2,}/g, ' ')).toContain('Payments (bank) 5 1,754.91');
  expect(run?.stdout).toContain('foots: yes');
  expect(run?.stdout).toContain('Dune GmbH ordered for 310.25 on 2026-06-24 and has not paid.');
  expect(exceptions?.stdout).toContain('CA90-UNPAID');
  expect(sandbox).toMatchObject({ status: 0 });
  expect(sandbox?.stdout).toMatch(/^\d+ customers, [\d,]+ rows in \d+ files, as of 2026-07-07T/);
});
