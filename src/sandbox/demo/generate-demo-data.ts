import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { demoData } from './demo-data';

/**
 * Writes the demo's data beside this file; run it after a change of the generator:
 * `node scripts/run-ts.cjs src/sandbox/demo/generate-demo-data.ts`.
 */
export function generateDemoData(folder: string): void {
  const { files, expected } = demoData();
  mkdirSync(path.join(folder, 'data'), { recursive: true });
  for (const { name, content } of files) writeFileSync(path.join(folder, 'data', name), content);
  const truth = `${JSON.stringify(expected, null, 2)}\n`;
  writeFileSync(path.join(folder, 'expected-findings.json'), truth);
}

if (require.main === module || process.argv[1] === __filename) generateDemoData(__dirname);
