import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { Refusal } from '../core/problem';

/** Shapes of control that one can begin from; each is a folder of templates. */
export const controlShapes = ['tie-out', 'findings', 'assertion'] as const;
export type ControlShape = (typeof controlShapes)[number];

export interface NewControl {
  id: string;
  title: string;
  /** Kebab-case; null: that of the controls whose ids have the same letters. */
  process: string | null;
  shape: ControlShape;
  /** The entity that its cases are of. */
  entity: string;
}

const templates = path.join(__dirname, 'templates');
const refusal = (message: string): Refusal => new Refusal('invalid_request', message);

/**
 * Writes the folder of a new control: sound, with cases that hold, so that its author only ever
 * changes something that works. Returns its folder and files, from `dir`. Throws Refusal when the
 * id is taken or not one, or when no process follows from it.
 */
export async function writeNewControl(
  dir: string,
  wish: NewControl,
): Promise<{ folder: string; files: string[] }> {
  const { id, title, shape } = wish;
  if (!/^[A-Z]{2,5}-\d{2,3}$/.test(id))
    throw refusal(`'${id}' is not an id: write letters and a number, such as BK-90.`);
  const folders = existsSync(dir) ? await controlFolders(dir) : [];
  const taken = folders.find(({ name }) => name.startsWith(`${id}-`));
  if (taken)
    throw refusal(`${id} is ${taken.process}/${taken.name}; ${freeId(id, folders)} is free.`);
  const slug = slugOf(title);
  if (slug === '')
    throw refusal('--title says what should hold, in words: "Orders are billed in full".');
  const folder = path.join(processOf(wish, folders), `${id}-${slug}`);
  const root = path.join(templates, shape);
  const files = (await readdir(root, { recursive: true })).filter((file) => /\.\w+$/.test(file));
  for (const file of files.sort()) {
    const text = await readFile(path.join(root, file), 'utf8');
    const to = path.join(dir, folder, file);
    await mkdir(path.dirname(to), { recursive: true });
    await writeFile(to, filled(text, wish, path.dirname(folder)), { flag: 'wx' });
  }
  return { folder, files };
}

/** A template names what is to be replaced by values that are valid themselves. */
function filled(text: string, { id, title, entity }: NewControl, process: string): string {
  return text
    .replaceAll('ZZ-00', id)
    .replaceAll('ZZ00-', `${id.replace('-', '')}-`)
    .replace('title: Title of the control', `title: ${JSON.stringify(title)}`)
    .replace('process: process-of-it', `process: ${process}`)
    .replace(/^entity: entity$/m, `entity: ${entity}`);
}

interface ControlFolder {
  process: string;
  name: string;
}

async function controlFolders(dir: string): Promise<ControlFolder[]> {
  const found: ControlFolder[] = [];
  for (const process of await readdir(dir, { withFileTypes: true })) {
    if (!process.isDirectory() || process.name === 'populations') continue;
    const names = await readdir(path.join(dir, process.name), { withFileTypes: true });
    for (const folder of names)
      if (folder.isDirectory()) found.push({ process: process.name, name: folder.name });
  }
  return found;
}

function processOf({ id, process }: NewControl, folders: readonly ControlFolder[]): string {
  const letters = id.split('-')[0] ?? '';
  const like = folders.find(({ name }) => name.startsWith(`${letters}-`))?.process;
  const named = process ?? like;
  if (named === undefined) {
    const known = [...new Set(folders.map((folder) => folder.process))].sort().join(', ');
    throw refusal(`No control is called ${letters}-…: name its --process (there are ${known}).`);
  }
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(named) || named === 'populations')
    throw refusal(`'${named}' is no process: write it like master-data.`);
  return named;
}

/** The next number that no folder of these letters has. */
function freeId(id: string, folders: readonly ControlFolder[]): string {
  const [letters = '', number = ''] = id.split('-');
  let next = Number(number);
  const of = (n: number): string => `${letters}-${String(n).padStart(number.length, '0')}`;
  while (folders.some(({ name }) => name.startsWith(`${of(next)}-`))) next += 1;
  return of(next);
}

/** `Orders are billed in full` → `orders-are-billed-in-full`. */
const slugOf = (title: string): string =>
  title
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
