import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { clientFile, webClient } from '../support/web-client';

test('the client of the page is generated from the API as it is', async () => {
  const kept = readFileSync(path.join(__dirname, '..', '..', clientFile), 'utf8');
  // When this fails: npm run web:client, and mend what no longer fits.
  expect(kept).toBe(await webClient());
});
