// tsc emits only JavaScript; what the code reads from beside itself goes along.
import { cpSync, statSync } from 'node:fs';
import { extname } from 'node:path';

const carried = new Set(['.sql', '.html', '.css', '.json', '.csv', '.yaml']);

cpSync('src', 'dist', {
  recursive: true,
  filter: (from) => statSync(from).isDirectory() || carried.has(extname(from)),
});
