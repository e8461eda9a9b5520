// Builds web/ into dist/web, unless what is there is newer than everything it is made of.
import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const built = path.join('dist', 'web', 'index.html');
const builtAt = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sources = readdirSync('web', { recursive: true }).map((name) => path.join('web', name));
const isNewer = (file) => statSync(file).mtimeMs > builtAt;

if (['package-lock.json', ...sources].some(isNewer)) {
  rmSync(path.join('dist', 'web'), { recursive: true, force: true });
  const { build } = await import('vite');
  await build({ configFile: path.join('web', 'vite.config.mjs'), logLevel: 'warn' });
}
