import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { openScratchDatabase } from '../../src/platform/database/scratch-database';
import { createLogger } from '../../src/platform/logger';
import { booksColumns } from './books-columns';

// node scripts/run-ts.cjs test/support/write-books-columns.ts
void (async () => {
  const logger = createLogger({ level: 'error' });
  const scratch = await openScratchDatabase({ logger, statementMs: 60_000 });
  const reader = await scratch.database.reader();
  const file = path.resolve(__dirname, '..', '..', 'docs', 'books-columns.md');
  writeFileSync(file, await booksColumns(reader));
  await reader.end();
  await scratch.remove();
  process.stdout.write('docs/books-columns.md\n');
})();
