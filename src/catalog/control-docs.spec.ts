import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { controlDocs } from '../../test/support/control-docs';
import { loadCatalog } from './load-catalog';

test('docs/controls is what the folders say; `npm run docs:controls` writes it again', async () => {
  const { dir, pages } = await controlDocs();
  expect(readdirSync(dir).sort()).toEqual(pages.map(({ file }) => file).sort());
  const stale = pages.filter(
    ({ file, text }) => readFileSync(path.join(dir, file), 'utf8') !== text,
  );
  expect(stale.map(({ file }) => file)).toEqual([]);
});

test('the changelog names every control by its title', async () => {
  const { controls } = await loadCatalog('controls');
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  const unnamed = controls.filter(
    ({ control: { id, title } }) =>
      !new RegExp(`^\\| ${id} \\| .* \\| ${title} \\|$`, 'm').test(changelog),
  );
  expect(unnamed.map(({ control }) => control.id)).toEqual([]);
});
