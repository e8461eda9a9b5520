import { spawnSync } from 'node:child_process';
import * as path from 'node:path';

test('the client of the page is generated from the API as it is', () => {
  const root = path.join(__dirname, '..', '..');
  const generator = ['scripts/run-ts.cjs', 'test/support/write-web-client.ts', '--check'];
  const { stdout } = spawnSync(process.execPath, generator, { cwd: root, encoding: 'utf8' });
  // When this fails: npm run web:client, and mend what no longer fits.
  expect(stdout).toBe('web/api/schema.d.ts is as the API is\n');
});
