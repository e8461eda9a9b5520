import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface TextFile {
  /** From the root of the project, with forward slashes. */
  path: string;
  text: string;
}

export const projectRoot = path.resolve(__dirname, '../..');

/** What is not written by hand, or not ours: dependencies and build output at any depth. */
const skippedNames = new Set(['.git', 'node_modules', 'dist', 'coverage']);
/** A server's own data, by default. */
const dataFolder = 'data';
const textName =
  /\.(c?ts|tsx|[cm]?js|json|ya?ml|sql|md|html|css|sh)$|(^|\/)(\.ci\/run|Dockerfile)$/;

/**
 * Every text file of the project. Read from the disk, not from git, so that it also works in an
 * unpacked archive and in a clone that belongs to another account.
 */
export function readSourceTree(root: string = projectRoot): TextFile[] {
  const files: TextFile[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const skipped = skippedNames.has(entry.name) || name === dataFolder;
      if (entry.isDirectory() && !skipped) visit(name);
      if (entry.isFile() && textName.test(name) && name !== 'package-lock.json')
        files.push({ path: name, text: readFileSync(path.join(root, name), 'utf8') });
    }
  };
  visit('');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
