import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { controlDocs } from '../../test/support/control-docs';

test('docs/controls is what the folders say; `npm run docs:controls` writes it again', async () => {
  const { dir, pages } = await controlDocs();
  expect(readdirSync(dir).sort()).toEqual(pages.map(({ file }) => file).sort());
  const stale = pages.filter(
    ({ file, text }) => readFileSync(path.join(dir, file), 'utf8') !== text,
  );
  expect(stale.map(({ file }) => file)).toEqual([]);
});
