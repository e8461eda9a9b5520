import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { controlPages, type ControlPage } from '../../src/catalog/control-docs';
import { loadCatalog } from '../../src/catalog/load-catalog';

const root = path.resolve(__dirname, '..', '..');

/** docs/controls as the folders under controls/ say it should be. */
export async function controlDocs(): Promise<{ dir: string; pages: ControlPage[] }> {
  const { controls, problems } = await loadCatalog(path.join(root, 'controls'));
  if (problems.length > 0) throw new Error(`${problems.length} problems in controls/`);
  const pages = controlPages(controls, ({ folder }) => {
    const file = path.join(folder, 'README.md');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  });
  return { dir: path.join(root, 'docs', 'controls'), pages };
}
