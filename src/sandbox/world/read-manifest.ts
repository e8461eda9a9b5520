import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { InvalidInput } from '../../core/problem';
import type { WorldManifest } from './folder-sink';

/** What world.json of a folder says. Throws InvalidInput when the folder holds no world. */
export function readManifest(folder: string): WorldManifest {
  const file = path.join(folder, 'world.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as WorldManifest;
  throw new InvalidInput('sandbox world', [
    {
      file,
      message: 'does not exist.',
      remedy: `Make the world first: tieout sandbox --out ${folder}.`,
    },
  ]);
}
