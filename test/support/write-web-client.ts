import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { clientFile, webClient } from './web-client';

// node scripts/run-ts.cjs test/support/write-web-client.ts [--check]
const file = path.resolve(__dirname, '..', '..', clientFile);

void webClient().then((text) => {
  const isStale = readFileSync(file, { encoding: 'utf8', flag: 'a+' }) !== text;
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (isStale) process.exitCode = 1;
  process.stdout.write(`${clientFile} ${isStale ? 'was stale' : 'is as the API is'}\n`);
});
