import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { clientFile, webClient } from './web-client';

// node scripts/run-ts.cjs test/support/write-web-client.ts
const root = path.resolve(__dirname, '..', '..');

void webClient().then((text) => {
  writeFileSync(path.join(root, clientFile), text);
  process.stdout.write(`${clientFile}\n`);
});
