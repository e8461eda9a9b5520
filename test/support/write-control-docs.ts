import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { controlDocs } from './control-docs';

// node scripts/run-ts.cjs test/support/write-control-docs.ts
void (async () => {
  const { dir, pages } = await controlDocs();
  mkdirSync(dir, { recursive: true });
  for (const file of readdirSync(dir)) rmSync(path.join(dir, file));
  for (const { file, text } of pages) writeFileSync(path.join(dir, file), text);
  process.stdout.write(`docs/controls: ${pages.length} pages\n`);
})();
