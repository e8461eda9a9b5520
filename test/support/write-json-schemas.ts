import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { jsonSchemas } from '../../src/catalog/json-schemas';

// node scripts/run-ts.cjs test/support/write-json-schemas.ts
const root = path.resolve(__dirname, '..', '..');
for (const { path: file, text } of jsonSchemas()) {
  writeFileSync(path.join(root, file), text);
  process.stdout.write(`${file}\n`);
}
